import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { Cause } from '@/features/attribution/evidence.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { KernelFaults } from '@/features/failure/kernel-faults.tsx';
import { Attempts } from '@/features/job/attempts.tsx';
import { Failing } from '@/features/job/failing.tsx';
import { JobVerdict, titleOf } from '@/features/job/job-verdict.tsx';
import { LeftOut } from '@/features/job/left-out.tsx';
import { Notes, refusedNote } from '@/features/job/notes.tsx';
import { phasesOf } from '@/features/job/phases.ts';
import { Metadata as JobMetadata, Provenance } from '@/features/job/provenance.tsx';
import { DeletedJob, RemovedNote } from '@/features/job/removed.tsx';
import { Suites } from '@/features/job/suites.tsx';
import { VERDICTS, verdictOfJob } from '@/features/job/verdict.ts';
import { KnownBy } from '@/features/known-issue/known-by.tsx';
import { LiveLog } from '@/features/log/live-log.tsx';
import { LogSection } from '@/features/log/log-section.tsx';
import { CasesSection } from '@/features/test-case/cases-section.tsx';
import { JobPageDocument, JobProgressDocument } from '@/graphql/graphql.ts';
import { STEPS } from '@/lava.ts';
import { buildPath, devicePath, jobPath, labPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Measure } from '@/ui/count.tsx';
import { ExportMenu } from '@/ui/export-menu.tsx';
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
import { readJob, stopsOf } from './read.ts';

type Props = { params: Promise<{ lab: string; id: string }>; searchParams: Promise<SearchParams> };

async function readPage({ params, searchParams }: Props) {
  const { lab, id } = await params;
  return readJob(decodeSegment(lab), decodeSegment(id), JSON.stringify(await searchParams));
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { data } = await readPage(props);
  if (data.job) return { title: titleOf(data.job) };
  return { title: data.removedJob ? 'Job deleted' : 'No such job' };
}

export default async function Job(props: Props) {
  const { data, asked, log, start, focus } = await readPage(props);
  const { job } = data;
  if (!job && data.removedJob) return <DeletedJob data={data} lab={asked.source} id={asked.externalId} />;
  if (!job) notFound();
  const { source, externalId, build, device, worker, submitter, submitterHere, priority, provenance, counts } = job;
  const mayTriage = data.viewer.scopes.includes('write:triage');
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
          submitterHere && [
            'Submitter',
            submitterHere === submitter ? submitter : `${submitter} (here ${submitterHere})`,
          ],
          priority !== null && ['Priority', <Measure key="priority">{priority}</Measure>],
          job.healthCheck && ['Kind', 'health check'],
          job.multinodeGroup !== null && [
            'Multinode',
            <Measure key="group">{`${job.multinodeGroup}${job.role ? `, role ${job.role}` : ''}`}</Measure>,
          ],
          job.endTime
            ? ['Ended', <Age key="end" at={job.endTime} suffix=" ago" />]
            : job.startTime
              ? ['Started', <Age key="start" at={job.startTime} suffix=" ago" />]
              : job.submitTime && ['Submitted', <Age key="submit" at={job.submitTime} suffix=" ago" />],
        ]}
        actions={
          <>
            {job.url && !provenance.goneAtSourceAt && (
              <a className="btn" href={job.url} rel="noreferrer">
                <Icon name="ext" />
                {source.slug}
              </a>
            )}
            <ExportMenu title="Results of this job" query={{ source: source.slug, job: externalId }} />
            <ApiPanel query={JobPageDocument.toString()} variables={asked} />
          </>
        }
      />
      {provenance.goneAtSourceAt && (
        <Note>
          <b>Deleted on the master</b>, seen {absolute(provenance.goneAtSourceAt)}. This copy is the only one left.
        </Note>
      )}
      <RemovedNote removed={job.removed} lab={source.slug} />
      <Attempts of={job.attempts} jobId={job.id} />
      <JobVerdict job={job} failing={failing} />
      {job.knownIssues
        .filter(({ cases }) => cases === 0)
        .map(({ issue }) => (
          <p key={issue.number}>
            <KnownBy issue={issue} />
          </p>
        ))}
      {job.attribution && (
        <Section id="cause" title="Likely cause" className="tight">
          <Cause of={job.attribution} open />
        </Section>
      )}
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
            <Failing
              cases={failing.slice(0, 20)}
              notes={job.notes}
              total={counts.fail}
              allHref={`${path}?result=FAIL#cases`}
              project={build?.project.slug ?? null}
              mayTriage={mayTriage}
            />
          )}
          <Suites suites={job.suites} path={path} results={counts.total} project={build?.project.slug ?? null} />
        </div>
      )}
      <LeftOut cases={job.omitted} project={build?.project.slug ?? null} mayTriage={mayTriage} />
      <Notes
        notes={job.notes}
        about={mayTriage ? [...failing, ...job.testCases.nodes] : null}
        job={{ id: job.id, project: build?.project.slug ?? null, slug: source.slug, externalId }}
        refused={refusedNote(await props.searchParams)}
      />
      <KernelFaults job={job} lab={source.slug} externalId={externalId} hasLog={job.log !== null} />
      {job.progress ? (
        <LiveLog
          query={JobProgressDocument.toString()}
          id={job.id}
          initial={job.progress}
          state={job.state}
          verdicts={VERDICTS}
        />
      ) : (
        <LogSection
          stops={stopsOf(job)}
          log={log}
          start={start}
          focus={focus}
          levels={asked.level ?? []}
          job={{ source: source.slug, externalId, path, removedAt: job.removed.logAt }}
        />
      )}
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
