/** One sync of one source: bookmark, page, settle, write, bookmark. Data and bookmark share a transaction. */
import type { Logger } from 'pino';
import type { Adapter, Delta } from '#adapters/adapter.ts';
import { isDue } from '#adapters/due.ts';
import { SourceError } from '#adapters/error.ts';
import type { JobRecord, Micros, SyncTrigger } from '#schema/records.ts';
import { Conflict, DiskFull } from '#store/error.ts';
import { addAsked } from '#store/request-slot.ts';
import { assertRoom, isDiskFull } from '#store/room.ts';
import type { StoreEvent } from '#store/store.ts';
import { writeFleet } from '#store/write-fleet.ts';
import { packJob, type SourceKey, settleJob, writeJob } from '#store/write-job.ts';
import {
  endRun,
  getSyncState,
  openEpoch,
  quarantine,
  type RunEnd,
  type RunTotals,
  resolveDeadLetters,
  resolveFleetLetters,
  type SyncState,
  saveBookmark,
  saveProbe,
  saveProgress,
  saveUsage,
  startRun,
} from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';

export type FinishedJob = StoreEvent;

export type SyncDeps = {
  writer: Writer;
  adapter: Adapter;
  slug: string;
  now: () => Micros;
  signal: AbortSignal;
  log: Logger;
  /** Told after the commit of each job that has finished. */
  onFinished: (job: FinishedJob) => void;
  onProgress?: (totals: RunTotals) => void;
  /** Ask again what the source is, and for its boards and hosts. */
  refresh: { probe: boolean; fleet: boolean };
  /** As that of ReadContext. */
  rests?: () => boolean;
};

export type SyncReport = RunTotals & {
  state: RunEnd['state'];
  error: RunEnd['error'];
  /** Of the jobs that were heard of, those that had not ended. */
  stillOpen: string[];
};

/** Runs once through everything the source has new. Never throws for a sick source: the report says so. */
export async function syncSource(
  deps: SyncDeps,
  trigger: SyncTrigger,
  heard: readonly string[] = [],
): Promise<SyncReport> {
  const state = await stateOf(deps);
  const isFirst = state.lastSuccessAt === null && trigger === 'SCHEDULE';
  return run(deps, isFirst ? 'BACKFILL' : trigger, state, { heard, only: null });
}

/** As `syncSource`, through no more than the jobs that were heard of need; null when that is nothing. */
export async function syncHeard(
  deps: SyncDeps,
  trigger: SyncTrigger,
  heard: readonly string[],
): Promise<SyncReport | null> {
  const state = await stateOf(deps);
  const only = deps.adapter.unread(state.bookmark, heard);
  return only.length === 0 ? null : run(deps, trigger, state, { heard, only });
}

async function stateOf({ writer, slug }: SyncDeps): Promise<SyncState> {
  const state = await getSyncState(writer, slug);
  if (!state) throw new Error(`source ${slug} is not in the store`);
  return state;
}

/** How often a run that goes on tells what it has come to. */
const TOLD_EVERY = 60_000_000;

/** What was asked since the last time is written down. */
export async function saveAsked(
  { writer, adapter, now }: Pick<SyncDeps, 'writer' | 'adapter' | 'now'>,
  sourceId: number,
): Promise<void> {
  await adapter.drain((asked) => writer.transaction(() => addAsked(writer, sourceId, asked, now())));
}

type Scope = { heard: readonly string[]; only: readonly string[] | null };

async function run(deps: SyncDeps, trigger: SyncTrigger, source: SyncState, scope: Scope): Promise<SyncReport> {
  const { writer, adapter, now, signal, log } = deps;
  const runId = await startRun(writer, source.id, trigger, now());
  const before = adapter.usage();
  const totals: RunTotals = {
    requests: 0,
    bytes: 0,
    jobsRead: 0,
    jobsWritten: 0,
    publicRead: 0,
    publicWritten: 0,
    rejected: 0,
  };
  let state: RunEnd['state'] = 'succeeded';
  let error: RunEnd['error'] = null;
  let toldAt = now();
  const stillOpen = new Set<string>();
  let rested = false;
  let upTo: Micros | null | undefined;
  const measure = () => {
    const usage = adapter.usage();
    totals.requests = usage.requests - before.requests;
    totals.bytes = usage.bytes - before.bytes;
    return usage;
  };
  const tell = async () => {
    const usage = measure();
    if (!isDue(now(), toldAt, TOLD_EVERY)) return;
    toldAt = now();
    await writer.transaction(async () => {
      await saveProgress(writer, runId, totals);
      await saveUsage(writer, source.id, usage);
    });
    await saveAsked(deps, source.id);
  };
  try {
    assertRoom(writer.store);
    await refresh(deps, source, totals);
    const onRead = ({ state, externalId }: JobRecord) => {
      if (state !== 'FINISHED' && scope.heard.includes(externalId)) stillOpen.add(externalId);
    };
    const onDelta = (delta: Delta) => {
      rested ||= delta.rests === true;
      if (delta.upTo !== undefined) upTo = delta.upTo;
    };
    await walk({ ...deps, trigger, only: scope.only, totals, tell, onRead, onDelta }, source, source.bookmark);
  } catch (cause) {
    if (signal.aborted) state = 'aborted';
    else {
      state = 'failed';
      error = describe(cause);
      log.warn({ err: cause }, 'sync failed');
    }
  }
  const usage = measure();
  const endedAt = now();
  const end: RunEnd = {
    ...{ ...totals, state, error, usage, isWhole: scope.only === null },
    upTo: rested ? null : upTo === undefined ? endedAt : upTo,
  };
  await endRun(writer, source.id, runId, end, endedAt);
  await saveAsked(deps, source.id);
  log.info(
    { ...totals, trigger, state, ...(usage.slowdown === null ? {} : { slowdown: usage.slowdown }) },
    'sync ended',
  );
  return { ...totals, state, error, stillOpen: [...stillOpen] };
}

async function refresh(
  { writer, adapter, now, signal, refresh }: SyncDeps,
  source: SourceKey,
  totals: RunTotals,
): Promise<void> {
  const context = { now, signal };
  if (refresh.probe) {
    const probe = await adapter.probe(context);
    await writer.transaction(() => saveProbe(writer, source.id, probe, now()));
  }
  if (refresh.fleet) {
    const fleet = await adapter.snapshot(context);
    totals.rejected += fleet.rejected.length;
    await writer.transaction(async () => {
      await writeFleet(writer, source.id, fleet, now());
      await resolveFleetLetters(writer, source.id, now());
      await quarantine(writer, source.id, fleet.rejected, now());
    });
  }
}

type Walk = SyncDeps & {
  trigger: SyncTrigger;
  only: readonly string[] | null;
  totals: RunTotals;
  /** Also what it has come to so far is told. */
  tell: () => Promise<void>;
  onRead: (job: JobRecord) => void;
  onDelta: (delta: Delta) => void;
};

async function walk(deps: Walk, source: SourceKey, bookmark: string | null): Promise<void> {
  const { writer, adapter, now, signal, log, trigger, only, totals, tell, onRead } = deps;
  const context = { now, signal, ...(deps.rests ? { rests: deps.rests } : {}) };
  for await (const delta of adapter.changes(bookmark, context, only ?? undefined)) {
    deps.onDelta(delta);
    assertRoom(writer.store);
    totals.jobsRead += delta.changes.length;
    totals.publicRead += delta.changes.filter(({ job }) => job.isPublic).length;
    totals.rejected += delta.rejected.length;
    try {
      const written = await commit(deps, source, delta, trigger);
      totals.jobsWritten += written.length;
      totals.publicWritten += written.filter(({ isPublic }) => isPublic).length;
    } catch (cause) {
      if (!(cause instanceof Conflict)) throw cause;
      log.warn({ err: cause }, 'the master was reset: its numbers are taken as new jobs');
      await writer.transaction(() => openEpoch(writer, source.id));
      return walk({ ...deps, only: null }, { ...source, epoch: source.epoch + 1 }, null);
    }
    for (const { job } of delta.changes) onRead(job);
    await tell();
    deps.onProgress?.(totals);
    signal.throwIfAborted();
  }
}

async function commit(
  { writer, now, onFinished }: SyncDeps,
  source: SourceKey,
  delta: Delta,
  trigger: SyncTrigger,
): Promise<JobRecord[]> {
  const packed = delta.changes.map((change) => packJob(writer, change));
  const written = await writer.transaction(async () => {
    const at = now();
    const changed: JobRecord[] = [];
    for (const one of packed) {
      const { job, results } = one.change;
      const outcome = await writeJob(writer, source, one, at, trigger);
      const read = { externalId: job.externalId, withResults: results !== null };
      await resolveDeadLetters(writer, source.id, read, at);
      if (outcome === 'written') changed.push(job);
    }
    for (const externalId of delta.settled ?? []) await settleJob(writer, source, externalId, at);
    await quarantine(writer, source.id, delta.rejected, at);
    await saveBookmark(writer, source.id, delta.bookmark, delta.left ?? 0);
    for (const job of changed.filter(isFinished)) await writer.store.announce(eventOf(source, job));
    return changed;
  });
  for (const job of written.filter(isFinished)) onFinished(eventOf(source, job));
  return written;
}

function isFinished({ state }: JobRecord): boolean {
  return state === 'FINISHED';
}

function eventOf({ slug, epoch }: SourceKey, { externalId }: JobRecord): FinishedJob {
  return { source: slug, epoch, externalId };
}

const FULL = 'the disk is full; reading goes on by itself once there is room';

function describe(cause: unknown): { code: string; message: string } {
  if (cause instanceof SourceError) return { code: cause.code, message: cause.message };
  if (isDiskFull(cause)) return { code: 'DISK_FULL', message: cause instanceof DiskFull ? cause.message : FULL };
  return { code: 'INTERNAL', message: cause instanceof Error ? cause.message : String(cause) };
}
