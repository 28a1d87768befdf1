import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { ask } from '@/api-client.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { Failing } from '@/features/job/failing.tsx';
import { JobVerdict, titleOf } from '@/features/job/job-verdict.tsx';
import { phasesOf } from '@/features/job/phases.ts';
import { Metadata as JobMetadata, Provenance } from '@/features/job/provenance.tsx';
import { Suites } from '@/features/job/suites.tsx';
import { isOpen, verdictOfJob } from '@/features/job/verdict.ts';
import { BLOCK, windowStart } from '@/features/log/line-range.ts';
import { LEVELS, LogSection } from '@/features/log/log-section.tsx';
import { CasesSection } from '@/features/test-case/cases-section.tsx';
import { JobPageDocument, type JobPageQuery, LogLinesDocument, type TestResult } from '@/graphql/graphql.ts';
import { STEPS } from '@/lava.ts';
import { buildPath, devicePath, jobPath, labPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Icon } from '@/ui/glyph.tsx';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { decodeSegment } from '@/ui/segment.ts';
import { Status } from '@/ui/status.tsx';
import { Tag } from '@/ui/tag.tsx';
import { Age, absolute } from '@/ui/time.tsx';
import { Timeline } from '@/ui/timeline.tsx';

type Props = { params: Promise<{ lab: string; id: string }>; searchParams: Promise<SearchParams> };

const RESULTS: readonly TestResult[] = ['FAIL', 'PASS', 'SKIP', 'UNKNOWN'];

/** Address and query as variables; what they cannot mean is left out. */
function variablesOf(lab: string, id: string, params: SearchParams) {
  const one = (key: string) => [params[key]].flat()[0] || undefined;
  const number = (key: string) => (/^\d{1,9}$/.test(one(key) ?? '') ? Number(one(key)) : undefined);
  const result = [params.result ?? []]
    .flat()
    .flatMap((value) => RESULTS.find((known) => known === value.toUpperCase()) ?? []);
  const level = [params.level ?? []].flat().filter((value) => LEVELS.includes(value));
  const line = number('line');
  const from =
    level.length === 0 && line !== undefined ? windowStart(line) : Math.floor((number('from') ?? 0) / BLOCK) * BLOCK;
  return {
    line,
    isPlaced: line !== undefined || number('from') !== undefined || level.length > 0,
    asked: {
      source: lab,
      externalId: id,
      result: result.length > 0 ? result : undefined,
      suite: one('suite'),
      casesAfter: one('cases'),
      fromLine: from,
      limit: 2 * BLOCK,
      level: level.length > 0 ? level : undefined,
    },
  };
}

/** Lines worth a look: errors, and where failing cases begin. */
function stopsOf(job: JobPageQuery['job']): number[] {
  const total = job?.log?.totalLines ?? 0;
  const cases = job?.failing.nodes.flatMap(({ startLogLine }) => startLogLine ?? []) ?? [];
  return [...new Set([...(job?.log?.errorLines ?? []), ...cases])].filter((n) => n < total).sort((a, b) => a - b);
}

const read = cache(async (lab: string, id: string, query: string) => {
  const { line, isPlaced, asked } = variablesOf(lab, id, JSON.parse(query));
  const data = await ask(JobPageDocument, asked);
  const [firstStop] = stopsOf(data.job);
  // The log opens where the first thing went wrong, which is only known once it is asked.
  if (isPlaced || !data.job?.log || firstStop === undefined || windowStart(firstStop) === 0) {
    return {
      data,
      asked,
      log: data.job?.log ?? null,
      start: asked.fromLine,
      focus: line ?? (isPlaced ? null : (firstStop ?? null)),
    };
  }
  const start = windowStart(firstStop);
  const { job } = await ask(LogLinesDocument, { source: lab, externalId: id, fromLine: start, limit: asked.limit });
  return { data, asked, log: job?.log ?? null, start, focus: firstStop };
});

async function readPage({ params, searchParams }: Props) {
  const { lab, id } = await params;
  return read(decodeSegment(lab), decodeSegment(id), JSON.stringify(await searchParams));
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { data } = await readPage(props);
  return { title: data.job ? titleOf(data.job) : 'No such job' };
}

export default async function Job(props: Props) {
  const { data, asked, log, start, focus } = await readPage(props);
  const { job } = data;
  if (!job) notFound();
  const { source, externalId, build, device, worker, submitter, priority, provenance, counts } = job;
  const path = jobPath(source.slug, externalId);
  const failing = job.failing.nodes.filter(({ suite }) => suite !== STEPS);
  const firstFail = failing.flatMap(({ loggedAt }) => loggedAt ?? []).toSorted()[0];
  return (
    <Shell freshness={data} concerns={[source.slug]}>
      <PageHead
        crumbs={[
          { label: 'Jobs', href: '/jobs' },
          { label: source.slug, href: labPath(source.slug) },
          { label: externalId },
        ]}
        title={job.description || `Job ${externalId}`}
        facts={[
          ['Health', <Status key="health" {...verdictOfJob(job)} />],
          build && [
            'Build',
            <Link
              key="build"
              className="link mono"
              href={buildPath(build.project.slug, build.version)}
              prefetch={false}
            >
              {build.version}
            </Link>,
          ],
          device && [
            'Device',
            <Link key="device" className="link mono" href={devicePath(source.slug, device.hostname)} prefetch={false}>
              {device.hostname}
            </Link>,
          ],
          job.deviceType && ['Type', job.deviceType.name],
          worker && [
            'Worker',
            <span key="worker" className="mono">
              {worker.hostname}
            </span>,
          ],
          submitter && ['Submitter', submitter],
          priority !== null && ['Priority', priority],
          job.healthCheck && ['Kind', 'health check'],
          job.multinodeGroup !== null && ['Multinode', `${job.multinodeGroup}${job.role ? `, role ${job.role}` : ''}`],
          job.endTime
            ? ['Ended', <Age key="end" at={job.endTime} suffix=" ago" />]
            : job.submitTime && ['Submitted', <Age key="submit" at={job.submitTime} suffix=" ago" />],
        ]}
        actions={
          <>
            {job.url && (
              <a className="btn" href={job.url} rel="noreferrer">
                <Icon name="ext" />
                {source.slug}
              </a>
            )}
            <ApiPanel query={JobPageDocument.toString()} variables={asked} />
          </>
        }
      />
      {provenance.goneAtSourceAt && (
        <Note>
          <b>Gone on its master</b> since {absolute(provenance.goneAtSourceAt)}. This copy is the only one left.
        </Note>
      )}
      <JobVerdict job={job} failing={failing} />
      {job.failureComment && (
        <p className="dim">
          Comment on the master: <q>{job.failureComment}</q>
        </p>
      )}
      {job.tags.length > 0 && (
        <p className="tags">
          {job.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </p>
      )}
      {job.submitTime && (
        <Section id="timeline" title="Timeline" hidden className="tight">
          <Timeline
            spans={phasesOf(job, job.steps.nodes)}
            submitted={job.submitTime}
            started={job.startTime}
            ended={job.endTime}
            mark={firstFail ? { at: firstFail, label: 'first fail' } : null}
          />
        </Section>
      )}
      {job.suites.length > 0 && (
        <div className={failing.length > 0 ? 'cols jobcols' : undefined}>
          {failing.length > 0 && (
            <Failing cases={failing.slice(0, 20)} total={counts.fail} allHref={`${path}?result=FAIL#cases`} />
          )}
          <Suites suites={job.suites} path={path} results={counts.total} />
        </div>
      )}
      <LogSection
        stops={stopsOf(job)}
        log={log}
        start={start}
        focus={focus}
        levels={asked.level ?? []}
        job={{ source: source.slug, externalId, path, isOpen: isOpen(job.state) }}
      />
      <CasesSection job={job} asked={asked} path={path} />
      <div className="cols">
        <JobMetadata job={job} />
        <Provenance job={job} />
      </div>
      {job.definition && (
        <Section id="definition" title="Definition" caption="as it ran; secrets are redacted">
          <details>
            <summary className="btn">Show the definition</summary>
            <Scroll className="source" label="Definition">
              <pre>
                <code>{job.definition}</code>
              </pre>
            </Scroll>
          </details>
        </Section>
      )}
    </Shell>
  );
}
