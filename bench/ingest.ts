/** Writing: the packed store against one row a result in a bare table, and against JSON.parse of what was read. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DEFAULT_RULES } from '#analysis/build-mapping.ts';
import type { JobChange } from '#schema/records.ts';
import { openStore, type Store } from '#store/open.ts';
import { packJob, type SourceKey, writeJob } from '#store/write-job.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { asRestJson, type GeneratedJob, generate, MASTERS } from './generate.ts';
import { cpuMs } from './measure.ts';

const BATCH = 20;

export type Opened = { store: Store; writer: Writer; sources: SourceKey[]; folder: string; close(): void };

export async function openBench(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-bench-'));
  const store = openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'write' });
  const writer = createWriter(store, DEFAULT_RULES);
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
      paused: false,
      periodSeconds: 60,
      maxConcurrent: 1,
      maxPerMinute: 60,
    })),
  );
  const sources = await store.sql.all<SourceKey>('SELECT id, slug, epoch, url FROM source ORDER BY id');
  return {
    store,
    writer,
    sources,
    folder,
    close() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function writeAll(opened: Opened, jobs: readonly GeneratedJob[]): Promise<void> {
  for (let i = 0; i < jobs.length; i += BATCH) {
    const packed = jobs
      .slice(i, i + BATCH)
      .map(({ source, change }) => ({ source, packed: packJob(opened.writer, change) }));
    await opened.writer.transaction(async () => {
      for (const { source, packed: job } of packed) {
        const key = opened.sources[source];
        if (!key) throw new Error(`no source ${source}`);
        await writeJob(opened.writer, key, job, 1_800_000_000_000_000, 'BACKFILL');
      }
    });
  }
}

export function resultsOf(jobs: readonly GeneratedJob[]): number {
  return jobs.reduce((n, { change }) => n + countCases(change), 0);
}

function countCases(change: JobChange): number {
  return change.results?.suites.reduce((n, suite) => n + suite.cases.length, 0) ?? 0;
}

export function fileBytes(folder: string): number {
  return readdirSync(folder).reduce(
    (n, name) => n + (name.startsWith('basalt.db') ? statSync(join(folder, name)).size : 0),
    0,
  );
}

/** The reference: one table without index, one row a result, the same pragmas and batches. */
function writeRows(folder: string, jobs: readonly GeneratedJob[]): void {
  const db = new Database(join(folder, 'rows.db'));
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -65536');
  db.exec(
    'CREATE TABLE result (job INT, name_id INT, result INT, start INT, finish INT, logged INT, measurement REAL)',
  );
  const insert = db.prepare('INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (let i = 0; i < jobs.length; i += BATCH) {
    db.exec('BEGIN IMMEDIATE');
    for (const [j, { change }] of jobs.slice(i, i + BATCH).entries()) {
      for (const suite of change.results?.suites ?? []) {
        for (const [n, c] of suite.cases.entries()) {
          insert.run(
            i + j,
            n,
            c.result === 'PASS' ? 0 : 1,
            c.startLogLine,
            c.endLogLine,
            c.loggedAt,
            c.measurement === null ? null : Number(c.measurement),
          );
        }
      }
    }
    db.exec('COMMIT');
  }
  db.close();
}

export type Round = { packedMs: number; rowsMs: number; parseMs: number };

export async function ingestRound(jobs: readonly GeneratedJob[], documents: readonly string[]): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-bench-'));
  const opened = await openBench();
  try {
    const rowsMs = await cpuMs(() => writeRows(folder, jobs));
    const packedMs = await cpuMs(() => writeAll(opened, jobs));
    const parseMs = await cpuMs(() => {
      for (const text of documents) JSON.parse(text);
    });
    return { packedMs, rowsMs, parseMs };
  } finally {
    opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export { asRestJson, generate };
