/** Suite runs of one job: rows to and fro. */
import type { CaseList, CaseRecord, SuiteRecord } from '#schema/records.ts';
import { type CaseName, type Counts, createShapeHash, packVerdicts, shapeHash, verdictOf } from './codec.ts';
import type { Sql } from './store.ts';
import type { Writer } from './writer.ts';

export type RunRow = Counts & {
  envId: number;
  jobId: number;
  ord: number;
  suiteId: number;
  prefix: number | null;
  externalId: number;
  isSteps: boolean;
  /** NO_SHAPE once retention has deleted the single results. */
  shapeId: number;
  verdicts: Uint8Array;
};

/** "0_smoke" is the suite "smoke", first of its job; a name without index is as valid. */
export function splitSuiteName(name: string): { prefix: number | null; name: string } {
  const match = /^(0|[1-9]\d{0,8})_(.+)$/s.exec(name);
  return match ? { prefix: Number(match[1]), name: match[2] ?? '' } : { prefix: null, name };
}

export function joinSuiteName(prefix: number | null, name: string): string {
  return prefix === null ? name : `${prefix}_${name}`;
}

export const NO_SHAPE = 0;

/** A suite run as it will be stored, but for the ids. */
export type PackedSuite = {
  suite: SuiteRecord;
  prefix: number | null;
  /** Comparable name. */
  name: string;
  shapeHash: Buffer;
  verdicts: Buffer;
  counts: Counts;
};

/** Goes through the cases, once if they are many; `take` is given each. */
export function packSuite(suite: SuiteRecord, take: (one: CaseRecord) => void): PackedSuite {
  const { prefix, name } = splitSuiteName(suite.name);
  const list = suite.cases.length > LIST_CASES ? createShapeHash(name) : null;
  const verdicts = new Uint8Array(suite.cases.length);
  let i = 0;
  for (const one of suite.cases) {
    verdicts[i++] = verdictOf(one.result);
    list?.add(one);
    take(one);
  }
  const { bytes, counts } = packVerdicts(verdicts);
  return { suite, prefix, name, shapeHash: list?.done() ?? hashOf(name, suite.cases), verdicts: bytes, counts };
}

type Known = { cases: readonly CaseName[]; hash: Buffer };

/** The last case list of each suite and length: runs repeat it, and comparing is cheaper than hashing. */
const lastLists = new Map<string, Known>();
const LISTS = 200;
/** A longer one costs more to keep than to hash. */
const LIST_CASES = 20_000;

function hashOf(suite: string, cases: CaseList): Buffer {
  const key = `${cases.length}\n${suite}`;
  const last = lastLists.get(key);
  if (last && areNamed(cases, last.cases)) return last.hash;
  const hash = shapeHash(suite, cases);
  if (lastLists.size >= LISTS) lastLists.clear();
  lastLists.set(key, { cases: Array.from(cases, ({ set, name }) => ({ set, name })), hash });
  return hash;
}

function areNamed(cases: CaseList, names: readonly CaseName[]): boolean {
  let i = 0;
  for (const { set, name } of cases) {
    const known = names[i++];
    if (known?.name !== name || known.set !== set) return false;
  }
  return true;
}

/** Stores the runs and returns those that are tests. */
export async function insertRuns(
  writer: Writer,
  job: { jobId: number; envId: number },
  suites: readonly PackedSuite[],
): Promise<RunRow[]> {
  const tests: RunRow[] = [];
  for (const [ord, { suite, prefix, name, shapeHash, verdicts, counts }] of suites.entries()) {
    const suiteId = await writer.dictionary.id('suite', name);
    const shape = await writer.shapes.ensure({ envId: job.envId, suiteId, shapeHash, cases: suite.cases, verdicts });
    await writer.store.sql.run(
      `INSERT INTO suite_run (env_id, job_id, ord, suite_id, prefix, external_id, is_steps, shape_id, pass, fail, skip, unknown, verdicts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      job.envId,
      job.jobId,
      ord,
      suiteId,
      prefix,
      suite.externalId,
      suite.isSteps ? 1 : 0,
      shape.id,
      counts.pass,
      counts.fail,
      counts.skip,
      counts.unknown,
      verdicts,
    );
    if (suite.isSteps) continue;
    tests.push({
      ...job,
      ...counts,
      ord,
      suiteId,
      prefix,
      externalId: suite.externalId,
      isSteps: false,
      shapeId: shape.id,
      verdicts,
    });
  }
  return tests;
}

/** The runs of a job in the master's order. */
export async function readRuns(sql: Sql, envId: number, jobId: number): Promise<RunRow[]> {
  const rows = await sql.all<Omit<RunRow, 'isSteps'> & { isSteps: number }>(
    `SELECT env_id AS "envId", job_id AS "jobId", ord, suite_id AS "suiteId", prefix, external_id AS "externalId",
       is_steps AS "isSteps", shape_id AS "shapeId", pass, fail, skip, unknown, verdicts
     FROM suite_run WHERE env_id = ? AND job_id = ? ORDER BY ord`,
    envId,
    jobId,
  );
  return rows.map((row) => ({ ...row, isSteps: row.isSteps === 1 }));
}
