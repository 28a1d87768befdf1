/** No pattern that lines of a board go through takes more than linear time: a board decides what it prints. */
import { expect, test, vi } from 'vitest';
import { createFaultFinder, FAULT_WORDS } from '#analysis/kernel-fault.ts';
import { normaliseMessage } from '#analysis/normalise-message.ts';
import { degreeOf } from './regex-degree.ts';

const LINES = [
  'rcu_'.repeat(1000),
  ' '.repeat(1000),
  '[<'.repeat(500),
  'a.'.repeat(500),
  '------------[ cut here ]------------',
  'WARNING: CPU: 1 at x.c:1 f+0x1/0x2',
  'Call Trace:',
  ` ${'a'.repeat(900)}`,
  ' ? f+0x1/0x2',
  ' f+0x1/0x2',
  ' f from g+0x1/0x2',
  'pc : f+0x1/0x2',
  `${' '.repeat(900)}x`,
  'BUG: x',
  'Internal error: Oops [#1]',
  'Unable to handle kernel paging request at 0',
  'INFO: task a:1 blocked for more than 1',
  'Kernel panic - not syncing: Fatal exception',
  'UBSAN: x',
  'Unhandled x',
  'Oops, no',
  '---[ end trace 0 ]---',
];

/** Every pattern that was tried on a text, built or written. */
function patternsIn(body: () => void): RegExp[] {
  const seen = new Map<string, RegExp>();
  const { exec } = RegExp.prototype;
  const spy = vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, text) {
    seen.set(String(this), this);
    return exec.call(this, text);
  });
  body();
  spy.mockRestore();
  return [...seen.values()];
}

test('S-27: the finder of kernel faults and the normaliser try only patterns of linear time', () => {
  const patterns = patternsIn(() => {
    const finder = createFaultFinder();
    for (const [n, line] of LINES.entries()) if (finder.isInside() || FAULT_WORDS.test(line)) finder.take(n, line);
    finder.done();
    normaliseMessage(LINES.join('\n'), ['rpi4-01']);
  });

  expect(patterns.length).toBeGreaterThan(40);
  expect(patterns.filter((pattern) => degreeOf(pattern) > 1).map(String)).toEqual([]);
});

test.each([
  [/rcu_\w+ detected/, 2],
  [/^\s*(?:x|\s*$)/, 2],
  [/a.*|b.*/, 1],
  [/^(?:a+)+$/, 2],
  [/^.*x.*y/, 2],
  [/(?:\.\d{1,9})*/, 1],
])('%s: degree %i', (pattern, degree) => {
  expect(degreeOf(pattern)).toBe(degree);
});
