/** Whose fault failures are: the evidence the store has of each, from histories and verdicts, and what it adds up to. */
import { namesKernelFault } from '#analysis/action-stage.ts';
import { type Attribution, attribute } from '#analysis/attribution.ts';
import type { Facts } from '#analysis/attribution-evidence.ts';
import { countOutcomes, type Outcome } from '#analysis/attribution-facts.ts';
import { FailureClass, JobHealth } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { suitesOfCases } from './attribution-case.ts';
import {
  countCoFailures,
  type FailedAction,
  findBadBoards,
  findFailedActions,
  NO_COFAILURES,
} from './attribution-moment.ts';
import { readJobOutcomes, readTestOutcomes } from './attribution-runs.ts';
import { getSubjectJobs, type SubjectJob } from './attribution-subject.ts';
import { type EnvironmentRow, listEnvironments } from './environment.ts';
import type { Store } from './store.ts';

/** A test that failed in a job, or (without a test) a job that did not complete. */
export type Failure = { jobId: number; caseId: number | null };

/** `suite` is that of the test. */
export type FactsRow = { job: SubjectJob; suite: string | null; facts: Facts };
export type AttributionRow = Attribution & Pick<FactsRow, 'job' | 'suite'>;

/**
 * In the order of the failures; null where the viewer may not see the job. Evidence is what the viewer may see. The runs of
 * two weeks before a failure and a week after it are read, 250 of each environment and branch at most: a dozen queries for
 * all failures, and about eight for each job and suite among them.
 */
export async function getAttributions(
  store: Store,
  viewer: Viewer,
  failures: readonly Failure[],
): Promise<(AttributionRow | null)[]> {
  const rows = await gatherFacts(store, viewer, failures);
  return rows.map((row) => row && { ...attribute(row.facts), job: row.job, suite: row.suite });
}

/** What the attribution of each is made of. */
export async function gatherFacts(
  store: Store,
  viewer: Viewer,
  failures: readonly Failure[],
): Promise<(FactsRow | null)[]> {
  const jobs = await getSubjectJobs(
    store,
    viewer,
    failures.map(({ jobId }) => jobId),
  );
  const all = [...jobs.values()];
  if (all.length === 0) return failures.map(() => null);
  const suites = await suitesOfCases(
    store,
    failures.flatMap(({ caseId }) => caseId ?? []),
  );
  const environments = await listEnvironments(store, viewer, {});
  const workers = await countCoFailures(store, viewer, all);
  const bad = await findBadBoards(store, all);
  const actions = await findFailedActions(store, all);
  const found = new Map<Failure, FactsRow>();
  for (const [jobId, ofJob] of Map.groupBy(failures, (failure) => failure.jobId)) {
    const job = jobs.get(jobId);
    if (!job) continue;
    const alike = environments.filter(({ deviceTypeId }) => deviceTypeId === job.deviceTypeId);
    const moment = {
      worker: workers.get(jobId) ?? NO_COFAILURES,
      deviceWentBad: bad.has(jobId),
      action: actions.get(jobId) ?? null,
    };
    for (const [suiteId, ofSuite] of Map.groupBy(ofJob, ({ caseId }) => suites.get(caseId ?? 0)?.suiteId ?? null)) {
      const outcomes = await readOutcomes(store, suiteId === null ? alike : environments, job, suiteId, ofSuite);
      for (const failure of ofSuite) {
        const runs = outcomes(failure);
        found.set(failure, {
          job,
          suite: suites.get(failure.caseId ?? 0)?.suite ?? null,
          facts: factsOf(job, failure, runs, moment),
        });
      }
    }
  }
  return failures.map((failure) => found.get(failure) ?? null);
}

async function readOutcomes(
  store: Store,
  environments: readonly EnvironmentRow[],
  job: SubjectJob,
  suiteId: number | null,
  failures: readonly Failure[],
): Promise<(failure: Failure) => readonly Outcome[]> {
  if (suiteId === null) {
    const jobs = await readJobOutcomes(store, environments, job);
    return () => jobs;
  }
  const caseIds = [...new Set(failures.flatMap(({ caseId }) => caseId ?? []))];
  const byCase = await readTestOutcomes(store, environments, job, suiteId, caseIds);
  return ({ caseId }) => byCase.get(caseId ?? 0) ?? [];
}

type Moment = Pick<Facts, 'worker' | 'deviceWentBad'> & { action: FailedAction | null };

function factsOf(job: SubjectJob, { caseId }: Failure, outcomes: readonly Outcome[], moment: Moment): Facts {
  const { action, ...rest } = moment;
  const isTest = caseId !== null;
  const isComplete = JobHealth.options[job.health] !== 'INCOMPLETE';
  const failureClass = FailureClass.options[job.failureClass] ?? 'UNCLASSIFIED';
  return {
    ...countOutcomes(outcomes, {
      device: job.deviceId,
      deviceType: job.deviceTypeId,
      lab: job.sourceId,
      build: job.buildId,
      line: job.branchId,
      at: Math.floor(job.submitAt / 1_000_000),
      jobId: job.id,
    }),
    ...rest,
    names: {
      subject: isTest ? 'test' : 'job',
      device: job.device ?? 'this board',
      boards: job.deviceId === null ? 'boards' : 'other boards',
      deviceType: job.deviceType,
      lab: job.slug,
      worker: job.worker ?? 'its worker',
      build: job.build ?? 'what it tests',
    },
    end: isComplete ? null : { failureClass, errorType: job.errorType },
    failedAction: isComplete ? null : action,
    namesKernelFault: namesKernelFault(job.errorMessage ?? ''),
  };
}
