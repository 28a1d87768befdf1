/** What became of a test from one build to another. */
export const TRANSITIONS = [
  'PASS_TO_FAIL',
  'FAIL_TO_PASS',
  'STILL_FAILING',
  'NEW_FAIL',
  'NEW_PASS',
  'MISSING',
  'SKIP_CHANGE',
] as const;

export type Transition = (typeof TRANSITIONS)[number];

type Result = 'PASS' | 'FAIL' | 'SKIP' | 'UNKNOWN';

/** Null for a side without the test, and for a test that nothing has become of. */
export function transitionOf(base: Result | null, target: Result | null): Transition | null {
  if (base !== null && target === null) return 'MISSING';
  if (base === 'FAIL' && target === 'FAIL') return 'STILL_FAILING';
  if (base === target) return null;
  if (target === 'FAIL' && base === 'PASS') return 'PASS_TO_FAIL';
  if (target === 'PASS' && base === 'FAIL') return 'FAIL_TO_PASS';
  if (target === 'FAIL' && base === null) return 'NEW_FAIL';
  if (target === 'PASS' && base === null) return 'NEW_PASS';
  return 'SKIP_CHANGE';
}
