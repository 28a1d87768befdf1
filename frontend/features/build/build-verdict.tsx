import type { BuildPageQuery, MatrixShow, VerdictOutcome } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE, OPEN_STATES } from '@/lava.ts';
import { jobsPath } from '@/paths.ts';
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
type Props = { build: Build; query: { project: string; build: string } };
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

/** The build in a sentence; the same counters as the tally and the matrix. Labs are compared where they are shown. */
export function BuildVerdict({ build, show, query, freshHref, agreementHref }: VerdictProps) {
  const { counted: counts, jobCounts, previous, suites, missingCount } = build;
  const fresh = suites.matrix.newlyFailingCellCount;
  const differ = suites.nodes.flatMap(({ cells }) => cells).filter(({ disagree }) => disagree).length;
  const isWhole = show !== 'NEWLY_FAILING' && suites.nodes.length === suites.totalCount;
  return (
    <p className="verdict">
      <Glyph {...LOOKS[build.verdict.outcome]} /> {build.verdict.sentence}{' '}
      {counts.total === 0 ? (
        <b>No result yet.</b>
      ) : counts.fail === 0 ? (
        <b>No case fails.</b>
      ) : (
        <b className="fail">
          {count(counts.fail)} of {plural(counts.total, 'result')} {counts.fail === 1 ? 'fails' : 'fail'}.
        </b>
      )}{' '}
      {fresh > 0 && previous && (
        <>
          <b>
            <a href={freshHref}>{plural(fresh, 'cell')}</a> {fresh === 1 ? 'is' : 'are'} newly failing
          </b>{' '}
          against <span className="mono">{previous.version}</span>.{' '}
        </>
      )}
      <span className="dim">
        {differ > 0 && (
          <>
            <a href={agreementHref}>
              Labs disagree in {isWhole ? plural(differ, 'cell') : `${differ} of the cells shown`}
            </a>
            .{' '}
          </>
        )}
        {jobCounts.infrastructure > 0 && (
          <>
            <a href={jobsPath({ ...query, class: INFRASTRUCTURE })}>
              {plural(jobCounts.infrastructure, 'job')} failed by the labs’ fault
            </a>{' '}
            and {jobCounts.infrastructure === 1 ? 'is' : 'are'} counted apart.{' '}
          </>
        )}
        {jobCounts.running > 0 && (
          <>
            <a href={jobsPath({ ...query, state: OPEN_STATES })}>{plural(jobCounts.running, 'job')} not finished</a>, so
            this is not the final word.{' '}
          </>
        )}
        {missingCount > 0 && (
          <>
            <a href="#missing">{missingCount === 1 ? '1 suite' : `${count(missingCount)} suites`} of earlier builds</a>{' '}
            did not run.
          </>
        )}
      </span>
    </p>
  );
}

export function BuildTally({ build, query }: Props) {
  const { counted: counts, jobCounts, sources } = build;
  const done = jobCounts.complete + jobCounts.incomplete + jobCounts.canceled;
  return (
    <div className="sumline">
      <div className="tally">
        <a className={counts.fail > 0 ? 'fail' : undefined} href="#failing">
          <b>{count(counts.fail)}</b>
          <Status shape="fail" tone={counts.fail > 0 ? 'fail' : 'faint'} word="fail" />
        </a>
        <a
          className={jobCounts.infrastructure > 0 ? 'infra' : undefined}
          href={jobsPath({ ...query, class: INFRASTRUCTURE })}
        >
          <b>{count(jobCounts.infrastructure)}</b>
          <Status
            shape="infra"
            tone={jobCounts.infrastructure > 0 ? 'infra' : 'faint'}
            word={jobCounts.infrastructure === 1 ? 'infra job' : 'infra jobs'}
          />
        </a>
        <span>
          <b>{count(counts.pass)}</b> <Status shape="pass" tone="pass" word="pass" />
        </span>
        {counts.skip > 0 && (
          <span>
            <b>{count(counts.skip)}</b> <Status shape="skipped" tone="skipped" word="skip" />
          </span>
        )}
        {counts.unknown > 0 && (
          <span>
            <b>{count(counts.unknown)}</b> <Status shape="unknown" tone="unknown" word="unknown" />
          </span>
        )}
        {jobCounts.running > 0 && (
          <span>
            <b>{count(jobCounts.running)}</b>{' '}
            <Status shape="run" tone="run" word={jobCounts.running === 1 ? 'job open' : 'jobs open'} />
          </span>
        )}
        <span className="dim">
          {plural(counts.total, 'result')},{' '}
          <a href={jobsPath(query)}>
            {jobCounts.running > 0 ? `${done} of ${plural(done + jobCounts.running, 'job')}` : plural(done, 'job')}
          </a>
          , {plural(sources.length, 'lab')}
        </span>
      </div>
      <CountsBar counts={counts} />
    </div>
  );
}
