import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { HealthLine } from '@/features/device/health-line.tsx';
import { typeInWords } from '@/features/device/type-in-words.ts';
import { JobTable } from '@/features/job/job-table.tsx';
import { isOpen } from '@/features/job/verdict.ts';
import { DevicePageDocument, type JobRowFragment } from '@/graphql/graphql.ts';
import { isInfrastructure, verdictOfHealth } from '@/lava.ts';
import { devicesPath, jobsPath, labPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted, Measure } from '@/ui/count.tsx';
import { duration } from '@/ui/duration.ts';
import { Empty } from '@/ui/empty.tsx';
import { Note } from '@/ui/note.tsx';
import { percent, total } from '@/ui/number.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Status } from '@/ui/status.tsx';
import { type Mark, Strip } from '@/ui/strip.tsx';
import { absolute, Instant, secondsSince } from '@/ui/time.tsx';

type Props = { params: Promise<{ lab: string; hostname: string }> };

const read = cache((source: string, hostname: string) => ask(DevicePageDocument, { source, hostname }));

async function namesOf({ params }: Props) {
  const { lab, hostname } = await params;
  return { source: decodeSegment(lab), hostname: decodeSegment(hostname) };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { source, hostname } = await namesOf(props);
  const { device } = await read(source, hostname);
  return { title: device ? `${hostname} ${device.health}, ${device.state}` : 'No such device' };
}

function markOf({ health, failureClass, counts, state }: JobRowFragment): Mark {
  if (isOpen(state) || health === 'CANCELED') return 'none';
  if (isInfrastructure(failureClass)) return 'infra';
  return counts.fail > 0 || health === 'INCOMPLETE' ? 'fail' : 'pass';
}

export default async function DevicePage(props: Props) {
  const names = await namesOf(props);
  const data = await read(names.source, names.hostname);
  const { device } = data;
  if (!device) notFound();
  const {
    hostname,
    source,
    deviceType,
    worker,
    health,
    state,
    tags,
    goneAtSourceAt,
    infraFailureRate7d,
    healthTimeline,
    jobs,
  } = device;
  const since = healthTimeline.at(-1)?.from;
  const infra = jobs.nodes.filter(({ failureClass }) => isInfrastructure(failureClass)).length;
  const all = jobsPath({ lab: source.slug, device: hostname, checks: '1' });
  return (
    <Shell freshness={data} concerns={[source.slug]}>
      <PageHead
        crumbs={[
          { label: 'Devices', href: '/devices' },
          { label: source.slug, href: labPath(source.slug) },
          { label: hostname },
        ]}
        title={hostname}
        mono
        facts={[
          ['Health', <Status key="health" {...verdictOfHealth(health)} />],
          ['State', state],
          [
            'Type',
            <Link key="type" className="link" href={devicesPath({ type: deviceType.name })} prefetch={false}>
              {typeInWords(device)}
            </Link>,
          ],
          worker && [
            'Worker',
            <Link
              key="worker"
              className="link mono"
              href={devicesPath({ lab: source.slug, worker: worker.hostname })}
              prefetch={false}
            >
              {worker.hostname}
            </Link>,
          ],
          device.deviceVersion && ['Version', <Measure key="version">{device.deviceVersion}</Measure>],
          tags.length > 0 && ['Tags', tags.join(', ')],
        ]}
        actions={<ApiPanel query={DevicePageDocument.toString()} variables={names} />}
      />
      {goneAtSourceAt && (
        <Note>
          <b>{source.slug} no longer lists this device</b> since {absolute(goneAtSourceAt)}. What it ran stays here.
        </Note>
      )}
      <p className="verdict">
        <b className={verdictOfHealth(health).tone}>
          {health}
          {since && <Measure>{` for ${duration(secondsSince(since))}`}</Measure>}.
        </b>{' '}
        {infraFailureRate7d !== null &&
          (infraFailureRate7d === 0 ? (
            <Measure>No job of the last 7 days failed by its fault.</Measure>
          ) : (
            <b className={infraFailureRate7d > 0.1 ? 'infra' : undefined}>
              <Measure>{percent(infraFailureRate7d)} of its jobs of the last 7 days</Measure> were infrastructure
              failures.
            </b>
          ))}
        {infraFailureRate7d === null && (
          <span className="dim" data-measure>
            No job has ended on it in the last 7 days.
          </span>
        )}
        {device.description && (
          <span className="dim" data-measure>
            {' '}
            {device.description}
          </span>
        )}
      </p>
      <Section id="health" title="Health" caption="as each sync saw it">
        {healthTimeline.length === 0 ? (
          <p className="dim">No sync has seen it yet.</p>
        ) : (
          <>
            <HealthLine spans={healthTimeline} />
            <table className="kv spans">
              <caption className="sr">Health over time, newest first</caption>
              <tbody>
                {healthTimeline
                  .toReversed()
                  .slice(0, 12)
                  .map(({ health: word, from, until }) => (
                    <tr key={from}>
                      <th scope="row">
                        <Status {...verdictOfHealth(word)} />
                      </th>
                      <td>
                        <Instant at={from} /> to {until ? <Instant at={until} /> : 'now'}
                      </td>
                      <td className="num dim" data-measure>
                        {duration((Date.parse(until ?? new Date().toISOString()) - Date.parse(from)) / 1000)}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </>
        )}
      </Section>
      <Section
        id="jobs"
        title="Last jobs"
        caption={
          <>
            <Counted value={jobs.totalCount} href={all}>
              {total(jobs)} jobs
            </Counted>
            {infra > 0 && <Measure>{`, ${infra} of the last ${jobs.nodes.length} infrastructure`}</Measure>}{' '}
            {jobs.nodes.length > 1 && <Strip marks={jobs.nodes.slice(0, 30).map(markOf).toReversed()} />}
          </>
        }
        more={
          jobs.totalCount > jobs.nodes.length && (
            <Link href={all} prefetch={false}>
              All jobs
            </Link>
          )
        }
      >
        {jobs.nodes.length > 0 ? (
          <JobTable jobs={jobs.nodes} labelledBy="jobs" hideDevice />
        ) : (
          <Empty title="No job has run on it">A job appears here when {source.slug} gives it to this device.</Empty>
        )}
      </Section>
    </Shell>
  );
}
