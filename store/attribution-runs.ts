/** Runs around failures, some weeks before and some days after: of a test, on streams of its suite. */
import type { Outcome } from '#analysis/attribution-facts.ts';
import { listStreams, type Stream } from './attribution-streams.ts';
import type { SubjectJob } from './attribution-subject.ts';
import { type CaseName, caseKey, FAIL, PASS, type Verdict, verdictsAt, worseOf } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import { selectEach } from './many-rows.ts';
import { createShapeReader, namesOf, type ReadShape } from './read-shape.ts';
import type { Store } from './store.ts';
import type { Span } from './turn-to-fail.ts';

const DAY_SECONDS = 86_400;
const SECOND = 1_000_000;
export const DAYS_BEFORE = 14;
export const DAYS_AFTER = 7;
/** Failures within so many seconds share what is read. */
const TOGETHER = 6 * 3_600;
/** Of a stream: the nearest so many runs on either side. */
export const RUNS_BEFORE = 60;
export const RUNS_AFTER = 20;

/** A test or, without tests, a job that failed. */
export type Subject = { job: SubjectJob; caseIds: readonly number[] };

/** What ran around the job: all of it, or of one of the tests. */
export type OutcomesOf = (job: SubjectJob, caseId: number | null) => readonly Outcome[];

export function secondsOf({ submitAt }: SubjectJob): number {
  return Math.floor(submitAt / SECOND);
}

/** In order of their jobs, those together whose jobs were submitted within hours. */
export function byMoment<Some extends Pick<Subject, 'job'>>(subjects: readonly Some[]): Some[][] {
  const groups: Some[][] = [];
  for (const subject of subjects.toSorted((a, b) => a.job.submitAt - b.job.submitAt || a.job.id - b.job.id)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && secondsOf(subject.job) - secondsOf(first.job) <= TOGETHER) group.push(subject);
    else groups.push([subject]);
  }
  return groups;
}

/** From before the first of the jobs until after the last; `at` is between what is before and what is after. */
export function spanOf(jobs: readonly SubjectJob[]): Span & { at: number } {
  const all = jobs.map(secondsOf);
  const [first, at] = [Math.min(...all), Math.max(...all)];
  return { from: first - DAYS_BEFORE * DAY_SECONDS, at, until: at + DAYS_AFTER * DAY_SECONDS };
}

/** A run is of a failure's span, wherever those that it was read with begin and end. */
export function isAround(job: SubjectJob): (run: { at: number }) => boolean {
  const { from, until } = spanOf([job]);
  return ({ at }) => at > from && at <= until;
}

type RunRow = Stream & {
  at: number;
  jobId: number;
  deviceId: number | null;
  buildId: number | null;
  shapeId: number;
  shapeHash: Buffer;
  size: number;
  pass: number;
  fail: number;
  verdicts: Buffer;
};

const RUNS = `SELECT h.env_id AS "envId", h.branch_id AS "branchId", h.at, h.job_id AS "jobId", j.device_id AS "deviceId",
    j.build_id AS "buildId", h.shape_id AS "shapeId", s.hash AS "shapeHash", s.size, r.pass, r.fail, r.verdicts
  FROM suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
    JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord JOIN shape s ON s.id = h.shape_id
  WHERE h.env_id = ? AND h.suite_id = ? AND h.branch_id = ?`;
const BEFORE = `${RUNS} AND h.at > ? AND h.at <= ? ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ${RUNS_BEFORE}`;
const AFTER = `${RUNS} AND h.at > ? AND h.at <= ? ORDER BY h.at, h.number, h.job_id, h.ord LIMIT ${RUNS_AFTER}`;

/** Passes and failures of tests of a suite that failed within hours: each stream is read once for all of them. */
export async function readTestOutcomes(
  store: Store,
  environments: readonly EnvironmentRow[],
  suiteId: number,
  subjects: readonly Subject[],
): Promise<OutcomesOf> {
  const span = spanOf(subjects.map(({ job }) => job));
  const streams = new Map<string, Stream[]>();
  for (const { job } of subjects) {
    const kind = kindOf(job);
    if (!streams.has(kind)) streams.set(kind, await listStreams(store, environments, job, suiteId, span));
  }
  const all = new Map([...streams.values()].flat().map((stream) => [nameOf(stream), stream]));
  const between = (from: number, until: number) =>
    [...all.values()].map(({ envId, branchId }) => [envId, suiteId, branchId, from, until]);
  const rows = [
    ...(await selectEach<RunRow>(store.sql, BEFORE, between(span.from, span.at))),
    ...(await selectEach<RunRow>(store.sql, AFTER, between(span.at, span.until))),
  ];
  const caseIds = [...new Set(subjects.flatMap((subject) => subject.caseIds))];
  const runs = Map.groupBy(await readVerdicts(store, rows, caseIds), ({ row }) => nameOf(row));
  const placeOf = placesById(environments);
  return (job, caseId) => {
    const isNear = isAround(job);
    const around = (streams.get(kindOf(job)) ?? []).flatMap((stream) => runs.get(nameOf(stream)) ?? []);
    const outcomes: Outcome[] = [];
    for (const { row, found } of around) {
      const test = found.get(caseId ?? 0);
      if (!test || (test.worst !== PASS && test.worst !== FAIL) || !isNear(row)) continue;
      const failed = test.worst === FAIL;
      outcomes.push({
        failed,
        device: row.deviceId,
        ...placeOf(row.envId),
        build: row.buildId,
        line: row.branchId,
        at: row.at,
        jobId: row.jobId,
        rest: { failed: row.fail - (failed ? test.times : 0), runs: row.pass + row.fail - test.times },
      });
    }
    return outcomes;
  };
}

function kindOf({ branchId, deviceTypeId }: SubjectJob): string {
  return `${branchId} ${deviceTypeId}`;
}

function nameOf({ envId, branchId }: Stream): string {
  return `${envId} ${branchId}`;
}

export function placesById(
  environments: readonly EnvironmentRow[],
): (envId: number) => Pick<Outcome, 'lab' | 'deviceType'> {
  const byId = new Map(environments.map((row) => [row.id, { lab: row.sourceId, deviceType: row.deviceTypeId }]));
  return (envId) => byId.get(envId) ?? { lab: 0, deviceType: 0 };
}

/** A test may have run several times in a run of its suite. */
type TestRun = { worst: Verdict; times: number };

async function readVerdicts(
  store: Store,
  rows: readonly RunRow[],
  caseIds: readonly number[],
): Promise<{ row: RunRow; found: Map<number, TestRun> }[]> {
  const shapeOf = await createShapeReader(store.sql)(rows);
  const isLoose = rows.some((row) => shapeOf(row).looseNames.size > 0);
  const names = isLoose ? await namesOf(store, caseIds) : new Map<number, CaseName>();
  const places = new Map<number, Place[]>();
  return rows.map((row) => {
    const held = places.get(row.shapeId) ?? placesOf(shapeOf(row), caseIds, names);
    places.set(row.shapeId, held);
    const found = new Map<number, TestRun>();
    const verdicts = verdictsAt(
      row.verdicts,
      held.map(({ position }) => position),
    );
    for (const [i, { caseId }] of held.entries()) {
      const { worst, times } = found.get(caseId) ?? { worst: PASS, times: 0 };
      found.set(caseId, { worst: worseOf(worst, verdicts[i] ?? PASS), times: times + 1 });
    }
    return { row, found };
  });
}

type Place = { position: number; caseId: number };

/** By position. A case that fails here may be a name that only the shape keeps in a run where it passes. */
function placesOf(
  { ids, looseNames }: ReadShape,
  caseIds: readonly number[],
  names: ReadonlyMap<number, CaseName>,
): Place[] {
  const places: Place[] = [];
  const wanted = new Set(caseIds);
  for (const [position, caseId] of ids.entries()) if (wanted.has(caseId)) places.push({ position, caseId });
  if (looseNames.size === 0) return places;
  const byName = new Map([...names].map(([id, name]) => [caseKey(name), id]));
  for (const [position, name] of looseNames) {
    const caseId = byName.get(caseKey(name));
    if (caseId !== undefined) places.push({ position, caseId });
  }
  return places.sort((a, b) => a.position - b.position);
}
