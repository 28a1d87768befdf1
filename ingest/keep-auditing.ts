/** Audits by themselves: round after round, a slice at a time, when nothing else is read of the source. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { SourceError } from '#adapters/error.ts';
import type { Micros } from '#schema/records.ts';
import { LeaseLost } from '#store/error.ts';
import { getSyncState } from '#store/write-source.ts';
import { auditSlice, SLICE_MS } from './audit.ts';
import type { Held, Leases } from './leases.ts';
import { isQuiet } from './quiet-hours.ts';
import type { ScheduledSource } from './schedule.ts';
import type { FinishedJob } from './sync.ts';

export type AuditedSource = Pick<ScheduledSource, 'slug' | 'paused' | 'adapter' | 'quietHours'> & {
  auditHours: number;
};

export type KeepAuditing = {
  leases: Pick<Leases, 'held'>;
  sources: readonly AuditedSource[];
  isBusy: (slug: string) => boolean;
  now: () => Micros;
  log: Logger;
  signal: AbortSignal;
  onFinished: (job: FinishedJob) => void;
};

/** A source that is busy, or another ingester's, is looked at again soon. */
const LOOK_MS = 15_000;

/** Until the signal comes; no source waits for another. */
export async function keepAuditing(
  options: KeepAuditing,
  { everyMs = SLICE_MS, lookMs = LOOK_MS } = {},
): Promise<void> {
  const { sources, signal } = options;
  const audited = sources.filter(({ paused }) => !paused);
  await Promise.all(
    audited.map(async (source) => {
      while (!signal.aborted) {
        const isDone = await once(options, source);
        await wait(isDone ? everyMs : lookMs, null, { signal }).catch(() => null);
      }
    }),
  );
}

/** False when it was not the time. */
async function once(options: KeepAuditing, source: AuditedSource): Promise<boolean> {
  const { slug, auditHours, quietHours } = source;
  const { leases, isBusy, log, now } = options;
  const held = leases.held(slug);
  try {
    if (quietHours && isQuiet(quietHours, now())) return false;
    if (!held || isBusy(slug) || !(await wasRead(held, slug))) return false;
    const signal = AbortSignal.any([options.signal, held.signal]);
    const deps = { ...options, ...source, writer: held.writer, signal };
    const result = await auditSlice(deps, { everyMs: auditHours * 3_600_000, isWanted: () => isBusy(slug) });
    if (result?.alarm) log.warn({ source: slug, alarm: result.alarm }, 'the audit is alarmed');
    if (result) log.info({ source: slug, ...result, publicView: undefined }, 'audit ended');
  } catch (cause) {
    if (options.signal.aborted || held?.signal.aborted || cause instanceof LeaseLost) return true;
    if (cause instanceof SourceError) log.warn({ source: slug, err: cause }, 'the audit goes on later');
    else log.error({ source: slug, err: cause }, 'the audit broke');
  }
  return true;
}

/** What has never been read whole is not compared. */
async function wasRead({ writer }: Held, slug: string): Promise<boolean> {
  const state = await getSyncState(writer, slug);
  return state !== null && state.lastSuccessAt !== null;
}
