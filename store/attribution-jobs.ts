/** Jobs around a failure, some weeks before and some days after, on its kind of board. */
import type { Outcome } from '#analysis/attribution-facts.ts';
import { JobHealth } from '#schema/records.ts';
import {
  isAround,
  type OutcomesOf,
  placesById,
  RUNS_AFTER,
  RUNS_BEFORE,
  type Subject,
  spanOf,
} from './attribution-runs.ts';
import type { EnvironmentRow } from './environment.ts';
import { selectEach } from './many-rows.ts';
import type { Store } from './store.ts';

const SECOND = 1_000_000;
/** Labs that are looked at, and in each what is public and what is not. */
const ENVIRONMENTS = 64;

type Row = {
  envId: number;
  at: number;
  jobId: number;
  deviceId: number | null;
  buildId: number | null;
  branchId: number | null;
  health: number;
};

const [COMPLETE, INCOMPLETE] = [JobHealth.options.indexOf('COMPLETE'), JobHealth.options.indexOf('INCOMPLETE')];
const JOBS = `SELECT env_id AS "envId", branch_id AS "branchId", submit_at AS at, id AS "jobId", device_id AS "deviceId",
    build_id AS "buildId", health
  FROM job WHERE env_id = ? AND health IN (${COMPLETE}, ${INCOMPLETE})`;
const BEFORE = `${JOBS} AND submit_at > ? AND submit_at <= ? ORDER BY submit_at DESC, number DESC, id DESC LIMIT ${RUNS_BEFORE}`;
const AFTER = `${JOBS} AND submit_at > ? AND submit_at <= ? ORDER BY submit_at, number, id LIMIT ${RUNS_AFTER}`;

/** Jobs on a device type that ended, for some that failed within hours: one that did not complete has failed. */
export async function readJobOutcomes(
  store: Store,
  environments: readonly EnvironmentRow[],
  deviceTypeId: number,
  subjects: readonly Subject[],
): Promise<OutcomesOf> {
  const labs = new Set(subjects.map(({ job }) => job.sourceId));
  const alike = environments
    .filter((row) => row.deviceTypeId === deviceTypeId)
    .toSorted((a, b) => Number(labs.has(b.sourceId)) - Number(labs.has(a.sourceId)))
    .slice(0, ENVIRONMENTS);
  const { from, at, until } = spanOf(subjects.map(({ job }) => job));
  const end = (at + 1) * SECOND;
  const between = (after: number, last: number) => alike.map(({ id }) => [id, after, last]);
  const rows = [
    ...(await selectEach<Row>(store.sql, BEFORE, between(from * SECOND, end))),
    ...(await selectEach<Row>(store.sql, AFTER, between(end, until * SECOND))),
  ];
  const placeOf = placesById(alike);
  const outcomes = rows.map(
    (row): Outcome => ({
      failed: row.health === INCOMPLETE,
      device: row.deviceId,
      ...placeOf(row.envId),
      build: row.buildId,
      line: row.branchId,
      at: Math.floor(row.at / SECOND),
      jobId: row.jobId,
      rest: null,
    }),
  );
  return (job) => outcomes.filter(isAround(job));
}
