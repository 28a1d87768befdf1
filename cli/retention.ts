/** `basalt retention plan` and `apply`: by the configuration as it is now. */
import { applyRetention } from '#ingest/retention.ts';
import type { Configured } from '#ingest/sources.ts';
import { KINDS, type Kind } from '#store/retention.ts';
import { type KindPlan, planRetention } from '#store/retention-plan.ts';
import { getSyncState, saveRetention } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { chosenSources } from './chosen-sources.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { createProgress } from './progress.ts';
import { withStore, withWriter } from './with-store.ts';

const WHAT: Record<Kind, string> = {
  logs: 'logs',
  detail: 'blocks of details',
  results: 'suite runs',
  rollups: 'jobs with their sums',
};

/** @throws CommandFailure when there is no such source. */
export async function plan(config: Config, slug: string | null): Promise<number> {
  return withStore(config, 'read', async (store) => {
    const sources = await chosenSources(config, store, slug);
    for (const source of sources) {
      const id = await idOf({ store }, source);
      if (id === null) continue;
      const planned = await planRetention(store, id, source.retention, Date.now() * 1000);
      for (const kind of KINDS)
        say(`${source.slug} ${kind}: ${keptFor(source.retention, kind)}${due(kind, planned[kind])}`);
    }
    say('nothing was deleted; `basalt retention apply` does it');
    return EXIT.ok;
  });
}

/** @throws CommandFailure when there is no such source. */
export async function apply(config: Config, slug: string | null, { compact }: { compact?: boolean }): Promise<number> {
  return withWriter(config, async (writer) => {
    const { store } = writer;
    const chosen = await chosenSources(config, store, slug);
    const before = await store.size();
    const progress = createProgress();
    const sources: { id: number; slug: string; retention: Configured['retention'] }[] = [];
    for (const source of chosen) {
      const id = await idOf(writer, source);
      if (id === null) continue;
      await saveRetention(writer, id, source.retention);
      sources.push({ id, slug: source.slug, retention: source.retention });
    }
    const report = await applyRetention(writer, sources, () => Date.now() * 1000, {
      onProgress: (name, jobs) => progress.update(name, `${jobs} jobs`),
    });
    for (const { slug: name, retired } of report.sources) {
      progress.finish(name, KINDS.map((kind) => `${kind} of ${retired[kind]} jobs`).join(', '));
    }
    if (compact) await store.compact();
    const after = await store.size();
    say(`log files deleted: ${report.logs.files} (${size(report.logs.bytes)})`);
    if (report.areLogsShared)
      say(`another store names logs in ${store.logDir} (see SHARED there): no file was deleted`);
    say(`the store takes ${size(after.bytes)}, before ${size(before.bytes)}`);
    if (after.free > after.bytes / 100) {
      say(`${size(after.free)} of them are free for what comes; --compact gives them back to the disk`);
    }
    return EXIT.ok;
  });
}

async function idOf(writer: Pick<Writer, 'store'>, { slug }: Configured): Promise<number | null> {
  const state = await getSyncState(writer, slug);
  if (!state) say(`${slug}: nothing has been read of it yet`);
  return state?.id ?? null;
}

/** What it hangs on takes a kind along. */
const HANGS_ON: Record<Kind, readonly Kind[]> = {
  logs: ['results', 'rollups'],
  detail: ['results', 'rollups'],
  results: ['rollups'],
  rollups: [],
};

function keptFor(retention: Configured['retention'], kind: Kind): string {
  const limit = [kind, ...HANGS_ON[kind]].map((other) => retention[other]).find((days) => days !== undefined);
  return limit === undefined ? 'kept for ever' : `kept ${limit} ${limit === 1 ? 'day' : 'days'}`;
}

function due(kind: Kind, { jobs, rows, bytes, oldest, newest }: KindPlan): string {
  if (oldest === null || newest === null) return '; nothing is due';
  const span = day(oldest) === day(newest) ? day(oldest) : `${day(oldest)} to ${day(newest)}`;
  return `; due now of ${jobs} jobs submitted ${span}: ${rows} ${WHAT[kind]}, ${size(bytes)}`;
}

function day(at: number): string {
  return new Date(at / 1000).toISOString().slice(0, 10);
}

function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
