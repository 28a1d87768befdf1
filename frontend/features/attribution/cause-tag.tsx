import type { AttributionFragment, Culprit } from '@/graphql/graphql.ts';
import { Tag } from '@/ui/tag.tsx';

export const WORD: Record<Culprit, string> = {
  BOARD: 'board',
  LAB: 'lab',
  INFRASTRUCTURE: 'infra',
  TEST: 'test',
  CODE: 'code',
  UNKNOWN: 'unsure',
};
const TONE = {
  BOARD: 'board',
  LAB: 'lab',
  INFRASTRUCTURE: 'lab',
  TEST: 'flaky',
  CODE: 'code',
  UNKNOWN: 'unsure',
} as const;

export function percent(share: number): string {
  return `${Math.min(99, Math.round(100 * share))} %`;
}

/** "lab beta 91 %"; "unsure" where nobody is likely enough. */
export function CauseTag({ of }: { of: AttributionFragment }) {
  const { culprit, probability, job } = of;
  const name = culprit === 'LAB' ? job.source.slug : culprit === 'BOARD' ? job.device?.hostname : null;
  return (
    <Tag tone={TONE[culprit]}>
      {[WORD[culprit], name, culprit === 'UNKNOWN' ? null : percent(probability)].filter(Boolean).join(' ')}
    </Tag>
  );
}
