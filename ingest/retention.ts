/** Retention of the configured sources: once a day by itself, or when it is asked for. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDue } from '#adapters/due.ts';
import type { Micros } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import { forgetGone } from '#store/job-gone.ts';
import { isShared, type LogRemoval, removeLogFiles } from '#store/log-removal.ts';
import { KINDS, type Retired, retire } from '#store/retention.ts';
import { readState, saveState } from '#store/state.ts';
import { listRetentions } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';

export type RetentionReport = {
  sources: { slug: string; retired: Retired }[];
  logs: LogRemoval;
  /** Another store names files of the same folder: none was deleted. */
  areLogsShared: boolean;
};
export type RetentionOptions = { signal?: AbortSignal; onProgress?: (slug: string, jobs: number) => void };

/** Deletes what is due of the sources and gives the room back. Cut short anywhere, it goes on the next time. */
export async function applyRetention(
  writer: Writer,
  sources: readonly { id: number; slug: string; retention: Retention }[],
  now: () => Micros,
  { signal, onProgress }: RetentionOptions = {},
): Promise<RetentionReport> {
  const report: RetentionReport['sources'] = [];
  for (const { id, slug, retention } of sources) {
    const retired = await retire(writer, id, retention, now, {
      signal,
      onProgress: (jobs) => onProgress?.(slug, jobs),
    });
    report.push({ slug, retired });
  }
  await forgetGone(writer, now(), signal);
  const logs = await removeLogFiles(writer, signal);
  await writer.store.giveBack(signal);
  return { sources: report, logs, areLogsShared: isShared(writer.store.logDir) };
}

const DAY_MS = 86_400_000;
const LOOK_MS = 600_000;
const STATE = 'retention';

/** Until the signal comes. Of several ingesters, the first to see that a day has passed does it. */
export async function keepRetention(
  { writer, now, log, signal }: { writer: Writer; now: () => Micros; log: Logger; signal: AbortSignal },
  lookMs = LOOK_MS,
): Promise<void> {
  while (!signal.aborted) {
    await wait(lookMs, null, { signal }).catch(() => null);
    if (signal.aborted) return;
    try {
      if (await takesTurn(writer, now())) await applyOnce(writer, now, log, signal);
    } catch (cause) {
      log.error({ err: cause }, 'retention broke; it goes on in a day');
    }
  }
}

async function applyOnce(writer: Writer, now: () => Micros, log: Logger, signal: AbortSignal): Promise<void> {
  const sources = await listRetentions(writer);
  const report = await applyRetention(writer, sources, now, { signal });
  const deleted = report.sources.filter(({ retired }) => KINDS.some((kind) => retired[kind] > 0));
  if (deleted.length > 0) log.info({ deleted, logs: report.logs }, 'retention has deleted what was due');
  if (report.areLogsShared) log.warn('another store names logs of this folder: no log file is deleted');
}

async function takesTurn(writer: Writer, now: Micros): Promise<boolean> {
  return writer.transaction(
    async () => {
      const last = await readState<{ at: Micros }>(writer.store.sql, STATE);
      if (last && !isDue(now, last.at, DAY_MS * 1000)) return false;
      await saveState(writer.store.sql, STATE, { at: now });
      return true;
    },
    { alone: true },
  );
}
