import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorPatternOf, patternOf } from '#analysis/failure-pattern.ts';
import { compilePattern } from '#analysis/linear-pattern.ts';

const finds = (pattern: string | null, text: string) => {
  const compiled = pattern === null ? null : compilePattern(pattern);
  return compiled?.ok === true && compiled.pattern.test(text);
};

test('the pattern of a message finds the same failure on another board, and no other', () => {
  const pattern = errorPatternOf('login-action timed out after 119 seconds on rpi-1 (-110)', ['rpi-1']);
  expect(pattern).toBe('login-action timed out after .+ on .+ \\(-110\\)');
  expect(finds(pattern, 'login-action timed out after 7 seconds on rpi-2 (-110)')).toBe(true);
  expect(finds(pattern, 'login-action timed out after 7 seconds on rpi-2 (-5)')).toBe(false);
});

test('what differs at an end is left out, and lines are one', () => {
  expect(errorPatternOf('no power at pdu-9', ['pdu-9'])).toBe('no power at');
  expect(errorPatternOf('12 tries\n  no power', [])).toBe('tries\\s+no\\s+power');
});

test('there is none where nothing is left, or it would be too long for a rule', () => {
  expect(errorPatternOf('', [])).toBeNull();
  expect(errorPatternOf('2026-01-01T00:00:00', [])).toBeNull();
  expect(errorPatternOf('no '.repeat(300), [])).toBeNull();
  expect(patternOf('task sh blocked', 'INFO: task sh:7 blocked for more than 120 seconds')).toBeNull();
});

test('whatever the message, a pattern that is told is one and finds it', () => {
  const words = fc.constantFrom(
    '(',
    '[x',
    'a|b',
    '\\d',
    '$1',
    'rpi-1',
    '0x1f',
    ' ',
    '\n',
    '42',
    'ok.',
    '<n>',
    '{2}',
    '\x1b[1m',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(words).map((all) => all.join(' ')),
      ),
      (message) => {
        const pattern = errorPatternOf(message, ['rpi-1']);
        expect(pattern === null || finds(pattern, message)).toBe(true);
      },
    ),
  );
});
