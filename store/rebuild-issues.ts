/** Makes what known issues explain what rules and facts say it should be, and tells what it was. Logs are not read for it. */
import {
  type Explainable,
  fittingRules,
  IS_EXPLAINABLE,
  type Match,
  matchesOf,
  putMatch,
  readCasesFor,
  SELECT_EXPLAINABLE,
} from './explain-job.ts';
import { isHeld, listPending } from './explain-stored.ts';
import { idList, LISTED } from './id-list.ts';
import type { Place } from './rebuild-failures.ts';
import type { Difference } from './rebuild-rollups.ts';
import type { LogHit } from './search-log.ts';
import type { Writer } from './writer.ts';

/** Jobs of one slice. */
const JOBS = 1000;

type Stored = {
  jobId: number;
  envId: number;
  at: number;
  issueId: number;
  cases: number;
  line: number | null;
  byteOffset: number | null;
};

/**
 * As mendFailures. A match of a pattern of a log stands while all else of its rule holds; none is missing. Those of a rule
 * that cannot be run stand.
 */
export async function mendMatches(
  writer: Writer,
  envId: number,
  after: Place | null,
): Promise<{ found: Difference[]; next: Place | null }> {
  const { sql, engine } = writer.store;
  const rules = await writer.issues.current();
  const pending = await listPending(sql);
  const broken = new Set(writer.issues.broken().map(({ id }) => id));
  const difference = { table: 'known_issue_match', missing: 0, extra: 0, wrong: 0 };
  const jobs = await sql.all<Explainable>(
    `SELECT q.* FROM (${SELECT_EXPLAINABLE}
       WHERE j.env_id = ? AND (j.submit_at, j.id) > (?, ?)
         AND ((${IS_EXPLAINABLE}) OR EXISTS (SELECT 1 FROM known_issue_match m WHERE m.job_id = j.id))
       ORDER BY j.submit_at, j.id LIMIT ${JOBS}) q ORDER BY q."submitAt", q.id`,
    ...[envId, ...(after ?? [Number.MIN_SAFE_INTEGER, 0])],
  );
  const stored = await sql.all<Stored>(
    `SELECT job_id AS "jobId", env_id AS "envId", at, issue_id AS "issueId", cases, line, byte_offset AS "byteOffset"
     FROM known_issue_match WHERE job_id IN ${LISTED[engine]}`,
    idList(jobs.map(({ id }) => id)),
  );
  const byJob = Map.groupBy(stored, ({ jobId }) => jobId);
  const held = jobs.map((job) => ({
    job,
    id: job.id,
    fitting: fittingRules(rules, job).filter(({ id }) => isHeld(pending, id, job.id)),
  }));
  const cases = await readCasesFor(writer.store, held);
  for (const { job, fitting } of held) {
    const rows = byJob.get(job.id) ?? [];
    const hitOf = ({ id }: { id: number }) => hitIn(rows.find(({ issueId }) => issueId === id));
    const should = matchesOf(job, fitting, cases.get(job.id) ?? [], hitOf);
    const judged = rows.filter(({ issueId }) => isHeld(pending, issueId, job.id) && !broken.has(issueId));
    await mendJob(writer, job, should, judged, difference);
  }
  const last = jobs.length < JOBS ? undefined : jobs.at(-1);
  return { found: [difference], next: last ? [last.submitAt, last.id] : null };
}

function hitIn(row: Stored | undefined): LogHit | null {
  return row && row.line !== null ? { line: row.line, byteOffset: row.byteOffset ?? 0 } : null;
}

async function mendJob(
  { store: { sql } }: Writer,
  job: Explainable,
  should: readonly Match[],
  stored: readonly Stored[],
  difference: Difference,
): Promise<void> {
  const wanted = new Map(should.map((match) => [match.issueId, match]));
  for (const row of stored) {
    const match = wanted.get(row.issueId);
    if (match && isSame(match, row, job.envId)) {
      wanted.delete(row.issueId);
      continue;
    }
    difference[match ? 'wrong' : 'extra'] += 1;
    await sql.run(
      'DELETE FROM known_issue_match WHERE env_id = ? AND at = ? AND issue_id = ? AND job_id = ?',
      ...[row.envId, row.at, row.issueId, row.jobId],
    );
  }
  difference.missing += [...wanted.keys()].filter((id) => !stored.some(({ issueId }) => issueId === id)).length;
  for (const match of wanted.values()) await putMatch(sql, job, match);
}

function isSame({ at, cases, hit }: Match, row: Stored, envId: number): boolean {
  return (
    row.envId === envId &&
    row.at === at &&
    row.cases === cases &&
    (hit?.line ?? null) === row.line &&
    (hit?.byteOffset ?? null) === row.byteOffset
  );
}
