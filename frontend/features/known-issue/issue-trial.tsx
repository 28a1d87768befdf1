import Link from 'next/link';
import type { TryIssueQuery } from '@/graphql/graphql.ts';
import { jobPath, linePath } from '@/paths.ts';
import { plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Age } from '@/ui/time.tsx';

/** What a rule would match, before it is saved. */
export function IssueTrial({ trial }: { trial: TryIssueQuery['tryKnownIssue'] }) {
  const { sentence, newestAt, first } = trial;
  return (
    <Section id="trial" title="What it would match">
      <p role="status" data-measure>
        {sentence}
        {newestAt && (
          <>
            {' '}
            The newest ended <Age at={newestAt} suffix=" ago" />.
          </>
        )}
      </p>
      <ul className="plain" data-measure>
        {first.map(({ job: { source, externalId, endTime }, cases, line }) => (
          <li key={`${source.slug}/${externalId}`}>
            <Link
              className="link"
              href={line === null ? jobPath(source.slug, externalId) : linePath(source.slug, externalId, line)}
              prefetch={false}
            >
              {source.slug} {externalId}
            </Link>{' '}
            <span className="dim">
              {cases > 0 && `${plural(cases, 'failed test')} `}
              {endTime && <Age at={endTime} suffix=" ago" />}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
