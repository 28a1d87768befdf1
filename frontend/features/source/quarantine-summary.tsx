import Link from 'next/link';
import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { quarantinePath } from '@/paths.ts';
import { plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Age } from '@/ui/time.tsx';
import { stageInWords } from './stage-words.ts';

type Source = NonNullable<SyncPageQuery['source']>;

/** What could not be understood, by what it is of. */
export function QuarantineSummary({ source: { slug, deadLetterStages: stages } }: { source: Source }) {
  return (
    <Section
      id="quarantine"
      title="Quarantine"
      caption="records that could not be understood"
      more={
        stages &&
        stages.length > 0 && (
          <Link href={quarantinePath(slug)} prefetch={false}>
            Look at them
          </Link>
        )
      }
    >
      {stages === null ? (
        <p className="dim">– Shown to admins: a record may be of a private job.</p>
      ) : stages.length === 0 ? (
        <p className="dim">Nothing: everything was understood.</p>
      ) : (
        <ul className="list">
          {stages.map(({ stage, count, newestAt }) => (
            <li key={stage}>
              <span data-measure>{plural(count, stageInWords(stage).one, stageInWords(stage).many)}</span>
              <span className="n faint">
                last <Age at={newestAt} suffix=" ago" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
