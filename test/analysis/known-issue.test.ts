import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRule } from '#analysis/compile-rule.ts';
import { explainsTest, fitsJob, type IssueRule, isAt } from '#analysis/known-issue.ts';
import { compilePattern } from '#analysis/linear-pattern.ts';

const ANY: IssueRule = {
  ...{ source: null, project: null, deviceType: null, suite: null, name: null },
  ...{ errorPattern: null, logPattern: null, expiresAt: null },
};
const JOB = { deviceType: 'juno-r2', at: 10, hasFailed: true, errorMessage: 'usb hub 3 flaps' };
const fits = (rule: Partial<IssueRule>, job: Partial<typeof JOB> = {}) => {
  const compiled = compileRule({ ...ANY, ...rule });
  return compiled.rule !== null && fitsJob(compiled.rule, { ...JOB, ...job });
};

test('every part that is said must hold', () => {
  expect(fits({ errorPattern: 'hub \\d' })).toBe(true);
  expect(fits({ errorPattern: 'hub \\d', deviceType: 'juno-*' })).toBe(true);
  expect(fits({ errorPattern: 'hub \\d', deviceType: 'x15' })).toBe(false);
  expect(fits({ errorPattern: 'hub$' })).toBe(false);
  expect([9, 10, 11].map((expiresAt) => fits({ deviceType: '*', expiresAt }))).toEqual([false, false, true]);
  expect(fits({ deviceType: '*' }, { hasFailed: false })).toBe(false);
  expect(fits({ suite: '*' }, { hasFailed: false })).toBe(true);
  expect(isAt({ ...ANY, source: 'a' }, { source: 'b', project: null })).toBe(false);
  expect(isAt({ ...ANY, project: 'p' }, { source: 'b', project: null })).toBe(false);
  expect(explainsTest({ ...ANY, name: 'net/p*' }, { suite: 's', set: 'net', name: 'ping' })).toBe(true);
  expect(explainsTest({ ...ANY, name: 'p*' }, { suite: 's', set: 'net', name: 'ping' })).toBe(false);
});

test('S-27: a rule that says nothing, and patterns that no linear engine runs, are refused with their place', () => {
  expect(compileRule({ ...ANY, expiresAt: 1 }).problems).toMatchObject([{ field: 'errorPattern' }]);
  for (const [pattern, at] of [
    ['usb (?=hub)', 4],
    ['(a)\\1', 3],
    ['x{2000}', 1],
    ['ab[z-a]', 3],
    ['((a{100}){100}){100}', 15],
  ] as const)
    expect(compilePattern(pattern), pattern).toMatchObject({ ok: false, at });
});

test('a place that is found begins a match, whatever the pattern and the text', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', 'é', '.', 'a*', '(?:ab)+', '[^b]', '\\d'), {
    minLength: 1,
    maxLength: 6,
  });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '1', '😀'), maxLength: 12 });
  fc.assert(
    fc.property(pattern, text, (parts, line) => {
      const compiled = compilePattern(parts.join(''));
      if (!compiled.ok) throw new Error(compiled.problem);
      const match = new RegExp(parts.join(''), 'u').exec(line);
      expect(compiled.pattern.test(line)).toBe(match !== null);
      expect(compiled.pattern.indexIn(line)).toBe(match?.index ?? -1);
    }),
  );
});
