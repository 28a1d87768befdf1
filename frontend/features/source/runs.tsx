import Link from 'next/link';
import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { RunList } from './run-list.tsx';
import { isRunFilter, RUN_FILTERS, type RunFilterName, type SyncView } from './sync-view.ts';

type Source = NonNullable<SyncPageQuery['source']>;
type Props = { source: Source; view: SyncView; href: (more: Partial<SyncView>) => string };

const EMPTY: Record<RunFilterName, string> = {
  notable: 'No run wrote anything or went wrong.',
  faults: 'No run that is kept has failed.',
  audits: 'No audit has run yet.',
  history: 'No run read history.',
  all: 'No sync has run yet.',
};

/** Runs, newest first, each with what it did or why not. */
export function Runs({ source, view, href }: Props) {
  const { nodes, pageInfo } = source.syncRuns;
  const names = Object.keys(RUN_FILTERS).filter(isRunFilter);
  const at = (runsAfter?: string, runsBefore?: string) => ({ cursors: { ...view.cursors, runsAfter, runsBefore } });
  return (
    <Section
      id="runs"
      title="Runs"
      caption={<Measure>newest first; kept for 30 days</Measure>}
      more={names.map((name) => (
        <Link
          key={name}
          href={`${href({ runs: name, ...at() })}#runs`}
          aria-current={name === view.runs ? 'true' : undefined}
          prefetch={false}
        >
          {RUN_FILTERS[name][0]}
        </Link>
      ))}
    >
      {nodes.length > 0 ? (
        <>
          <RunList runs={nodes} />
          <Pager
            page={pageInfo}
            label="Pages of runs"
            href={({ after, before }) => `${href(at(after, before))}#runs`}
            caption={<Measure>{plural(nodes.length, 'run')}</Measure>}
          />
        </>
      ) : (
        <p className="dim">{EMPTY[view.runs]}</p>
      )}
    </Section>
  );
}
