/** Every job, suite, case, measurement, annotation and log line: GraphQL against the masters' own databases. */
import assert from 'node:assert/strict';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { type MasterJob, type MasterTables, openTables } from './master-tables.ts';
import { type Master, rowsOf } from './masters.ts';
import type { Served } from './product.ts';

type Page<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
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
type Job = {
  state: string;
  health: string;
  description: string | null;
  submitter: string | null;
  priority: number | null;
  healthCheck: boolean;
  submitTime: string;
  startTime: string | null;
  endTime: string | null;
  deviceType: { name: string } | null;
  device: { hostname: string } | null;
  failureComment: string | null;
  tags: string[];
  suites: { name: string }[];
  provenance: { settled: boolean; goneAtSourceAt: string | null };
  log: { totalLines: number; bytes: number; truncated: boolean; isLost: boolean; lines: { text: string }[] } | null;
  testCases: Page<Case>;
};

const JOB = `query ($source: String!, $id: String!, $after: String, $lines: Int!) { job(source: $source, externalId: $id) {
  state health description submitter priority healthCheck submitTime startTime endTime deviceType { name }
  device { hostname } failureComment tags suites { name } provenance { settled goneAtSourceAt }
  log(limit: $lines) { totalLines bytes truncated isLost lines { text } }
  testCases(first: 1000, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { externalId suite name result measurement units startLogLine endLogLine loggedAt metadataText } } } }`;

const LINES = 5000;

export type Compared = { jobs: number; cases: number; logs: number; lines: number; bytes: number; deleted: number };

/** @throws AssertionError that names master, job and field. */
export async function compareWithTables(masters: readonly Master[], server: Served): Promise<Compared> {
  const total: Compared = { jobs: 0, cases: 0, logs: 0, lines: 0, bytes: 0, deleted: 0 };
  for (const master of masters) {
    const tables = await openTables(master.name);
    try {
      await compareMaster(master, tables, server, total);
    } finally {
      await tables.close();
    }
  }
  return total;
}

async function compareMaster(master: Master, tables: MasterTables, server: Served, total: Compared): Promise<void> {
  const jobs = await tables.jobs();
  const ids = jobs.map(({ id }) => id);
  const stored = await storedIds(server, master.name, 'sesame');
  const there = new Set(stored);
  assert.deepEqual(
    ids.filter((id) => !there.has(id)),
    [],
    `${master.name}: jobs of the master that are not stored`,
  );
  const held = new Set(ids);
  for (const id of stored.filter((one) => !held.has(one))) {
    const { provenance } = await getJob(server, master.name, id, null, 0);
    assert.ok(provenance.goneAtSourceAt, `${master.name}/${id}: deleted on the master and not marked as deleted`);
    total.deleted += 1;
  }
  const seen = await storedIds(server, master.name, null);
  const publicIds = (await rowsOf(master, 'jobs/?ordering=id', null)).map((row) => String(row.id));
  const seenOfThose = seen.filter((id) => held.has(id));
  assert.deepEqual(seenOfThose, publicIds, `${master.name}: jobs a visitor sees`);
  const mayBe = new Set(jobs.filter(({ mayBePublic }) => mayBePublic).map(({ id }) => id));
  assert.deepEqual(
    seenOfThose.filter((id) => !mayBe.has(id)),
    [],
    `${master.name}: private jobs that a visitor sees`,
  );
  for (const job of jobs) await compareJob(master.name, job, tables, server, total);
}

/** One job and all it left behind. */
export async function compareJob(
  master: string,
  wanted: MasterJob,
  tables: MasterTables,
  server: Served,
  total: Compared,
): Promise<void> {
  const { id } = wanted;
  const place = `${master}/${id}`;
  const job = await getJob(server, master, id, null, LINES);
  const { mayBePublic: _, ...fields } = wanted;
  assert.deepEqual(
    {
      id,
      state: job.state,
      health: job.health,
      description: job.description,
      submitter: job.submitter,
      priority: job.priority,
      healthCheck: job.healthCheck,
      submitTime: micros(job.submitTime),
      startTime: micros(job.startTime),
      endTime: micros(job.endTime),
      deviceType: job.deviceType?.name ?? null,
      device: job.device?.hostname ?? null,
      failureComment: job.failureComment,
      tags: job.tags.toSorted(),
    },
    fields,
    place,
  );
  assert.equal(job.provenance.goneAtSourceAt, null, `${place}: marked as deleted`);
  total.jobs += 1;
  if (wanted.state !== 'FINISHED') return;
  assert.ok(job.provenance.settled, `${place}: not settled`);
  assert.deepEqual(job.suites.map(({ name }) => name).toSorted(), await tables.suites(id), `${place}: suites`);
  const cases = [...job.testCases.nodes];
  for (let page = job.testCases.pageInfo; page.hasNextPage; ) {
    const { testCases } = await getJob(server, master, id, page.endCursor, 0);
    cases.push(...testCases.nodes);
    page = testCases.pageInfo;
  }
  const truth = await tables.cases(id);
  assert.deepEqual(
    cases.toSorted((a, b) => Number(a.externalId) - Number(b.externalId)).map(toldCase),
    truth.map(({ id: externalId, metadata, ...rest }) => toldCase({ ...rest, externalId, metadataText: metadata })),
    `${place}: cases`,
  );
  total.cases += truth.length;
  compareLog(place, tables.log(wanted), job.log, total);
}

function compareLog(place: string, truth: Buffer | null, log: Job['log'], total: Compared): void {
  if (!truth || truth.length === 0) {
    assert.equal(log, null, `${place}: a log that the master has not`);
    return;
  }
  const lines = truth.toString('utf8').split('\n').slice(0, -1);
  assert.ok(log, `${place}: no log`);
  const { bytes, totalLines, truncated, isLost } = log;
  assert.deepEqual(
    { bytes, totalLines, truncated, isLost },
    { bytes: truth.length, totalLines: lines.length, truncated: false, isLost: false },
    `${place}: log`,
  );
  for (const [n, line] of lines.slice(0, LINES).entries()) {
    // A result is a map, not always JSON.
    const [, text] = /"msg": ("(?:[^"\\]|\\.)*")}$/.exec(line) ?? [];
    if (text !== undefined) assert.equal(log.lines[n]?.text, JSON.parse(text), `${place}: line ${n} of the log`);
  }
  total.logs += 1;
  total.lines += lines.length;
  total.bytes += truth.length;
}

/** Line 0, and no unit, are told as nothing where results are read as a table; so are the quotes of the metadata. */
function toldCase(c: Case) {
  return {
    ...c,
    units: c.units ?? '',
    startLogLine: c.startLogLine || null,
    endLogLine: c.endLogLine || null,
    loggedAt: micros(c.loggedAt),
    metadataText: c.metadataText === null ? null : load(c.metadataText, { schema: FAILSAFE_SCHEMA, json: true }),
  };
}

async function storedIds(server: Served, slug: string, token: string | null): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { jobs }: { jobs: Page<{ externalId: string }> } = await server.query(
      `query ($slug: String!, $after: String) { jobs(first: 200, after: $after, filter: {scope: {sources: [$slug], includeHealthChecks: true}}) { nodes { externalId } pageInfo { hasNextPage endCursor } } }`,
      { slug, after },
      token ?? undefined,
    );
    ids.push(...jobs.nodes.map((job) => job.externalId));
    after = jobs.pageInfo.endCursor;
    more = jobs.pageInfo.hasNextPage;
  }
  return ids.sort((a, b) => Number(a) - Number(b));
}

async function getJob(server: Served, source: string, id: string, after: string | null, lines: number): Promise<Job> {
  const { job } = await server.query<{ job: Job | null }>(JOB, { source, id, after, lines }, 'sesame');
  assert.ok(job, `${source}/${id} is not there`);
  return job;
}

/** With six decimals, as a database has them. */
function micros(value: string | null): string | null {
  const [, whole, digits = ''] = value === null ? [] : (/^(.*?)(?:\.(\d+))?Z$/.exec(value) ?? []);
  return whole === undefined ? value : `${whole}.${digits.padEnd(6, '0')}Z`;
}
