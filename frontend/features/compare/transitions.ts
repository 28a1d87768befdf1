import type { Transition } from '../../graphql/graphql.ts';

type Words = {
  transition: Transition;
  /** In the address. */
  key: string;
  title: string;
  /** Nothing of it, said of the whole comparison. */
  none: string;
};

/** What may become of a test from A to B, worst first. */
export const TRANSITIONS: readonly Words[] = [
  { transition: 'PASS_TO_FAIL', key: 'worse', title: 'Pass to fail', none: 'No test that passed in A fails in B.' },
  { transition: 'FAIL_TO_PASS', key: 'fixed', title: 'Fail to pass', none: 'No test that failed in A passes in B.' },
  { transition: 'STILL_FAILING', key: 'still', title: 'Still failing', none: 'No test fails in both.' },
  { transition: 'NEW_FAIL', key: 'new-fail', title: 'New and failing', none: 'No test that A has not fails in B.' },
  { transition: 'NEW_PASS', key: 'new-pass', title: 'New and passing', none: 'No test that A has not passes in B.' },
  {
    transition: 'MISSING',
    key: 'missing',
    title: 'Not run in B',
    none: 'B ran every test of the suites that both ran.',
  },
  {
    transition: 'SKIP_CHANGE',
    key: 'other',
    title: 'To or from skip',
    none: 'No test became a skip or an unknown result, or was one.',
  },
];

const BY_NAME = new Map(TRANSITIONS.map((words) => [words.transition, words]));

export function wordsOf(transition: Transition): Words {
  const words = BY_NAME.get(transition);
  if (!words) throw new Error(`${transition} has no words`);
  return words;
}

/** The transition that an address names; null for none. */
export function toTransition(key: string | undefined): Transition | null {
  return TRANSITIONS.find((words) => words.key === key)?.transition ?? null;
}

export type Counts = readonly { transition: Transition; count: number }[];

export function countOf(counts: Counts, transition: Transition): number {
  return counts.find((one) => one.transition === transition)?.count ?? 0;
}
