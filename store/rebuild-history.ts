/** Makes histories, transitions and flips what the suite runs say they should be, and tells what they were. */
import { PASS, type Verdict } from './codec.ts';
import type { Difference } from './rebuild-rollups.ts';
import { nonPassByCase, type Shapes } from './shape.ts';
import type { Sql } from './store.ts';

const PAGE = 500;

type Stream = { envId: number; branchId: number };
type Key = { at: number; number: number; jobId: number; ord: number };
type Transition = Key & { caseId: number; result: Verdict; previous: Verdict };

/** `a / b` rounded down, as both engines' integers do only for what is not negative. */
const floored = (a: string, b: number) => `((${a} - ((${a} % ${b}) + ${b}) % ${b}) / ${b})`;

/** A run of a job that has a branch and its single results belongs into the history of its suite. */
const BELONGS = `FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id AND r.is_steps = 0
  WHERE j.branch_id IS NOT NULL AND j.results_removed_at IS NULL`;
const SAME_PLACE = `h.suite_id = r.suite_id AND h.branch_id = j.branch_id AND h.env_id = j.env_id
  AND h.at = ${floored('j.submit_at', 1_000_000)} AND h.number = j.number AND h.job_id = j.id AND h.ord = r.ord`;

/** Runs of one environment that are missing in the history of their suite. */
export async function mendMissingRuns(sql: Sql, envId: number): Promise<Difference[]> {
  const missing = `${BELONGS} AND j.env_id = ? AND NOT EXISTS (SELECT 1 FROM suite_history h WHERE ${SAME_PLACE})`;
  const row = await sql.get<{ n: number }>(`SELECT count(*) AS n ${missing}`, envId);
  const n = row?.n ?? 0;
  if (n > 0) {
    await sql.run(
      `INSERT INTO suite_history (suite_id, branch_id, env_id, at, number, job_id, ord, shape_id)
       SELECT r.suite_id, j.branch_id, j.env_id, ${floored('j.submit_at', 1_000_000)}, j.number, j.id, r.ord, r.shape_id ${missing}`,
      envId,
    );
  }
  return [{ table: 'suite_history', missing: n, extra: 0, wrong: 0 }];
}

/** Histories of one suite: runs that do not belong, then all its transitions, then the flips they make. */
export async function mendSuite(sql: Sql, suiteId: number, shapes: Shapes): Promise<Difference[]> {
  const found = [await mendExtraRuns(sql, suiteId)];
  const streams = await sql.all<Stream>(
    `SELECT env_id AS "envId", branch_id AS "branchId" FROM suite_history WHERE suite_id = ?
     UNION SELECT t.env_id, t.branch_id FROM transition t JOIN test_case c ON c.id = t.case_id WHERE c.suite_id = ?`,
    suiteId,
    suiteId,
  );
  for (const stream of streams) found.push(await mendTransitions(sql, shapes, suiteId, stream));
  found.push(await mendFlips(sql, suiteId));
  return found;
}

async function mendExtraRuns(sql: Sql, suiteId: number): Promise<Difference> {
  const belongs = `SELECT 1 ${BELONGS} AND j.id = suite_history.job_id AND r.ord = suite_history.ord
    AND ${SAME_PLACE.replaceAll('h.', 'suite_history.')}`;
  const difference = { table: 'suite_history', missing: 0, extra: 0, wrong: 0 };
  const count = async (condition: string) =>
    (
      await sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM suite_history WHERE suite_id = ? AND ${condition}`,
        suiteId,
      )
    )?.n ?? 0;
  difference.extra = await count(`NOT EXISTS (${belongs})`);
  if (difference.extra > 0) {
    await sql.run(`DELETE FROM suite_history WHERE suite_id = ? AND NOT EXISTS (${belongs})`, suiteId);
  }
  const otherShape = `EXISTS (${belongs} AND r.shape_id <> suite_history.shape_id)`;
  difference.wrong = await count(otherShape);
  if (difference.wrong > 0) {
    await sql.run(
      `UPDATE suite_history SET shape_id = (SELECT r.shape_id FROM suite_run r WHERE r.env_id = suite_history.env_id
         AND r.job_id = suite_history.job_id AND r.ord = suite_history.ord) WHERE suite_id = ? AND ${otherShape}`,
      suiteId,
    );
  }
  return difference;
}

async function mendTransitions(sql: Sql, shapes: Shapes, suiteId: number, stream: Stream): Promise<Difference> {
  const difference = { table: 'transition', missing: 0, extra: 0, wrong: 0 };
  const stored = new Map<string, Transition>();
  const rows = await sql.all<Transition>(
    `SELECT t.case_id AS "caseId", t.at, t.number, t.job_id AS "jobId", t.ord, t.result, t.previous
     FROM test_case c JOIN transition t ON t.case_id = c.id AND t.env_id = ? AND t.branch_id = ? WHERE c.suite_id = ?`,
    stream.envId,
    stream.branchId,
    suiteId,
  );
  for (const row of rows) stored.set(nameOf(row), row);
  for await (const should of walk(sql, shapes, suiteId, stream)) {
    const name = nameOf(should);
    const has = stored.get(name);
    stored.delete(name);
    if (has && has.result === should.result && has.previous === should.previous) continue;
    difference[has ? 'wrong' : 'missing'] += 1;
    await put(sql, stream, should);
  }
  difference.extra = stored.size;
  for (const row of stored.values()) await remove(sql, stream, row);
  return difference;
}

function nameOf({ caseId, at, number, jobId, ord }: Transition): string {
  return `${caseId} ${at} ${number} ${jobId} ${ord}`;
}

/** The transitions of a stream, straight from its runs in their order. */
async function* walk(sql: Sql, shapes: Shapes, suiteId: number, stream: Stream): AsyncGenerator<Transition> {
  const failing = new Map<number, Verdict>();
  let after: Key = { at: Number.MIN_SAFE_INTEGER, number: 0, jobId: 0, ord: 0 };
  while (true) {
    const runs = await sql.all<Key & { shapeId: number; verdicts: Buffer }>(
      `SELECT h.at, h.number, h.job_id AS "jobId", h.ord, r.shape_id AS "shapeId", r.verdicts FROM suite_history h
       JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
       WHERE h.suite_id = ? AND h.branch_id = ? AND h.env_id = ? AND (h.at, h.number, h.job_id, h.ord) > (?, ?, ?, ?)
       ORDER BY h.at, h.number, h.job_id, h.ord LIMIT ${PAGE}`,
      suiteId,
      stream.branchId,
      stream.envId,
      after.at,
      after.number,
      after.jobId,
      after.ord,
    );
    for (const { shapeId, verdicts, ...key } of runs) {
      const shape = await shapes.get(shapeId);
      const now = nonPassByCase(shape, verdicts);
      for (const [caseId, result] of now) {
        const previous = failing.get(caseId) ?? PASS;
        failing.set(caseId, result);
        if (result !== previous) yield { ...key, caseId, result, previous };
      }
      for (const [caseId, previous] of failing) {
        if (now.has(caseId) || !(await shapes.holds(shape, caseId))) continue;
        failing.delete(caseId);
        yield { ...key, caseId, result: PASS, previous };
      }
      after = key;
    }
    if (runs.length < PAGE) return;
  }
}

async function put(sql: Sql, { envId, branchId }: Stream, t: Transition): Promise<void> {
  await sql.run(
    `INSERT INTO transition (case_id, env_id, branch_id, at, number, job_id, ord, result, previous) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (case_id, env_id, branch_id, at, number, job_id, ord) DO UPDATE SET result = excluded.result, previous = excluded.previous`,
    t.caseId,
    envId,
    branchId,
    t.at,
    t.number,
    t.jobId,
    t.ord,
    t.result,
    t.previous,
  );
}

async function remove(sql: Sql, { envId, branchId }: Stream, t: Transition): Promise<void> {
  await sql.run(
    'DELETE FROM transition WHERE case_id = ? AND env_id = ? AND branch_id = ? AND at = ? AND number = ? AND job_id = ? AND ord = ?',
    t.caseId,
    envId,
    branchId,
    t.at,
    t.number,
    t.jobId,
    t.ord,
  );
}

const FLIP_OF = floored('t.at', 86_400);

/** Flips that the transitions of a suite make and flip_day does not say so. */
async function mendFlips(sql: Sql, suiteId: number): Promise<Difference> {
  const differing = `FROM (SELECT t.env_id, ${FLIP_OF} AS day, t.case_id, count(*) AS flips
      FROM test_case c JOIN transition t ON t.case_id = c.id WHERE c.suite_id = ? GROUP BY 1, 2, 3) s
    LEFT JOIN flip_day f ON f.env_id = s.env_id AND f.day = s.day AND f.case_id = s.case_id
    WHERE f.flips IS NULL OR f.flips <> s.flips`;
  const row = await sql.get<{ missing: number | null; wrong: number | null }>(
    `SELECT sum(CASE WHEN f.flips IS NULL THEN 1 ELSE 0 END) AS missing, count(f.flips) AS wrong ${differing}`,
    suiteId,
  );
  const difference = { table: 'flip_day', missing: row?.missing ?? 0, extra: 0, wrong: row?.wrong ?? 0 };
  if (difference.missing + difference.wrong > 0) {
    await sql.run(
      `INSERT INTO flip_day (env_id, day, case_id, flips) SELECT s.env_id, s.day, s.case_id, s.flips ${differing}
       ON CONFLICT (env_id, day, case_id) DO UPDATE SET flips = excluded.flips`,
      suiteId,
    );
  }
  return difference;
}

/** Flips of one environment that no transition makes. */
export async function mendExtraFlips(sql: Sql, envId: number): Promise<Difference[]> {
  const extra = `FROM flip_day WHERE env_id = ? AND NOT EXISTS (SELECT 1 FROM transition t
    WHERE t.case_id = flip_day.case_id AND t.env_id = flip_day.env_id AND ${FLIP_OF} = flip_day.day)`;
  const row = await sql.get<{ n: number }>(`SELECT count(*) AS n ${extra}`, envId);
  const n = row?.n ?? 0;
  if (n > 0) await sql.run(`DELETE ${extra}`, envId);
  return [{ table: 'flip_day', missing: 0, extra: n, wrong: 0 }];
}
