/**
 * Single results: pages of jobs of every size, a build in one request, export. CPU of this process, after one run that is
 * not counted: the shapes of the suites are then known, as they are to a server that has shown one job of each.
 */
import { exportResults } from '#api/export.ts';
import { readExportRequest } from '#api/export-filter.ts';
import type { Summary } from '#api/export-summary.ts';
import type { CaseRecord, JobChange } from '#schema/records.ts';
import type { CaseFilter } from '#store/job-cases.ts';
import type { Key, PageRequest } from '#store/page.ts';
import type { Store } from '#store/store.ts';
import { getTestCase, listJobCases } from '#store/test-case.ts';
import { buildBenchApp } from './app.ts';
import { generate, hash32 } from './generate.ts';
import { type Opened, openBench, writeBatch } from './ingest.ts';
import { cpuMs, median } from './measure.ts';

type Line = (name: string, figure: string, target?: string) => void;

const ROUNDS = 15;
const HUGE = 500_000;
const EXPORTED_BUILDS = 20;
const viewer = { kind: 'anonymous' } as const;

async function measure(body: () => Promise<unknown>, repeats = 5): Promise<number> {
  await body();
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const ms = await cpuMs(async () => {
      for (let n = 0; n < repeats; n++) await body();
    });
    rounds.push(ms / repeats);
  }
  return median(rounds);
}

/** Of the first job of the size: pages at both ends and in the middle, filtered, and all of it. */
async function benchPages(store: Store, line: Line, size: number): Promise<void> {
  const job = await store.sql.get<{ id: number; suite: string }>(
    `SELECT j.id, s.name AS suite FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id
     JOIN suite s ON s.id = r.suite_id WHERE j.pass + j.fail + j.skip + j.unknown = ? ORDER BY j.id LIMIT 1`,
    size,
  );
  if (!job) throw new Error(`no job of ${size} cases`);
  const list = (filter: CaseFilter, limit: number, after: Key | null = null, backward = false) => {
    const page: PageRequest = { limit, after, before: null, backward };
    return listJobCases(store, viewer, job.id, filter, page);
  };
  const report = async (what: string, body: () => Promise<unknown>, target?: string) =>
    line(`${size.toLocaleString('en')} cases: ${what}`, `${(await measure(body)).toFixed(2)} ms CPU`, target);
  const [middle] = (await list({}, 1, [0, size / 2])).rows;
  if (!middle) throw new Error('no case in the middle');
  await report('first 100', () => list({}, 100), size === 2_000 ? '0.2 ms' : undefined);
  await report('100 in the middle', () => list({}, 100, [0, size / 2]));
  await report('last 100', () => list({}, 100, null, true));
  await report('first 50 that fail', () => list({ result: ['FAIL'] }, 50));
  await report('by name', () => list({ name: middle.name }, 100));
  await report('by suite', () => list({ suite: job.suite }, 100));
  await report('one by its number', () => getTestCase(store, viewer, job.id, middle.externalId));
  if (size < HUGE) await report('all of them', () => list({}, size), size === 2_000 ? '0.5 ms' : undefined);
}

/** What a suite like Android's VTS brings in one job. */
function hugeJob(): JobChange {
  const [{ change } = { change: null }] = generate({ results: 50, metadata: false });
  if (!change) throw new Error('no job');
  const cases = Array.from({ length: HUGE }, (_, i): CaseRecord => {
    const roll = hash32(i, 5) % 1000;
    return {
      externalId: i,
      name: `module_${Math.floor(i / 500)}#case_${i}`,
      set: null,
      setExternalId: null,
      result: roll < 14 ? 'FAIL' : roll < 92 ? 'SKIP' : 'PASS',
      measurement: i % 20 === 0 ? `${i % 1000}.5000000000` : null,
      unit: i % 20 === 0 ? 'seconds' : '',
      startLogLine: 500 + i * 3,
      endLogLine: 502 + i * 3,
      loggedAt: 1_700_000_000_000_000 + i * 1_000 + (hash32(i) % 10),
      metadata: null,
    };
  });
  const suites = [{ externalId: 1, name: '0_vts', isSteps: false, cases }];
  return { ...change, results: { suites, log: null } };
}

const IN_ONE_REQUEST: Record<string, string> = {
  'suite, name, result': 'suite name result',
  'every column': 'id externalId suite set name occurrence result measurement units startLogLine endLogLine loggedAt',
  'with job, lab and type': 'suite name result measurement job { externalId source { slug } deviceType { name } }',
};

/** Over HTTP, parsing and writing JSON included. */
async function benchBuild(store: Store, line: Line): Promise<void> {
  const app = await buildBenchApp(store);
  for (const [what, fields] of Object.entries(IN_ONE_REQUEST)) {
    const query = `{ build(project: "bench", version: "v3") { testCases(first: 10000) { totalCount nodes { ${fields} } } } }`;
    const ask = async () => {
      const answer = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
      const { data } = answer.json<{ data?: { build: { testCases: { nodes: unknown[] } } } }>();
      if (data?.build.testCases.nodes.length !== 10_000) throw new Error(answer.body.slice(0, 500));
    };
    line(`10,000 results of a build: ${what}`, `${(await measure(ask, 1)).toFixed(0)} ms CPU`, '150 ms');
  }
  await app.close();
}

async function benchExport(store: Store, line: Line): Promise<void> {
  for (const format of ['ndjson', 'csv'] as const) {
    let results = 0;
    const ms = await cpuMs(async () => {
      for (let build = 0; build < EXPORTED_BUILDS; build++) {
        const request = readExportRequest({ project: 'bench', build: `v${build}` });
        const count = (summary: Summary) => {
          results += summary.results;
        };
        const asker = { store, viewer, now: () => 0, origin: '' };
        for await (const piece of await exportResults(asker, request, format, count)) piece.length;
      }
    });
    line(
      `export as ${format}`,
      `${Math.round((results / ms) * 1000).toLocaleString('en')} results a CPU second`,
      '300,000',
    );
  }
}

export async function benchResults({ store }: Opened, line: Line): Promise<void> {
  await benchPages(store, line, 2_000);
  await benchPages(store, line, 20_000);
  const beside = await openBench();
  try {
    await writeBatch(beside, [{ source: 0, change: hugeJob() }]);
    await benchPages(beside.store, line, HUGE);
  } finally {
    await beside.close();
  }
  await benchBuild(store, line);
  await benchExport(store, line);
}
