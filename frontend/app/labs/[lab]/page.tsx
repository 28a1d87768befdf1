import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { DeviceTable } from '@/features/device/device-table.tsx';
import { Audit } from '@/features/source/audit.tsx';
import { keptText } from '@/features/source/kept.ts';
import { LabControls } from '@/features/source/lab-controls.tsx';
import { LabTabs } from '@/features/source/lab-tabs.tsx';
import { LabTiles } from '@/features/source/lab-tiles.tsx';
import { LabVerdict, titleOf } from '@/features/source/lab-verdict.tsx';
import { queueInWords } from '@/features/source/queue-words.ts';
import { SyncRuns } from '@/features/source/sync-runs.tsx';
import { VolatileSuites } from '@/features/source/volatile-suites.tsx';
import { WorkerTable } from '@/features/source/worker-table.tsx';
import { LabPageDocument, ReconcileDocument, SetSourceStateDocument, StartSyncDocument } from '@/graphql/graphql.ts';
import { devicesPath, labBadgePath, labPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { BadgeMenu } from '@/ui/badge-menu.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { count } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Age } from '@/ui/time.tsx';

type Props = { params: Promise<{ lab: string }> };

const read = cache((slug: string) => ask(LabPageDocument, { slug, scope: [slug] }));

const CONTROLS = {
  setState: SetSourceStateDocument.toString(),
  startSync: StartSyncDocument.toString(),
  reconcile: ReconcileDocument.toString(),
};

/** What needs a person comes first. */
const URGENCY = ['Bad', 'Maintenance', 'Looping', 'Unknown', 'Good', 'Retired'];

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { source } = await read(decodeSegment((await params).lab));
  return { title: source ? titleOf(source) : 'No such lab' };
}

export default async function LabPage({ params }: Props) {
  const slug = decodeSegment((await params).lab);
  const data = await read(slug);
  const { source, workers, devices } = data;
  if (!source) notFound();
  const { name, url, version, capabilities, visibility, clockSkewSeconds, labels, retention, historySince } = source;
  const rank = (health: string) => (URGENCY.indexOf(health) + URGENCY.length + 1) % (URGENCY.length + 1);
  const sorted = devices.nodes.toSorted(
    (a, b) => rank(a.health) - rank(b.health) || Number(a.state === 'Idle') - Number(b.state === 'Idle'),
  );
  // Private jobs are among those that wait.
  const seesAll = source.budget.usedLastMinute !== null;
  const all = devicesPath({ lab: slug });
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={[{ label: 'Labs', href: '/labs' }, { label: slug }]}
        title={name}
        facts={[
          version !== null && ['LAVA', <Measure key="version">{version}</Measure>],
          capabilities.length > 0 && ['Reads by', capabilities.join(', ')],
          [
            'Visible to',
            visibility === 'PUBLIC'
              ? 'everybody'
              : visibility === 'INTERNAL'
                ? 'everybody with a token'
                : 'named teams',
          ],
          historySince !== null && ['Reads', `jobs since ${historySince.slice(0, 10)}`],
          ['Keeps', <Measure key="keeps">{keptText(retention)}</Measure>],
          clockSkewSeconds !== null && ['Clock', `${clockSkewSeconds >= 0 ? '+' : ''}${clockSkewSeconds.toFixed(1)} s`],
          ...labels.map(({ key, value }) => [key, <Measure key={key}>{value}</Measure>] as const),
        ]}
        actions={
          <>
            {url && (
              <a className="btn" href={url} rel="noreferrer">
                <Icon name="ext" />
                Open the master
              </a>
            )}
            <BadgeMenu name={name} badge={labBadgePath(slug)} page={labPath(slug)} />
            <ApiPanel query={LabPageDocument.toString()} variables={{ slug, scope: [slug] }} />
          </>
        }
      />
      <LabTabs slug={slug} current="lab" />
      <LabVerdict lab={source} />
      {data.viewer.scopes.includes('write:sources') && source.state !== null && (
        <LabControls
          slug={slug}
          isAdded={source.isAdded}
          state={source.state}
          teams={source.teams}
          waiting={source.waiting}
          isFirst={source.lastSuccessAt === null}
          queries={CONTROLS}
        />
      )}
      <LabTiles lab={source} />
      <div className="cols">
        <Audit lab={source} />
        <SyncRuns lab={source} />
      </div>
      <Section id="workers" title="Workers" caption={count(workers.totalCount)} total={workers.totalCount}>
        {workers.nodes.length > 0 ? (
          <WorkerTable workers={workers.nodes} slug={slug} labelledBy="workers" />
        ) : (
          <p className="dim">No worker has been read.</p>
        )}
      </Section>
      <Section
        id="devices"
        title="Devices"
        caption={
          sorted.length > 30
            ? `30 of ${count(devices.totalCount)}, problems and busy first`
            : `${count(devices.totalCount)}, problems and busy first`
        }
        total={devices.totalCount}
        more={
          <Counted value={devices.totalCount} href={all}>
            All {count(devices.totalCount)}
          </Counted>
        }
      >
        {seesAll && (
          <p className="dim" data-measure>
            {queueInWords(source.queue)}
            {source.queue && (
              <>
                {' '}
                Counted by the master <Age at={source.queue.readAt} /> ago.
              </>
            )}
          </p>
        )}
        {sorted.length > 0 ? (
          <DeviceTable devices={sorted.slice(0, 30)} labelledBy="devices" hideLab />
        ) : (
          <p className="dim">No device has been read.</p>
        )}
      </Section>
      <VolatileSuites lab={source} />
    </Shell>
  );
}
