import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { askAt } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { Abilities } from '@/features/source/abilities.tsx';
import { AuditDays } from '@/features/source/audit-days.tsx';
import { CopyNote } from '@/features/source/copy-note.tsx';
import { Gaps } from '@/features/source/gaps.tsx';
import { LabTabs } from '@/features/source/lab-tabs.tsx';
import { LabVerdict, titleOf } from '@/features/source/lab-verdict.tsx';
import { QuarantineSummary } from '@/features/source/quarantine-summary.tsx';
import { Budget } from '@/features/source/request-budget.tsx';
import { Runs } from '@/features/source/runs.tsx';
import { SyncTimeline } from '@/features/source/sync-timeline.tsx';
import { queryOf, readView, variablesOf } from '@/features/source/sync-view.ts';
import { SyncPageDocument } from '@/graphql/graphql.ts';
import { labPath, syncPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { decodeSegment } from '@/ui/segment.ts';

type Props = { params: Promise<{ lab: string }>; searchParams: Promise<SearchParams> };

const read = cache(async (slug: string, key: string) => {
  const view = readView(JSON.parse(key));
  const variables = variablesOf(slug, view);
  const { runsAfter, runsBefore, daysAfter, daysBefore } = view.cursors;
  const isPlaced = [runsAfter, runsBefore, daysAfter, daysBefore].some((cursor) => cursor !== undefined);
  const data = await askAt(SyncPageDocument, variables, { isPlaced, start: syncPath(slug) });
  return { view, variables, data };
});

const given = async ({ params, searchParams }: Props) =>
  read(decodeSegment((await params).lab), JSON.stringify(await searchParams));

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { source } = (await given(props)).data;
  return { title: source ? `Sync: ${titleOf(source)}` : 'No such lab' };
}

export default async function SyncPage(props: Props) {
  const { view, variables, data } = await given(props);
  const { source } = data;
  if (!source) notFound();
  const { slug, name } = source;
  return (
    <Shell freshness={data} concerns={[]}>
      <CopyNote source={source} />
      <PageHead
        crumbs={[{ label: 'Labs', href: '/labs' }, { label: slug, href: labPath(slug) }, { label: 'sync' }]}
        title={name}
        actions={<ApiPanel query={SyncPageDocument.toString()} variables={variables} />}
      />
      <LabTabs slug={slug} current="sync" />
      <LabVerdict lab={source} />
      <SyncTimeline slug={slug} slots={source.syncTimeline} view={view} />
      <div className="cols wide">
        <AuditDays source={source} view={view} />
        <div>
          <Gaps source={source} />
          <QuarantineSummary source={source} />
          <Abilities source={source} />
        </div>
      </div>
      <Budget source={source} />
      <Runs source={source} view={view} href={(more) => syncPath(slug, queryOf({ ...view, ...more }))} />
    </Shell>
  );
}
