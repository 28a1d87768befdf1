import type { RunVerdict } from '../../graphql/graphql.ts';
import type { SearchParams } from '../../ui/filter.ts';

/** What a test comes to where a lab ran its suite more than once: key in the address, and words. */
export const RUN_VERDICTS: readonly { verdict: RunVerdict; key: string; words: string }[] = [
  { verdict: 'LAST', key: 'last', words: 'the last' },
  { verdict: 'WORST', key: 'worst', words: 'the worst' },
  { verdict: 'MAJORITY', key: 'majority', words: 'the majority' },
];

/** Undefined where every run counts. */
export function readRunVerdict(params: SearchParams): RunVerdict | undefined {
  const [key] = [params.verdict].flat();
  return RUN_VERDICTS.find((one) => one.key === key)?.verdict;
}

export function keyOf(verdict: RunVerdict): string {
  return of(verdict).key;
}

/** "Runs of the same suite counted once: the last." */
export function inWords(verdict: RunVerdict): string {
  return `Runs of the same suite counted once: ${of(verdict).words}.`;
}

function of(verdict: RunVerdict) {
  const found = RUN_VERDICTS.find((one) => one.verdict === verdict);
  if (!found) throw new Error(`${verdict} has no words`);
  return found;
}
