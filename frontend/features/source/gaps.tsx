import Link from 'next/link';
import type { ReactNode } from 'react';
import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { jobPath, quarantinePath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';

type Source = NonNullable<SyncPageQuery['source']>;
type Gap = { key: string; verdict: Verdict; what: ReactNode; next: ReactNode };

const OPEN = { shape: 'warn', tone: 'warn' } as const;
const KEPT = { shape: 'pass', tone: 'pass', word: 'kept' } as const;

/** What is not as on the master, and what becomes of it. */
export function Gaps({ source }: { source: Source }) {
  const gaps = gapsOf(source);
  return (
    <Section id="gaps" title="Gaps" caption="and what becomes of them">
      {gaps.length === 0 ? (
        <p className="dim">
          {source.reconciliation
            ? 'None: nothing is missing, nothing differs.'
            : 'None is known; no audit has ended yet.'}
        </p>
      ) : (
        <ul className="gaps" data-measure>
          {gaps.map(({ key, verdict, what, next }) => (
            <li key={key}>
              <Status {...verdict} />
              <div>
                {what} <span className="dim">{next}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function gapsOf({ slug, historyLeft, status, reconciliation: audit, deadLetterStages }: Source): Gap[] {
  const gaps: Gap[] = [];
  if (status === 'BACKFILLING')
    gaps.push({
      key: 'history',
      verdict: { shape: 'run', tone: 'run', word: 'history' },
      what: historyLeft ? `${plural(historyLeft, 'older job')} still to be read.` : 'It is read for the first time.',
      next: 'Newest first, beside what is new; it goes on by itself, also after a restart.',
    });
  if (audit) {
    const { missing, changed, goneAtSource, deleted } = audit;
    if (missing.length > 0)
      gaps.push({
        key: 'missing',
        verdict: { ...OPEN, word: 'missing' },
        what: <Jobs ids={missing} />,
        next: 'On the master and could not be read yet: each audit tries again.',
      });
    if (changed.length > 0)
      gaps.push({
        key: 'changed',
        verdict: { ...OPEN, word: 'differ' },
        what: <Jobs ids={changed} slug={slug} />,
        next: 'Shown as they were read; each audit reads them again.',
      });
    if (goneAtSource - deleted > 0)
      gaps.push({
        key: 'absent',
        verdict: KEPT,
        what: `${plural(goneAtSource - deleted, 'job')} the master does not list.`,
        next: 'Kept here. Marked as deleted once two audits miss them and the master, asked in another way, has none of them.',
      });
    if (deleted > 0)
      gaps.push({
        key: 'deleted',
        verdict: KEPT,
        what: `${plural(deleted, 'job')} deleted on the master.`,
        next: 'This is the only copy; it stays.',
      });
  }
  const unread = deadLetterStages?.find(({ stage }) => stage === 'job');
  if (unread)
    gaps.push({
      key: 'unread',
      verdict: { ...OPEN, word: 'not understood' },
      what: (
        <Link className="link" href={quarantinePath(slug)} prefetch={false}>
          {plural(unread.count, 'job record')} in quarantine.
        </Link>
      ),
      next: 'Resolved by themselves when the job is read well.',
    });
  return gaps;
}

const SHOWN = 12;

function Jobs({ ids, slug }: { ids: readonly string[]; slug?: string }) {
  return (
    <>
      {ids.length === 100 ? 'At least 100 jobs' : plural(ids.length, 'job')}:{' '}
      {ids.slice(0, SHOWN).map((id, i) => (
        <span key={id} className="mono">
          {i > 0 && ', '}
          {slug ? (
            <Link className="link" href={jobPath(slug, id)} prefetch={false}>
              {id}
            </Link>
          ) : (
            id
          )}
        </span>
      ))}
      {ids.length > SHOWN && <span className="faint"> and {count(ids.length - SHOWN)} more</span>}.
    </>
  );
}
