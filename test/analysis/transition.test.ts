import { expect, test } from 'vitest';
import { TRANSITIONS, transitionOf } from '#analysis/transition.ts';

const SIDES = ['PASS', 'FAIL', 'SKIP', 'UNKNOWN', null] as const;

test.each([
  ['PASS', [null, 'PASS_TO_FAIL', 'SKIP_CHANGE', 'SKIP_CHANGE', 'MISSING']],
  ['FAIL', ['FAIL_TO_PASS', 'STILL_FAILING', 'SKIP_CHANGE', 'SKIP_CHANGE', 'MISSING']],
  ['SKIP', ['SKIP_CHANGE', 'SKIP_CHANGE', null, 'SKIP_CHANGE', 'MISSING']],
  ['UNKNOWN', ['SKIP_CHANGE', 'SKIP_CHANGE', 'SKIP_CHANGE', null, 'MISSING']],
  [null, ['NEW_PASS', 'NEW_FAIL', 'SKIP_CHANGE', 'SKIP_CHANGE', null]],
] as const)('from %s to pass, fail, skip, unknown, nothing', (base, wanted) => {
  const found = SIDES.map((target) => transitionOf(base, target));

  expect(found).toEqual(wanted);
  for (const transition of found) if (transition) expect(TRANSITIONS).toContain(transition);
});
