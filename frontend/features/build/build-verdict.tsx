import type { BuildPageQuery, MatrixShow, VerdictOutcome } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE, OPEN_STATES } from '@/lava.ts';
import { jobsPath, resultsPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { Glyph } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Status, type Verdict } from '@/ui/status.tsx';

const LOOKS: Record<VerdictOutcome, Omit<Verdict, 'word'>> = {
  PASS: { shape: 'pass', tone: 'pass' },
  FAIL: { shape: 'fail', tone: 'fail' },
  INFRASTRUCTURE: { shape: 'infra', tone: 'infra' },
  INCOMPLETE: { shape: 'queued', tone: 'warn' },
  CANNOT_TELL: { shape: 'unknown', tone: 'unknown' },
};

type Build = NonNullable<BuildPageQuery['build']>;
type Props = {
  build: Build;
  query: { project: string; build: string };
  /** Several runs of a suite count once: results then are fewer than those in a list. */
  once: boolean;
};
type VerdictProps = Props & {
  show: MatrixShow;
  /** Where the cells that newly fail are shown. */
  freshHref: string;
  /** Where labs are compared. */
  agreementHref: string;
};

export function titleOf({ version, counted: counts, jobCounts }: Build): string {
  const infra = jobCounts.infrastructure > 0 ? `, ${jobCounts.infrastructure} infra` : '';
  return counts.total === 0 ? `${version}: no results${infra}` : `${version}: ${count(counts.fail)} fail${infra}`;
}

const saidOf = (once: boolean) => (results: number) => (once ? { 'data-measure': true } : { 'data-count': results });

/** The build in a sentence; the same counters as the tally and the matrix. Labs are compared where they are shown. */
export function BuildVerdict({ build, show, query, once, freshHref, agreementHref }: VerdictProps) {
  const { counted: counts, jobCounts, previous, suites, missingCount } = build;
  const all = { ...query, checks: '1' };
  const said = saidOf(once);
  const fresh = suites.matrix.newlyFailingCellCount;
  const differ = suites.nodes.flatMap(({ cells }) => cells).filter(({ disagree }) => disagree).length;
  const isWhole = show !== 'NEWLY_FAILING' && suites.nodes.length === suites.totalCount;
  return (
    <p className="verdict">
      <Glyph {...LOOKS[build.verdict.outcome]} /> <Measure>{build.verdict.sentence}</Measure>{' '}
      {counts.total === 0 ? (
        <b>No result yet.</b>
      ) : counts.fail === 0 ? (
        <b>No case fails.</b>
      ) : (
        <b className="fail">
          <a href={resultsPath({ ...all, result: 'Fail' })} {...said(counts.fail)}>
            {count(counts.fail)}
          </a>{' '}
          of{' '}
          <a href={resultsPath(all)} {...said(counts.total)}>
            {plural(counts.total, 'result')}
          </a>{' '}
          {counts.fail === 1 ? 'fails' : 'fail'}.
        </b>
      )}{' '}
      {fresh > 0 && previous && (
        <>
          <b>
            <a href={freshHref} data-count={fresh}>
              {plural(fresh, 'cell')}
            </a>{' '}
            {fresh === 1 ? 'is' : 'are'} newly failing
          </b>{' '}
          against <span className="mono">{previous.version}</span>.{' '}
        </>
      )}
      <span className="dim">
        {differ > 0 && (
          <>
            <a href={agreementHref} data-measure>
              Labs disagree in {isWhole ? plural(differ, 'cell') : `${differ} of the cells shown`}
            </a>
            .{' '}
          </>
        )}
        {jobCounts.infrastructure > 0 && (
          <>
            <a href={jobsPath({ ...all, class: INFRASTRUCTURE })} data-count={jobCounts.infrastructure}>
              {plural(jobCounts.infrastructure, 'job')} failed by the labs’ fault
            </a>{' '}
            and {jobCounts.infrastructure === 1 ? 'is' : 'are'} counted apart.{' '}
          </>
        )}
        {jobCounts.running > 0 && (
          <>
            <a href={jobsPath({ ...all, state: OPEN_STATES })} data-count={jobCounts.running}>
              {plural(jobCounts.running, 'job')} not finished
            </a>
            , so this is not the final word.{' '}
          </>
        )}
        {missingCount > 0 && (
          <>
            <a href="#missing" data-count={missingCount}>
              {missingCount === 1 ? '1 suite' : `${count(missingCount)} suites`} of earlier builds
            </a>{' '}
            did not run.
          </>
        )}
      </span>
    </p>
  );
}

export function BuildTally({ build, query, once }: Props) {
  const { counted: counts, jobCounts, sources } = build;
  const all = { ...query, checks: '1' };
  const said = saidOf(once);
  const done = jobCounts.complete + jobCounts.incomplete + jobCounts.canceled;
  return (
    <div className="sumline">
      <div className="tally">
        <a className={counts.fail > 0 ? 'fail' : undefined} href="#failing" {...said(counts.fail)}>
          <b>{count(counts.fail)}</b>
          <Status shape="fail" tone={counts.fail > 0 ? 'fail' : 'faint'} word="fail" />
        </a>
        <a
          className={jobCounts.infrastructure > 0 ? 'infra' : undefined}
          href={jobsPath({ ...all, class: INFRASTRUCTURE })}
          data-count={jobCounts.infrastructure}
        >
          <b>{count(jobCounts.infrastructure)}</b>
          <Status
            shape="infra"
            tone={jobCounts.infrastructure > 0 ? 'infra' : 'faint'}
            word={jobCounts.infrastructure === 1 ? 'infra job' : 'infra jobs'}
          />
        </a>
        <a href={resultsPath({ ...all, result: 'Pass' })} {...said(counts.pass)}>
          <b>{count(counts.pass)}</b> <Status shape="pass" tone="pass" word="pass" />
        </a>
        {counts.skip > 0 && (
          <a href={resultsPath({ ...all, result: 'Skip' })} {...said(counts.skip)}>
            <b>{count(counts.skip)}</b> <Status shape="skipped" tone="skipped" word="skip" />
          </a>
        )}
        {counts.unknown > 0 && (
          <a href={resultsPath({ ...all, result: 'Unknown' })} {...said(counts.unknown)}>
            <b>{count(counts.unknown)}</b> <Status shape="unknown" tone="unknown" word="unknown" />
          </a>
        )}
        {jobCounts.running > 0 && (
          <a href={jobsPath({ ...all, state: OPEN_STATES })} data-count={jobCounts.running}>
            <b>{count(jobCounts.running)}</b>{' '}
            <Status shape="run" tone="run" word={jobCounts.running === 1 ? 'job open' : 'jobs open'} />
          </a>
        )}
        <span className="dim">
          <a href={resultsPath(all)} {...said(counts.total)}>
            {plural(counts.total, 'result')}
          </a>
          ,{' '}
          <a href={jobsPath(all)} data-count={done + jobCounts.running}>
            {jobCounts.running > 0 ? `${done} of ${plural(done + jobCounts.running, 'job')}` : plural(done, 'job')}
          </a>
          , <Measure>{plural(sources.length, 'lab')}</Measure>
        </span>
      </div>
      <CountsBar counts={counts} />
    </div>
  );
}
