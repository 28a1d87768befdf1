/** What a master holds, from its own PostgreSQL database and its folder of logs: nothing of Basalt, nothing of LAVA's API. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { LAB_ENV } from './masters.ts';

export type MasterJob = {
  id: string;
  state: string;
  health: string;
  description: string | null;
  submitter: string;
  priority: number;
  healthCheck: boolean;
  submitTime: string;
  startTime: string | null;
  endTime: string | null;
  deviceType: string | null;
  device: string | null;
  failureComment: string | null;
  tags: string[];
  /** Public by its own definition and for no group alone; its board may still be hidden. */
  mayBePublic: boolean;
};

export type MasterCase = {
  id: string;
  suite: string;
  name: string;
  result: string;
  measurement: string | null;
  units: string;
  startLogLine: number | null;
  endLogLine: number | null;
  loggedAt: string;
  metadata: string | null;
};

export type MasterTables = {
  jobs(): Promise<MasterJob[]>;
  cases(job: string): Promise<MasterCase[]>;
  /** Suites with and without cases, by number. */
  suites(job: string): Promise<string[]>;
  /** Null when there is none. */
  log(job: MasterJob): Buffer | null;
  run(sql: string, ...values: unknown[]): Promise<void>;
  close(): Promise<void>;
};

const INSTANT = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const WORD = (column: string, words: readonly string[]) => `(ARRAY['${words.join("','")}'])[${column} + 1]`;
const STATES = ['SUBMITTED', 'SCHEDULING', 'SCHEDULED', 'RUNNING', 'CANCELING', 'FINISHED'];
const HEALTHS = ['UNKNOWN', 'COMPLETE', 'INCOMPLETE', 'CANCELED'];
const RESULTS = ['PASS', 'FAIL', 'SKIP', 'UNKNOWN'];

const JOBS = `SELECT j.id::text AS id, ${WORD('j.state', STATES)} AS state, ${WORD('j.health', HEALTHS)} AS health,
    j.description, u.username AS submitter, j.priority, j.health_check AS "healthCheck",
    ${INSTANT('j.submit_time')} AS "submitTime", ${INSTANT('j.start_time')} AS "startTime",
    ${INSTANT('j.end_time')} AS "endTime", j.requested_device_type_id AS "deviceType", j.actual_device_id AS device,
    j.failure_comment AS "failureComment",
    ARRAY(SELECT t.name::text FROM lava_scheduler_app_testjob_tags jt JOIN lava_scheduler_app_tag t ON t.id = jt.tag_id
      WHERE jt.testjob_id = j.id ORDER BY t.name COLLATE "C") AS tags,
    j.is_public AND NOT EXISTS (SELECT 1 FROM lava_scheduler_app_testjob_viewing_groups g WHERE g.testjob_id = j.id)
      AS "mayBePublic"
  FROM lava_scheduler_app_testjob j JOIN auth_user u ON u.id = j.submitter_id ORDER BY j.id`;

const CASES = `SELECT c.id::text AS id, s.name AS suite, c.name, ${WORD('c.result', RESULTS)} AS result,
    c.measurement::numeric(30, 10)::text AS measurement, coalesce(c.units, '') AS units, c.start_log_line AS "startLogLine",
    c.end_log_line AS "endLogLine", ${INSTANT('c.logged')} AS "loggedAt", c.metadata
  FROM lava_results_app_testcase c JOIN lava_results_app_testsuite s ON s.id = c.suite_id WHERE s.job_id = $1 ORDER BY c.id`;

const SUITES = 'SELECT name FROM lava_results_app_testsuite WHERE job_id = $1 ORDER BY name COLLATE "C"';

export async function openTables(master: string): Promise<MasterTables> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(LAB_ENV.LAB_PG_PORT),
    user: 'lavalab',
    password: 'lavalab',
    database: `lava_${master}`,
  });
  await client.connect();
  return {
    jobs: async () => (await client.query<MasterJob>(JOBS)).rows,
    cases: async (job) => (await client.query<MasterCase>(CASES, [Number(job)])).rows,
    suites: async (job) => (await client.query<{ name: string }>(SUITES, [Number(job)])).rows.map(({ name }) => name),
    log({ id, submitTime }) {
      const day = submitTime.slice(0, 10).replaceAll('-', '/');
      const path = join(LAB_ENV.LAB_DIR, master, 'media/job-output', day, id, 'output.yaml');
      if (existsSync(path)) return readFileSync(path);
      return existsSync(`${path}.xz`) ? execFileSync('xz', ['-dc', `${path}.xz`], { maxBuffer: 2 ** 30 }) : null;
    },
    async run(sql, ...values) {
      await client.query(sql, values);
    },
    close: () => client.end(),
  };
}
