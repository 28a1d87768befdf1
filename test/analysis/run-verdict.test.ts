import { expect, test } from 'vitest';
import { speakingRun } from '#analysis/run-verdict.ts';

const [PASS, SKIP, FAIL] = [0, 1, 3];

test('the newest run speaks for the last, and the newest of the worst for the worst', () => {
  expect(speakingRun([FAIL, PASS, FAIL, PASS], 'LAST')).toBe(3);
  expect(speakingRun([FAIL, PASS, FAIL, PASS], 'WORST')).toBe(2);
});

test('the newest of those that say what most say speaks for the majority', () => {
  expect(speakingRun([PASS, FAIL, PASS, FAIL, FAIL], 'MAJORITY')).toBe(4);
  expect(speakingRun([PASS, FAIL, PASS], 'MAJORITY')).toBe(2);
});

test('where two are as many, the worse speaks for the majority', () => {
  expect(speakingRun([FAIL, PASS], 'MAJORITY')).toBe(0);
  expect(speakingRun([PASS, SKIP, FAIL], 'MAJORITY')).toBe(2);
});

test('nobody speaks for what did not run', () => {
  for (const verdict of ['LAST', 'WORST', 'MAJORITY'] as const) expect(speakingRun([], verdict)).toBe(-1);
});
