import type { Metadata } from 'next';
import Link from 'next/link';
import { cache } from 'react';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { CopiesTable } from '@/features/source/copies-table.tsx';
import { NoLab } from '@/features/source/no-lab.tsx';
import { LabsPageDocument } from '@/graphql/graphql.ts';
import { auditLogPath, devicesPath, jobsPath, MAPPING, NEW_LAB, namesPath, resultsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { currentLabs } from '@/ui/coverage.ts';
import { plural } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

const read = cache(() => ask(LabsPageDocument, {}));

export async function generateMetadata(): Promise<Metadata> {
  const { coverage } = await read();
  const current = currentLabs(coverage.sources, coverage.storeLagSeconds);
  return { title: `${current.length} of ${plural(coverage.sources.length, 'lab')} current` };
}

export default async function Labs() {
  const data = await read();
  const { sources, bad, coverage } = data;
  const current = currentLabs(coverage.sources, coverage.storeLagSeconds).length;
  const sum = (key: 'jobCount' | 'resultCount' | 'deviceCount') =>
    sources.nodes.reduce((total, lab) => total + lab[key], 0);
  const badByLab = new Map(
    [...Map.groupBy(bad.nodes, ({ source }) => source.slug)].map(([slug, list]) => [slug, list.length]),
  );
  return (
    <Shell freshness={data}>
      <PageHead
        title="Labs"
        facts={[
          ['Labs', <Counted key="labs" value={sources.nodes.length} href="#labs" />],
          ['Devices', <Counted key="devices" value={sum('deviceCount')} href={devicesPath({})} />],
          ['Jobs', <Counted key="jobs" value={sum('jobCount')} href={jobsPath({ checks: '1' })} />],
          ['Results', <Counted key="results" value={sum('resultCount')} href={resultsPath({ checks: '1' })} />],
        ]}
        actions={
          <>
            {data.viewer.scopes.includes('write:sources') && (
              <>
                <Link className="btn ghost" href={MAPPING} prefetch={false}>
                  Mapping
                </Link>
                <Link className="btn ghost" href={namesPath()} prefetch={false}>
                  Names
                </Link>
                <Link className="btn ghost" href={auditLogPath()} prefetch={false}>
                  Audit log
                </Link>
                <Link className="btn" href={NEW_LAB} prefetch={false}>
                  Add a master
                </Link>
              </>
            )}
            <ApiPanel query={LabsPageDocument.toString()} variables={{}} />
          </>
        }
      />
      {coverage.sources.length > 0 && (
        <p className="verdict">
          <b className={current === coverage.sources.length ? 'pass' : undefined}>
            {current === coverage.sources.length ? (
              <>
                <Counted value={current} href="#labs">
                  All {plural(current, 'lab')}
                </Counted>{' '}
                are read up to now.
              </>
            ) : (
              <>
                <Measure>{current}</Measure> of{' '}
                <Counted value={coverage.sources.length} href="#labs">
                  {plural(coverage.sources.length, 'lab')}
                </Counted>{' '}
                are read up to now and without a gap.
              </>
            )}
          </b>{' '}
          <span className="dim">
            {bad.totalCount > 0 && (
              <>
                <Counted value={bad.totalCount} href={devicesPath({ health: 'Bad' })}>
                  {plural(bad.totalCount, 'device')}
                </Counted>{' '}
                {bad.totalCount === 1 ? 'is' : 'are'} Bad.
              </>
            )}
          </span>
        </p>
      )}
      <Section id="labs" title="Labs" hidden className="tight">
        {sources.nodes.length > 0 ? (
          <CopiesTable labs={sources.nodes} bad={badByLab} labelledBy="labs" />
        ) : (
          <NoLab {...data} />
        )}
      </Section>
    </Shell>
  );
}
