/** Suite runs of one job: rows to and fro. */
import type { SuiteRecord } from '#schema/records.ts';
import { type CaseName, type Counts, packVerdicts, shapeHash, verdictOf } from './codec.ts';
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

export function packSuite(suite: SuiteRecord): PackedSuite {
  const { prefix, name } = splitSuiteName(suite.name);
  const { bytes, counts } = packVerdicts(suite.cases.map((c) => verdictOf(c.result)));
  return { suite, prefix, name, shapeHash: hashOf(name, suite.cases), verdicts: bytes, counts };
}

type Known = { cases: readonly CaseName[]; hash: Buffer };

/** The last case list of each suite and length: runs repeat it, and comparing is cheaper than hashing. */
const lastLists = new Map<string, Known>();
const LISTS = 200;
/** A longer one costs more to keep than to hash. */
const LIST_CASES = 20_000;

function hashOf(suite: string, cases: readonly CaseName[]): Buffer {
  if (cases.length > LIST_CASES) return shapeHash(suite, cases);
  const key = `${cases.length}\n${suite}`;
  const last = lastLists.get(key);
  if (last && cases.every(({ set, name }, i) => last.cases[i]?.name === name && last.cases[i]?.set === set)) {
    return last.hash;
  }
  const hash = shapeHash(suite, cases);
  if (lastLists.size >= LISTS) lastLists.clear();
  lastLists.set(key, { cases: cases.map(({ set, name }) => ({ set, name })), hash });
  return hash;
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
