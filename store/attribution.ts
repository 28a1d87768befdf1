/** Whose fault failures are: the evidence the store has of each, from histories and verdicts, and what it adds up to. */
import { namesKernelFault } from '#analysis/action-stage.ts';
import { type Attribution, attribute } from '#analysis/attribution.ts';
import type { Facts } from '#analysis/attribution-evidence.ts';
import { countOutcomes, type Outcome } from '#analysis/attribution-facts.ts';
import { FailureClass, JobHealth } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { getSuiteCases, type SuiteCase } from './attribution-case.ts';
import { readJobOutcomes } from './attribution-jobs.ts';
import {
  countCoFailures,
  type FailedAction,
  findBadBoards,
  findFailedActions,
  NO_COFAILURES,
} from './attribution-moment.ts';
import { byMoment, readTestOutcomes } from './attribution-runs.ts';
import { getSubjectJobs, type SubjectJob } from './attribution-subject.ts';
import { listEnvironments } from './environment.ts';
import type { Store } from './store.ts';

/** A test that failed in a job, or (without a test) a job that did not complete. */
export type Failure = { jobId: number; caseId: number | null };

export type FactsRow = { job: SubjectJob; test: SuiteCase | null; facts: Facts };
export type AttributionRow = Attribution & Pick<FactsRow, 'job' | 'test'>;

/**
 * In the order of the failures; null where the viewer may not see the job. Evidence is what the viewer may see. The runs of
 * two weeks before a failure and a week after it are read, 80 of each environment and branch at most: a dozen queries for
 * all failures, and about six for each suite and six hours among them.
 */
export async function getAttributions(
  store: Store,
  viewer: Viewer,
  failures: readonly Failure[],
): Promise<(AttributionRow | null)[]> {
  const rows = await gatherFacts(store, viewer, failures);
  return rows.map((row) => row && { ...attribute(row.facts), job: row.job, test: row.test });
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
  const cases = await getSuiteCases(
    store,
    failures.flatMap(({ caseId }) => caseId ?? []),
  );
  const environments = await listEnvironments(store, viewer, {});
  const workers = await countCoFailures(store, viewer, all);
  const bad = await findBadBoards(store, all);
  const actions = await findFailedActions(store, all);
  const subjects = [...Map.groupBy(failures, placeOf(cases))].flatMap(([, some]) => {
    const [first] = some;
    const job = first && jobs.get(first.jobId);
    const caseIds = [...new Set(some.flatMap(({ caseId }) => caseId ?? []))];
    return job ? [{ job, caseIds, suiteId: cases.get(first.caseId ?? 0)?.suiteId ?? null, failures: some }] : [];
  });
  const found = new Map<Failure, FactsRow>();
  const kinds = Map.groupBy(subjects, ({ job, suiteId }) =>
    suiteId === null ? `type ${job.deviceTypeId}` : `suite ${suiteId}`,
  );
  for (const group of [...kinds.values()].flatMap((some) => byMoment(some))) {
    const [first] = group;
    if (!first) continue;
    const outcomes =
      first.suiteId === null
        ? await readJobOutcomes(store, environments, first.job.deviceTypeId, group)
        : await readTestOutcomes(store, environments, first.suiteId, group);
    for (const { job, failures: some } of group) {
      const moment = {
        worker: workers.get(job.id) ?? NO_COFAILURES,
        deviceWentBad: bad.has(job.id),
        action: actions.get(job.id) ?? null,
      };
      for (const failure of some) {
        const facts = factsOf(job, failure, outcomes(job, failure.caseId), moment);
        found.set(failure, { job, test: cases.get(failure.caseId ?? 0) ?? null, facts });
      }
    }
  }
  return failures.map((failure) => found.get(failure) ?? null);
}

/** Which job and suite a failure is of. */
function placeOf(cases: ReadonlyMap<number, SuiteCase>): (failure: Failure) => string {
  return ({ jobId, caseId }) => `${jobId} ${cases.get(caseId ?? 0)?.suiteId ?? ''}`;
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
