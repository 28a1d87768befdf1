/** Audits by themselves: round after round, a slice at a time, when nothing else is read of the source. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { SourceError } from '#adapters/error.ts';
import type { Micros } from '#schema/records.ts';
import { LeaseLost } from '#store/error.ts';
import { takeRequest } from '#store/source-request.ts';
import type { AuditResult } from '#store/write-audit.ts';
import { getSyncState } from '#store/write-source.ts';
import { type AuditDeps, auditSlice, auditSource, SLICE_MS } from './audit.ts';
import type { Held, Leases } from './leases.ts';
import { isQuiet } from './quiet-hours.ts';
import type { ScheduledSource } from './schedule.ts';
import type { FinishedJob } from './sync.ts';

export type AuditedSource = Pick<ScheduledSource, 'slug' | 'paused' | 'adapter' | 'quietHours'> & {
  auditHours: number;
};

export type AuditOptions = {
  leases: Pick<Leases, 'held'>;
  isBusy: (slug: string) => boolean;
  now: () => Micros;
  log: Logger;
  signal: AbortSignal;
  onFinished: (job: FinishedJob) => void;
};

export type KeepAuditing = AuditOptions & { sources: readonly AuditedSource[] };

/** Of more gaps, the next audit repairs the rest. */
const ASKED_REPAIRS = 5_000;
/** A source that is busy, or another ingester's, is looked at again soon. */
const LOOK_MS = 15_000;

/** Until the signal comes; no source waits for another. */
export async function keepAuditing({ sources, ...options }: KeepAuditing, pace?: Partial<AuditPace>): Promise<void> {
  const audited = sources.filter(({ paused }) => !paused);
  await Promise.all(audited.map((source) => auditSteadily(options, source, pace).ended));
}

export type AuditPace = { everyMs: number; lookMs: number };
export type Audits = {
  /** Somebody waits for an audit of all jobs: it begins when the source is free. */
  ask(): void;
  ended: Promise<void>;
};

export function auditSteadily(
  options: AuditOptions,
  source: AuditedSource,
  { everyMs = SLICE_MS, lookMs = LOOK_MS }: Partial<AuditPace> = {},
): Audits {
  const { signal } = options;
  let isAsked = false;
  let wake: AbortController | null = null;
  const keep = async () => {
    while (!signal.aborted) {
      const audit = isAsked ? auditAsked : auditNext;
      const isDone = await safely(options, source, audit);
      if (isDone) isAsked = isAsked && audit !== auditAsked;
      wake = isAsked ? null : new AbortController();
      const until = wake ? AbortSignal.any([signal, wake.signal]) : signal;
      await wait(isDone && !isAsked ? everyMs : lookMs, null, { signal: until }).catch(() => null);
    }
  };
  return {
    ask() {
      isAsked = true;
      wake?.abort();
    },
    ended: keep(),
  };
}

type Audit = (options: AuditOptions, source: AuditedSource, held: Held, deps: AuditDeps) => Promise<AuditResult | null>;

const auditNext: Audit = ({ isBusy }, { slug, auditHours }, _, deps) =>
  auditSlice(deps, { everyMs: auditHours * 3_600_000, isWanted: () => isBusy(slug) });

const auditAsked: Audit = async (_, { slug }, { writer }, deps) =>
  (await takeRequest(writer, { slug, kind: 'AUDIT' })) ? auditSource(deps, { repairs: ASKED_REPAIRS }) : null;

/** False when it was not the time. */
async function safely(options: AuditOptions, source: AuditedSource, audit: Audit): Promise<boolean> {
  const { slug, quietHours } = source;
  const { leases, isBusy, log, now } = options;
  const held = leases.held(slug);
  try {
    if (quietHours && isQuiet(quietHours, now())) return false;
    if (!held || isBusy(slug) || !(await wasRead(held, slug))) return false;
    const signal = AbortSignal.any([options.signal, held.signal]);
    const result = await audit(options, source, held, { ...options, ...source, writer: held.writer, signal });
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
