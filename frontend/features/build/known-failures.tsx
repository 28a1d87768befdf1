import Link from 'next/link';
import type { BuildPageQuery } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';

type Known = NonNullable<BuildPageQuery['build']>['verdict']['known'];

/** "7 of 12 failing tests are known: LAVA-123 (5), ...", each number with the list that it counts. */
export function KnownFailures({ known, path }: { known: Known; path: string }) {
  const { failingCount, knownCount, issueCount, issues, isWhole } = known;
  if (knownCount === 0) return null;
  return (
    <p>
      <Link className="link" href={`${path}?known=all#failing`} prefetch={false}>
        {count(knownCount)}
      </Link>{' '}
      of{' '}
      <Link className="link" href={`${path}#failing`} prefetch={false}>
        {isWhole ? '' : 'the first '}
        {plural(failingCount, 'failing test')}
      </Link>{' '}
      {knownCount === 1 ? 'is' : 'are'} known:{' '}
      {issues.map(({ issue: { number, title, url }, testCount }, i) => (
        <span key={number}>
          {i > 0 && ', '}
          <Link className="link" href={issuePath(number)} title={title} prefetch={false}>
            {trackerName(url) ?? title}
          </Link>{' '}
          (
          <Link className="link" href={`${path}?known=${number}#failing`} prefetch={false}>
            {count(testCount)}
          </Link>
          )
        </span>
      ))}
      {issueCount > issues.length && ` and ${count(issueCount - issues.length)} more`}.
    </p>
  );
}

/** What a tracker calls it, where the address ends with that: LAVA-123. */
function trackerName(url: string | null | undefined): string | null {
  return /\/([A-Z][A-Z0-9]*-\d+)\/?$/.exec(url ?? '')?.[1] ?? null;
}
