/** Is the store sound? Engine's own check, rollups against the jobs, packed blocks against their shapes, logs on disk. */
import { existsSync } from 'node:fs';
import { logPath } from './log-file.ts';
import type { Store } from './store.ts';

/** Problems in words; none means sound. Reads the whole store. */
export async function checkStore(store: Store): Promise<string[]> {
  const damage = await store.damage();
  // What a damaged file says of its rows tells nothing.
  if (damage) return [`the file is damaged (${damage}): restore the last backup`];
  const problems: string[] = [];
  for (const { name, query, remedy } of CHECKS) {
    const row = await store.sql.get<{ n: number }>(query);
    if (row && row.n > 0) problems.push(`${row.n} ${name}: ${remedy}`);
  }
  const logs = await store.sql.all<{ hash: Buffer }>('SELECT hash FROM log');
  const lost = logs.filter(({ hash }) => !existsSync(logPath(store.logDir, hash))).length;
  if (lost > 0) problems.push(`${lost} logs are not in ${store.logDir}: restore the folder from the last backup`);
  return problems;
}

const OURS = 'this is a defect of Basalt: please report it';

const CHECKS = [
  {
    name: 'environments whose daily sums differ from their jobs',
    query: `SELECT count(*) AS n FROM (
      SELECT env_id, sum(pass) p, sum(fail) f, sum(skip) s, sum(unknown) u, sum(steps) t, sum(complete + incomplete + canceled + running) j FROM env_day GROUP BY env_id
      EXCEPT SELECT env_id, sum(pass), sum(fail), sum(skip), sum(unknown), sum(steps), count(*) FROM job GROUP BY env_id) x`,
    remedy: OURS,
  },
  {
    name: 'jobs whose counts differ from their suites',
    query: `SELECT count(*) AS n FROM (
      SELECT j.id FROM job j LEFT JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id GROUP BY j.id
      HAVING max(j.pass) <> coalesce(sum(CASE WHEN r.is_steps = 0 THEN r.pass END), 0)
        OR max(j.fail) <> coalesce(sum(CASE WHEN r.is_steps = 0 THEN r.fail END), 0)
        OR max(j.steps) <> coalesce(sum(CASE WHEN r.is_steps = 1 THEN r.pass + r.fail + r.skip + r.unknown END), 0)) x`,
    remedy: OURS,
  },
  {
    name: 'suite runs whose shape has another size',
    query: `SELECT count(*) AS n FROM suite_run r LEFT JOIN shape s ON s.id = r.shape_id
      JOIN job j ON j.id = r.job_id AND j.env_id = r.env_id AND j.results_removed_at IS NULL
      WHERE s.id IS NULL OR s.size != r.pass + r.fail + r.skip + r.unknown`,
    remedy: OURS,
  },
] as const;
