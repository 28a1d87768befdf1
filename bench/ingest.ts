/** Writing: the packed store against one row a result in a bare table, and against JSON.parse of what was read. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { CaseRecord, JobChange, SuiteRecord } from '#schema/records.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { packJob, type SourceKey, writeJob } from '#store/write-job.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { asRestJson, type GeneratedJob, generate, MASTERS, type Mode } from './generate.ts';
import { cpuMs } from './measure.ts';

const BATCH = 20;

export type Writing = { writer: Writer; sources: SourceKey[] };
export type Opened = Writing & { store: Store; url: string; folder: string; close(): Promise<void> };

/** A new store; in a file of the folder unless a PostgreSQL server is named. */
export async function openBench(
  postgres?: string,
  folder = mkdtempSync(join(tmpdir(), 'basalt-bench-')),
): Promise<Opened> {
  const url = postgres ?? `sqlite:${join(folder, 'basalt.db')}`;
  const store = await openStore({ url, mode: 'write', logDir: join(folder, 'logs') });
  const writer = createWriter(store, []);
  const slugs = Array.from({ length: MASTERS }, (_, i) => `m${i}`);
  await saveSources(
    writer,
    slugs.map((slug) => ({
      slug,
      name: slug,
      kind: 'LAVA',
      url: `http://${slug}.example/`,
      visibility: 'PUBLIC',
      teams: [],
      labels: {},
      retention: {},
      historySince: null,
      paused: false,
      periodSeconds: 60,
      maxConcurrent: 1,
      maxPerMinute: 60,
    })),
  );
  return {
    store,
    writer,
    sources: await sourcesOf(store),
    url,
    folder,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A store that openBench has made, once more for writing. */
export async function reopenBench(url: string): Promise<Writing> {
  const store = await openStore({ url, mode: 'write' });
  return { writer: createWriter(store, []), sources: await sourcesOf(store) };
}

function sourcesOf({ sql }: Store): Promise<SourceKey[]> {
  return sql.all('SELECT id, slug, epoch, url FROM source ORDER BY id');
}

export async function writeBatch(opened: Writing, jobs: readonly GeneratedJob[]): Promise<void> {
  const packed = jobs.map(({ source, change }) => ({ source, job: packJob(opened.writer, change) }));
  await opened.writer.transaction(async () => {
    for (const { source, job } of packed) {
      const key = opened.sources[source];
      if (!key) throw new Error(`no source ${source}`);
      await writeJob(opened.writer, key, job, 1_800_000_000_000_000, 'BACKFILL');
    }
  });
}

export function resultsOf(jobs: readonly GeneratedJob[]): number {
  return jobs.reduce((n, { change }) => n + countCases(change), 0);
}

function countCases(change: JobChange): number {
  return change.results?.suites.reduce((n, suite) => n + suite.cases.length, 0) ?? 0;
}

function fileBytes(folder: string): number {
  return readdirSync(folder).reduce(
    (n, name) => n + (name.startsWith('basalt.db') ? statSync(join(folder, name)).size : 0),
    0,
  );
}

type Reference = { write(jobs: readonly GeneratedJob[]): void; close(): void };

function openReference(folder: string, name: string, schema: string, insert: string, row: RowOf): Reference {
  const db = new Database(join(folder, name));
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -65536');
  db.exec(schema);
  const statement = db.prepare(insert);
  return {
    write(jobs) {
      db.exec('BEGIN IMMEDIATE');
      for (const [j, { source, change }] of jobs.entries()) {
        for (const suite of change.results?.suites ?? []) {
          let n = 0;
          for (const c of suite.cases) statement.run(...row(source, change, suite, c, j, n++));
        }
      }
      db.exec('COMMIT');
    },
    close: () => db.close(),
  };
}

type RowOf = (
  source: number,
  change: JobChange,
  suite: SuiteRecord,
  c: CaseRecord,
  job: number,
  n: number,
) => (string | number | null)[];

/** One table without index, one row a result, numbers only, the same pragmas and batches. */
function openRowLoop(folder: string): Reference {
  return openReference(
    folder,
    'rows.db',
    'CREATE TABLE result (job INT, name_id INT, result INT, start INT, finish INT, logged INT, measurement REAL)',
    'INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?)',
    (_, __, ___, c, j, n) => [
      j,
      n,
      c.result === 'PASS' ? 0 : 1,
      c.startLogLine,
      c.endLogLine,
      c.loggedAt,
      c.measurement === null ? null : Number(c.measurement),
    ],
  );
}

/** What a web framework's models give: a row a result under a text key, with an index by job and one by test. */
function openRowPerResult(folder: string): Reference {
  return openReference(
    folder,
    'naive.db',
    `CREATE TABLE result (id TEXT PRIMARY KEY, job TEXT NOT NULL, suite TEXT NOT NULL, name TEXT NOT NULL, result TEXT NOT NULL,
       start INT, finish INT, logged TEXT, measurement TEXT, unit TEXT);
     CREATE INDEX result_job ON result (job);
     CREATE INDEX result_test ON result (suite, name, job)`,
    'INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    (source, { job }, suite, c) => [
      randomUUID(),
      `m${source}/${job.externalId}`,
      suite.name,
      c.name,
      c.result,
      c.startLogLine,
      c.endLogLine,
      c.loggedAt === null ? null : new Date(c.loggedAt / 1000).toISOString(),
      c.measurement,
      c.unit,
    ],
  );
}

export type Round = {
  results: number;
  jobs: number;
  packedMs: number;
  rowsMs: number;
  naiveMs: number;
  parseMs: number;
};

/**
 * Contender and references take turns, a batch each, so that the machine's mood is the same for all; jobs are made
 * outside the measurement and forgotten after their batch, as in a sync.
 */
export async function ingestRound(results: number, opened: Opened, withNaive: boolean): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-bench-'));
  const rows = openRowLoop(folder);
  const naive = withNaive ? openRowPerResult(folder) : null;
  const round: Round = { results: 0, jobs: 0, packedMs: 0, rowsMs: 0, naiveMs: 0, parseMs: 0 };
  try {
    for (const batch of batches(generate({ results, metadata: false }))) {
      const documents = batch.map(({ change }) => asRestJson(change));
      round.rowsMs += await cpuMs(() => rows.write(batch));
      round.packedMs += await cpuMs(() => writeBatch(opened, batch));
      if (naive) round.naiveMs += await cpuMs(() => naive.write(batch));
      round.parseMs += await cpuMs(() => {
        for (const text of documents) JSON.parse(text);
      });
      round.results += resultsOf(batch);
      round.jobs += batch.length;
    }
    return round;
  } finally {
    rows.close();
    naive?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One store filled in a mode: its bytes when compact, and the CPU it took. */
export async function fill(results: number, mode: Mode, opened: Opened): Promise<{ results: number; ms: number }> {
  let [made, ms] = [0, 0];
  for (const batch of batches(generate({ results, metadata: false, mode }))) {
    ms += await cpuMs(() => writeBatch(opened, batch));
    made += resultsOf(batch);
  }
  return { results: made, ms };
}

/** The same jobs in order and shuffled, a batch each in turn. */
export async function shuffledRound(results: number, steady: Opened, shuffled: Opened): Promise<number> {
  const inOrder = batches(generate({ results, metadata: false }));
  let [steadyMs, shuffledMs] = [0, 0];
  for (const batch of batches(generate({ results, metadata: false, mode: 'shuffled' }))) {
    const { value } = inOrder.next();
    if (value) steadyMs += await cpuMs(() => writeBatch(steady, value));
    shuffledMs += await cpuMs(() => writeBatch(shuffled, batch));
  }
  return shuffledMs / steadyMs;
}

/** Bytes of the store's file when nothing in it is free. */
export async function compactBytes({ store, folder }: Opened): Promise<number> {
  await store.sql.run('VACUUM');
  await store.sql.run('PRAGMA wal_checkpoint(TRUNCATE)');
  return fileBytes(folder);
}

export function* batches(jobs: Iterable<GeneratedJob>): Generator<GeneratedJob[]> {
  let batch: GeneratedJob[] = [];
  for (const job of jobs) {
    batch.push(job);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
