import type { CaseRowFragment, JobRowFragment } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import { Counted, Measure } from '@/ui/count.tsx';
import { duration } from '@/ui/duration.ts';
import { Elapsed } from '@/ui/elapsed.tsx';
import { count, plural } from '@/ui/number.ts';
import { secondsSince } from '@/ui/time.tsx';
import { isOpen, reasonOf } from './verdict.ts';

/** The title of a job's page: how it ended and what its results say. */
export function titleOf(job: JobRowFragment): string {
  const { source, externalId, state, health, counts } = job;
  const name = `${source.slug}/${externalId}`;
  if (isOpen(state)) return `${name} ${state.toLowerCase()}`;
  const fate =
    health === 'COMPLETE'
      ? 'Complete'
      : health === 'CANCELED'
        ? 'Canceled'
        : `Incomplete, ${reasonOf(job) || 'unknown'}`;
  return counts.total > 0 ? `${name} ${fate}, ${counts.fail} fail` : `${name} ${fate}`;
}

/** What happened, in a sentence made of the same counters as the tables below. */
export function JobVerdict({ job, failing }: { job: JobRowFragment; failing: readonly CaseRowFragment[] }) {
  return (
    <p className="verdict">
      <Fate job={job} /> <Results job={job} failing={failing} />
    </p>
  );
}

function Fate({ job }: { job: JobRowFragment }) {
  const { state, health, failureClass, errorMessage, startTime, submitTime, deviceType } = job;
  const where = deviceType ? ` on ${deviceType.name}` : '';
  if (state === 'RUNNING')
    return (
      <b className="run">
        Running
        {startTime && (
          <>
            {' for '}
            <Elapsed since={startTime} />
          </>
        )}
        {where}.
      </b>
    );
  if (isOpen(state))
    return (
      <b>
        {state === 'CANCELING'
          ? 'Being canceled'
          : `Waiting${submitTime ? ` for ${duration(secondsSince(submitTime))}` : ''}`}
        {where}.
      </b>
    );
  if (health === 'CANCELED') return <b>Canceled{where}.</b>;
  if (health !== 'INCOMPLETE') return null;
  const reason = reasonOf(job);
  const message = errorMessage && (
    <>
      : <span className="mono">{errorMessage}</span>
    </>
  );
  if (isInfrastructure(failureClass)) {
    return (
      <>
        <b className="infra">The lab failed, not the code.</b> {reason}
        {message}
        {errorMessage && /[.!?]$/.test(errorMessage) ? '' : '.'}
      </>
    );
  }
  return (
    <>
      <b>The job did not complete.</b> {reason === 'no reason given' ? 'LAVA gave no reason' : reason}
      {message}
      {errorMessage && /[.!?]$/.test(errorMessage) ? '' : '.'}
    </>
  );
}

function Results({ job, failing }: { job: JobRowFragment; failing: readonly CaseRowFragment[] }) {
  const { counts, state } = job;
  if (counts.total === 0)
    return isOpen(state) ? (
      <span className="dim">Its results are read when it has finished.</span>
    ) : (
      <span className="dim">It left no results.</span>
    );
  const rest = (
    <>
      {counts.skip > 0 && (
        <Counted value={counts.skip} href="?result=SKIP#cases">
          {plural(counts.skip, 'case')} skipped
        </Counted>
      )}
      {counts.skip > 0 && counts.unknown > 0 && ', '}
      {counts.unknown > 0 && (
        <Counted value={counts.unknown} href="?result=UNKNOWN#cases">
          {count(counts.unknown)} unknown
        </Counted>
      )}
    </>
  );
  const hasRest = counts.skip + counts.unknown > 0;
  if (counts.fail === 0) {
    return (
      <>
        <b>
          {counts.pass === counts.total ? (
            <>
              <Counted value={counts.total} href="?#cases">
                All {plural(counts.total, 'case')}
              </Counted>{' '}
              pass.
            </>
          ) : (
            'No case fails.'
          )}
        </b>{' '}
        {counts.pass !== counts.total && (
          <span className="dim">
            <Counted value={counts.pass} href="?result=PASS#cases" /> of <Counted value={counts.total} href="?#cases" />{' '}
            pass{hasRest && ', '}
            {rest}.
          </span>
        )}
      </>
    );
  }
  const [first, ...more] = failing;
  return (
    <>
      <b className="fail">
        <Counted value={counts.fail} href="?result=FAIL#cases" /> of{' '}
        <Counted value={counts.total} href="?#cases">
          {plural(counts.total, 'case')}
        </Counted>{' '}
        {counts.fail === 1 ? 'fails' : 'fail'}
      </b>
      {first && (
        <>
          :{' '}
          <a className="mono" href="#failing">
            {first.name}
          </a>
          {more.length > 0 && <Measure>{` and ${count(counts.fail - 1)} more`}</Measure>}
        </>
      )}
      . {hasRest && <span className="dim">{rest}.</span>}
    </>
  );
}
