/** Every job, suite, case, result, measurement and log line: GraphQL against the masters' own API. */
import assert from 'node:assert/strict';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { logOf, type Master, rowsOf } from './masters.ts';
import type { Served } from './product.ts';

type Case = {
  externalId: string;
  suite: string;
  name: string;
  result: string;
  measurement: string | null;
  units: string | null;
  startLogLine: number | null;
  endLogLine: number | null;
  loggedAt: string | null;
  metadataText: string | null;
};
type Page<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null }; totalCount: number };
type Job = {
  state: string;
  health: string;
  description: string | null;
  submitter: string | null;
  submitTime: string;
  startTime: string | null;
  endTime: string | null;
  deviceType: { name: string } | null;
  device: { hostname: string } | null;
  suites: { name: string; counts: { total: number } }[];
  log: { totalLines: number } | null;
  testCases: Page<Case>;
};

const JOB = `query ($source: String!, $id: String!, $after: String) { job(source: $source, externalId: $id) {
  state health description submitter submitTime startTime endTime deviceType { name } device { hostname }
  suites { name counts { total } } log(limit: 0) { totalLines }
  testCases(first: 200, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { externalId suite name result measurement units startLogLine endLogLine loggedAt metadataText } } } }`;

export async function compareWithMasters(masters: readonly Master[], server: Served): Promise<string> {
  const total = { jobs: 0, cases: 0, logLines: 0 };
  for (const master of masters) {
    const token = master.users['sync-reader']?.token ?? '';
    const rows = await rowsOf(master, 'jobs/?ordering=id', token);
    const admin = await server.query<{ jobs: { totalCount: number } }>(COUNT, { slug: master.name }, 'sesame');
    assert.equal(admin.jobs.totalCount, rows.length, `${master.name}: jobs for the token's view`);
    const publicIds = (await rowsOf(master, 'jobs/?ordering=id', null)).map((row) => String(row.id));
    assert.deepEqual(await publicJobs(server, master.name), publicIds, `${master.name}: jobs a visitor sees`);
    for (const row of rows) {
      const { cases, lines } = await compareJob(master, row, token, server);
      total.jobs += 1;
      total.cases += cases;
      total.logLines += lines;
    }
  }
  return `${total.jobs} jobs, ${total.cases} cases, ${total.logLines} log lines equal`;
}

const COUNT =
  'query ($slug: String!) { jobs(filter: {scope: {sources: [$slug], includeHealthChecks: true}}) { totalCount } }';

async function publicJobs(server: Served, slug: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const { jobs }: { jobs: Page<{ externalId: string }> } = await server.query(
      `query ($slug: String!, $after: String) { jobs(first: 200, after: $after, filter: {scope: {sources: [$slug], includeHealthChecks: true}}) { totalCount nodes { externalId } pageInfo { hasNextPage endCursor } } }`,
      { slug, after },
    );
    ids.push(...jobs.nodes.map((job) => job.externalId));
    after = jobs.pageInfo.hasNextPage ? jobs.pageInfo.endCursor : null;
  } while (after);
  return ids.sort((a, b) => Number(a) - Number(b));
}

/** The scalars as they are written; masters say the same with other quotes in a table of results. */
function metadataOf(yaml: unknown): unknown {
  return typeof yaml === 'string' ? load(yaml, { schema: FAILSAFE_SCHEMA, json: true }) : yaml;
}

async function compareJob(
  master: Master,
  row: Record<string, unknown>,
  token: string,
  server: Served,
): Promise<{ cases: number; lines: number }> {
  const id = String(row.id);
  const place = `${master.name}/${id}`;
  let job = await getJob(server, master.name, id, null);
  const cases = [...job.testCases.nodes];
  while (job.testCases.pageInfo.hasNextPage) {
    job = await getJob(server, master.name, id, job.testCases.pageInfo.endCursor);
    cases.push(...job.testCases.nodes);
  }
  assert.equal(job.state, String(row.state).toUpperCase(), `${place}: state`);
  assert.equal(job.health, String(row.health).toUpperCase(), `${place}: health`);
  assert.equal(job.description, row.description, `${place}: description`);
  assert.equal(job.submitter, row.submitter, `${place}: submitter`);
  assert.deepEqual(
    [job.submitTime, job.startTime, job.endTime].map(instant),
    [row.submit_time, row.start_time, row.end_time].map(instant),
    `${place}: times`,
  );
  assert.equal(job.deviceType?.name ?? null, row.requested_device_type, `${place}: device type`);
  assert.equal(job.device?.hostname ?? null, row.actual_device, `${place}: device`);
  if (row.state !== 'Finished') return { cases: 0, lines: 0 };
  const suites = await rowsOf(master, `jobs/${id}/suites/?ordering=id`, token);
  assert.deepEqual(
    job.suites.map((suite) => suite.name),
    suites.map((suite) => suite.name),
    `${place}: suites`,
  );
  const suiteName = new Map(suites.map((suite) => [suite.id, suite.name]));
  const tests = await rowsOf(master, `jobs/${id}/tests/?ordering=id`, token);
  const wanted = tests.map((t) => [
    String(t.id),
    suiteName.get(t.suite),
    t.name,
    String(t.result).toUpperCase(),
    t.measurement,
    t.unit,
    t.start_log_line,
    t.end_log_line,
    instant(t.logged),
    metadataOf(t.metadata),
  ]);
  const got = cases.map((c) => [
    c.externalId,
    c.suite,
    c.name,
    c.result,
    c.measurement,
    c.units,
    c.startLogLine,
    c.endLogLine,
    instant(c.loggedAt),
    metadataOf(c.metadataText),
  ]);
  assert.deepEqual(got.sort(byId), wanted.sort(byId), `${place}: cases`);
  const log = await logOf(master, Number(id), token);
  const lines = log === null ? null : log.split('\n').length - (log.endsWith('\n') ? 1 : 0);
  assert.equal(job.log?.totalLines ?? null, lines, `${place}: log lines`);
  return { cases: tests.length, lines: lines ?? 0 };
}

async function getJob(server: Served, source: string, id: string, after: string | null): Promise<Job> {
  const { job } = await server.query<{ job: Job | null }>(JOB, { source, id, after }, 'sesame');
  assert.ok(job, `${source}/${id} is not there`);
  return job;
}

/** A master writes six decimals or none. */
function instant(value: unknown): string | null {
  return typeof value === 'string'
    ? value.replace(/\.(\d+?)0*Z$/, (_, digits: string) => (/^0*$/.test(digits) ? 'Z' : `.${digits}Z`))
    : null;
}

function byId(a: unknown[], b: unknown[]): number {
  return Number(a[0]) - Number(b[0]);
}
