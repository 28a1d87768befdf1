import Link from 'next/link';
import type { RunLineFragment } from '@/graphql/graphql.ts';
import { syncPath } from '@/paths.ts';
import { Section } from '@/ui/section.tsx';
import type { Lab } from './lab-verdict.tsx';
import { RunList } from './run-list.tsx';

/** The last syncs, newest first. */
export function SyncRuns({ lab }: { lab: Lab }) {
  const runs: readonly RunLineFragment[] = lab.syncRuns.nodes;
  return (
    <Section
      id="syncs"
      title="Syncs"
      caption="newest first"
      more={
        <Link href={syncPath(lab.slug)} prefetch={false}>
          All runs, audits and faults
        </Link>
      }
    >
      {runs.length === 0 ? <p className="dim">No sync has run yet.</p> : <RunList runs={runs} />}
    </Section>
  );
}
