/** What a store holds, by names instead of its own numbers: two stores that hold the same read the same. */
import { unpackChanges } from '#store/changes.ts';
import { unpackCounts } from '#store/packed-counts.ts';
import type { Store } from '#store/store.ts';

const SOURCE = '(SELECT slug FROM source WHERE source.id = t.source_id)';
const JOB =
  "(SELECT source.slug || '/' || job.external_id FROM job JOIN source ON source.id = job.source_id WHERE job.id = t.job_id)";
const ENV =
  "(SELECT d.name || '/' || s.slug || '/' || e.is_public FROM env e JOIN device_type d ON d.id = e.device_type_id JOIN source s ON s.id = e.source_id WHERE e.id = t.env_id)";
const CASES =
  "SELECT c.id, s.name || '/' || coalesce(c.set_name, '') || '/' || c.name AS name FROM test_case c JOIN suite s ON s.id = c.suite_id";
const SUITE = '(SELECT name FROM suite WHERE id = t.suite_id)';
const BUILD =
  "(SELECT p.slug || '/' || b.version FROM build b JOIN project p ON p.id = b.project_id WHERE b.id = t.build_id)";
const BRANCH =
  "(SELECT p.slug || '/' || b.name FROM branch b JOIN project p ON p.id = b.project_id WHERE b.id = t.branch_id)";
const DEVICE = '(SELECT hostname FROM device WHERE id = t.device_id)';
const COUNTS = 'pass, fail, skip, unknown';
const JOBS = 'complete, incomplete, canceled, running, infrastructure';

const QUERIES = {
  job: `SELECT ${SOURCE} a, epoch, external_id, ${ENV} b, ${BUILD} c, ${DEVICE} d, submit_at, start_at, end_at, state, health, failure_class,
    error_type, error_message, description, tags, is_public, ${COUNTS}, steps, digest, settled,
    (SELECT hash FROM log WHERE log.id = t.log_id) e FROM job t`,
  suite_run: `SELECT ${JOB} a, ord, ${SUITE} b, prefix, external_id, is_steps, ${COUNTS}, verdicts,
    (SELECT hash FROM shape WHERE shape.id = t.shape_id) c FROM suite_run t`,
  job_detail: `SELECT ${JOB} a, first, codec, body FROM job_detail t`,
  job_label: `SELECT ${JOB} a, (SELECT key || '=' || value FROM label WHERE label.id = t.label_id) b FROM job_label t`,
  suite_history: `SELECT ${SUITE} a, ${ENV} b, ${BRANCH} d, at, number, ${JOB} c, ord, changes FROM suite_history t`,
  flip_day: `SELECT ${ENV} a, day, flips FROM flip_day t`,
  env_day: `SELECT ${ENV} a, day, ${COUNTS}, steps, ${JOBS} FROM env_day t`,
  project_day: `SELECT ${ENV} a, day, (SELECT slug FROM project WHERE id = t.project_id) b, ${COUNTS}, ${JOBS} FROM project_day t`,
  build_env: `SELECT ${BUILD} a, ${ENV} b, ${COUNTS}, ${JOBS} FROM build_env t`,
  build_suite: `SELECT ${BUILD} a, ${SUITE} b, ${ENV} c, ${COUNTS}, runs, infrastructure FROM build_suite t`,
  device_day: `SELECT ${ENV} a, day, ${DEVICE} b, jobs, infrastructure, busy_seconds FROM device_day t`,
  queue_week: `SELECT ${ENV} a, week, waits FROM queue_week t`,
  failure_occurrence: `SELECT ${ENV} a, ${JOB} b, at, line, g.fingerprint, g.kind, g.failure_class, g.title, g.why
    FROM failure_occurrence t JOIN failure_group g ON g.id = t.group_id`,
  known_issue_match: `SELECT ${ENV} a, ${JOB} b, at, cases, line, byte_offset, issue_id FROM known_issue_match t`,
  job_failure: `SELECT ${ENV} a, ${JOB} b, facts FROM job_failure t`,
  device: `SELECT ${SOURCE} a, hostname, state, health, tags, is_public FROM device t`,
  worker: `SELECT ${SOURCE} a, hostname, state, health FROM worker t`,
  log: 'SELECT hash, bytes, line_count, truncated FROM log t',
};

export async function readable(store: Store, without: readonly string[] = []): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  const cases = await store.sql.all<{ id: number; name: string }>(CASES);
  const names = new Map(cases.map(({ id, name }) => [id, name]));
  for (const [name, query] of Object.entries(QUERIES)) {
    if (without.includes(name)) continue;
    all[name] = (await store.sql.all<object>(query)).map((row) => textOf(row, names)).sort();
  }
  return all;
}

function textOf(row: object, names: ReadonlyMap<number, string>): string {
  const cells = Object.entries(row).map(([name, value]): [string, unknown] => {
    if (!Buffer.isBuffer(value)) return [name, value];
    if (name === 'changes') {
      return [
        name,
        unpackChanges(value)
          .map((c) => [names.get(c.caseId), c.result, c.previous].join(' '))
          .sort(),
      ];
    }
    if (name === 'flips') return [name, [...unpackCounts(value)].map(([id, n]) => `${names.get(id)} ${n}`).sort()];
    return [name, value.toString('hex')];
  });
  return JSON.stringify(Object.fromEntries(cells));
}
