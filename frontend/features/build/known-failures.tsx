import Link from 'next/link';
import type { BuildPageQuery } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { Counted, Measure } from '@/ui/count.tsx';
import { count, plural } from '@/ui/number.ts';

export type Known = NonNullable<BuildPageQuery['build']>['verdict']['known'];

/** "7 of 12 failing tests are known: LAVA-123 (5), ...", each number with the list that it counts. */
export function KnownFailures({ known, path }: { known: Known; path: string }) {
  const { failingCount, knownCount, issueCount, issues, isWhole } = known;
  if (knownCount === 0) return null;
  return (
    <p>
      <Counted className="link" value={knownCount} href={`${path}?known=all#failing`} /> of{' '}
      <Link className="link" href={`${path}#failing`} prefetch={false}>
        {isWhole ? '' : 'the first '}
        <Measure>{plural(failingCount, 'failing test')}</Measure>
      </Link>{' '}
      {knownCount === 1 ? 'is' : 'are'} known:{' '}
      {issues.map(({ issue: { number, title, url }, testCount }, i) => (
        <span key={number}>
          {i > 0 && ', '}
          <Link className="link" href={issuePath(number)} title={title} prefetch={false}>
            {trackerName(url) ?? title}
          </Link>{' '}
          (
          <Counted className="link" value={testCount} href={`${path}?known=${number}#failing`} />)
        </span>
      ))}
      {issueCount > issues.length && <Measure> and {count(issueCount - issues.length)} more</Measure>}.
    </p>
  );
}

/** What a tracker calls it, where the address ends with that: LAVA-123. */
function trackerName(url: string | null | undefined): string | null {
  return /\/([A-Z][A-Z0-9]*-\d+)\/?$/.exec(url ?? '')?.[1] ?? null;
}

/** Tests in the list that `known` of the address asks for; null where it is not said. */
export function knownTotal({ knownCount, issues }: Known, knownBy: string): number | null {
  if (knownBy === 'all') return knownCount;
  return issues.find(({ issue }) => String(issue.number) === knownBy)?.testCount ?? null;
}
