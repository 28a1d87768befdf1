/** The cases of one job: what is asked for is chosen by suites, verdicts and places, and only that is unpacked. */
import type { TestResult } from '#schema/records.ts';
import { type CaseName, type Counts, resultOf, unpackVerdicts, type Verdict, verdictOf } from './codec.ts';
import { type JobDetails, openDetails, type Piece } from './frame.ts';
import type { JobHead } from './job-head.ts';
import { selectIn } from './many-rows.ts';
import type { Key, PageRequest } from './page.ts';
import { createShapeReader, type ReadShape, readNames, type ShapeReader } from './read-shape.ts';
import type { Store } from './store.ts';
import { joinSuiteName } from './suite-run.ts';
import type { TestCaseRow } from './test-case.ts';
import { fromStored, toStored } from './text.ts';
import { TEXT_INDEX } from './text-index.ts';

export type CaseFilter = {
  suite?: string | null;
  name?: string | null;
  result?: readonly TestResult[] | null;
  /** Without the steps of the master's own suites. */
  testsOnly?: boolean;
};

export type Run = Counts & {
  ord: number;
  suiteId: number;
  externalId: number;
  isSteps: boolean;
  shapeId: number;
  shapeHash: Buffer;
  size: number;
  /** As the master names it, and without the job's index. */
  suite: string;
  comparable: string;
  /** Index in the job of its first case. */
  first: number;
  /** Unpacked when asked for. */
  verdicts(): Uint8Array;
};

/** A job whose cases are read piece by piece. */
export type OpenJob = { job: JobHead; runs: readonly Run[]; details: JobDetails; readShapes: ShapeReader };

type RunRow = Counts & {
  jobId: number;
  ord: number;
  suiteId: number;
  prefix: number | null;
  externalId: number;
  isSteps: number;
  shapeId: number;
  shapeHash: Buffer;
  verdicts: Buffer;
  name: string;
};

const RUNS = `SELECT r.job_id AS "jobId", r.ord, r.suite_id AS "suiteId", r.prefix, r.external_id AS "externalId",
    r.is_steps AS "isSteps", r.shape_id AS "shapeId", r.pass, r.fail, r.skip, r.unknown, r.verdicts, h.hash AS "shapeHash", s.name
  FROM suite_run r JOIN suite s ON s.id = r.suite_id JOIN shape h ON h.id = r.shape_id`;

/** `whole`: all of it will be read, maybe slowly. */
export async function openJob(store: Store, job: JobHead, { whole = false } = {}): Promise<OpenJob> {
  const one = `${RUNS} WHERE r.env_id = ? AND r.job_id = ? ORDER BY r.ord`;
  const rows = job.resultsRemovedAt === null ? await store.sql.all<RunRow>(one, ...[job.envId, job.id]) : [];
  const details = openDetails(store.sql, job, { whole });
  return { job, runs: toRuns(rows), details, readShapes: createShapeReader(store.sql) };
}

/** Runs of many jobs, by job; none of those whose single results are deleted. */
export async function readRunsOf(store: Store, jobs: Iterable<JobHead>): Promise<Map<number, Run[]>> {
  const ids = [...jobs].flatMap(({ id, resultsRemovedAt }) => (resultsRemovedAt === null ? [id] : []));
  const many = `${RUNS} JOIN job j ON j.id = r.job_id AND j.env_id = r.env_id WHERE j.id`;
  const rows = await selectIn<RunRow>(store.sql, many, [], ids);
  const byJob = Map.groupBy(
    rows.sort((a, b) => a.ord - b.ord),
    ({ jobId }) => jobId,
  );
  return new Map([...byJob].map(([id, runs]) => [id, toRuns(runs)]));
}

/** Of one job, in order. */
function toRuns(rows: readonly RunRow[]): Run[] {
  let first = 0;
  return rows.map((row) => {
    const comparable = fromStored(row.name);
    const size = row.pass + row.fail + row.skip + row.unknown;
    let unpacked: Uint8Array | undefined;
    const run = {
      ...row,
      isSteps: row.isSteps === 1,
      comparable,
      suite: joinSuiteName(row.prefix, comparable),
      size,
      first,
      verdicts() {
        unpacked ??= unpackVerdicts(row.verdicts, size);
        return unpacked;
      },
    };
    first += size;
    return run;
  });
}

const COUNTER = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

/** Cases of the runs that can match, by their suite and counts alone. */
function candidates({ runs }: OpenJob, { suite, result, testsOnly }: CaseFilter): Run[] {
  return runs.filter(
    (run) =>
      !(testsOnly && run.isSteps) &&
      (suite == null || suite === run.suite || suite === run.comparable) &&
      (!result || result.some((one) => run[COUNTER[one]] > 0)),
  );
}

/** How many match, by the counts of the runs; null when a name is asked for. */
export function countCases(open: OpenJob, filter: CaseFilter): number | null {
  if (filter.name != null) return null;
  const wanted = filter.result ?? (Object.keys(COUNTER) as TestResult[]);
  return candidates(open, filter).reduce((n, run) => n + wanted.reduce((m, one) => m + run[COUNTER[one]], 0), 0);
}

/** Matching cases between two places, nearest first, at most `limit`. */
export async function casesOf(
  store: Store,
  open: OpenJob,
  filter: CaseFilter,
  page: PageRequest,
): Promise<TestCaseRow[]> {
  const wanted = filter.result ? new Set(filter.result.map(verdictOf)) : null;
  const runs = candidates(open, filter);
  const named = filter.name == null ? null : await placesOfName(store, open, runs, filter.name);
  const chosen = new Map<Run, number[]>();
  let room = page.limit;
  for (const run of page.backward ? runs.toReversed() : runs) {
    if (room <= 0) break;
    const among = named ? (named.get(run) ?? []) : null;
    const positions = choose(run, wanted, among, { ...page, limit: room });
    room -= positions.length;
    chosen.set(run, positions);
  }
  return casesAt(store, open, chosen);
}

/** The cases at positions of the runs, which ascend or descend, in the order of the map. */
export async function casesAt(
  store: Store,
  open: OpenJob,
  places: ReadonlyMap<Run, readonly number[]>,
): Promise<TestCaseRow[]> {
  const chosen = [...places].filter(([, positions]) => positions.length > 0);
  const shapeOf = await open.readShapes(chosen.map(([run]) => run));
  const parts = chosen.map(([run, positions]) => ({ run, positions, shape: shapeOf(run) }));
  const nameAt = await readNames(store, parts);
  const rows: TestCaseRow[] = [];
  const ends = parts.flatMap(({ run: { first }, positions }) => [
    first + (positions[0] ?? 0),
    first + (positions.at(-1) ?? 0),
  ]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  for (const { run, positions, shape } of parts) {
    const verdicts = run.verdicts();
    for (const position of positions) {
      const index = run.first + position;
      const piece = open.details.holding(index) ?? (await open.details.read(index, low, high));
      rows.push(rowOf(open.job, run, position, verdicts[position] ?? 3, shape, nameAt(shape, position), piece));
    }
  }
  return rows;
}

/** Positions in the run, among those given or all, between the places of the page. */
function choose(
  run: Run,
  wanted: ReadonlySet<Verdict> | null,
  among: readonly number[] | null,
  { limit, after, before, backward }: PageRequest,
): number[] {
  const low = after ? edge(run, after, 1) : 0;
  const high = before ? edge(run, before, 0) : run.size;
  const verdicts = wanted ? run.verdicts() : null;
  const positions: number[] = [];
  const [first, count] = among ? [0, among.length] : [low, high - low];
  for (let n = 0; n < count && positions.length < limit; n++) {
    const at = first + (backward ? count - 1 - n : n);
    const position = among ? (among[at] ?? 0) : at;
    if (position < low || position >= high) continue;
    if (!verdicts || wanted?.has(verdicts[position] ?? 3)) positions.push(position);
  }
  return positions;
}

/** Where a place cuts the run: at its position, `beyond` it, or at either end. */
function edge({ ord, size }: Run, place: Key, beyond: 0 | 1): number {
  const [placeOrd, position] = [Number(place[0]), Number(place[1])];
  if (placeOrd !== ord) return placeOrd < ord ? 0 : size;
  return Math.max(0, Math.min(size, position + beyond));
}

/** Positions of the name in each run, in order. */
async function placesOfName(
  store: Store,
  { readShapes }: OpenJob,
  runs: readonly Run[],
  name: string,
): Promise<Map<Run, number[]>> {
  const shapeOf = await readShapes(runs);
  const places = new Map<Run, number[]>();
  for (const run of runs) {
    const { ids, looseNames } = shapeOf(run);
    const positions: number[] = [];
    for (const id of await idsOfName(store, run.suiteId, name)) {
      for (let at = ids.indexOf(id); at >= 0; at = ids.indexOf(id, at + 1)) positions.push(at);
    }
    for (const [position, loose] of looseNames) if (loose.name === name) positions.push(position);
    places.set(
      run,
      positions.sort((a, b) => a - b),
    );
  }
  return places;
}

async function idsOfName({ sql, engine }: Store, suiteId: number, name: string): Promise<number[]> {
  const { where, values } = TEXT_INDEX[engine].is('name', toStored(name));
  const rows = await sql.all<{ id: number }>(
    `SELECT id FROM test_case WHERE suite_id = ? AND ${where}`,
    suiteId,
    ...values,
  );
  return rows.map((row) => row.id);
}

export function rowOf(
  job: JobHead,
  run: Run,
  position: number,
  verdict: Verdict,
  { occurrences }: ReadShape,
  { set, name }: CaseName,
  { first, detail }: Piece,
): TestCaseRow {
  const index = run.first + position - first;
  return {
    jobId: job.id,
    slug: job.slug,
    epoch: job.epoch,
    jobExternalId: job.externalId,
    submitAt: job.submitAt,
    externalId: detail.externalId[index] ?? 0,
    suite: run.suite,
    suiteExternalId: run.externalId,
    set,
    setExternalId: detail.setExternalId[index] ?? null,
    name,
    occurrence: occurrences?.[position] ?? 0,
    result: resultOf(verdict),
    measurement: detail.measurement[index] ?? null,
    units: detail.unit[index] ?? null,
    startLogLine: detail.startLogLine[index] ?? null,
    endLogLine: detail.endLogLine[index] ?? null,
    loggedAt: detail.loggedAt[index] ?? null,
    template: detail.template[index] ?? null,
    ord: run.ord,
    position,
  };
}
