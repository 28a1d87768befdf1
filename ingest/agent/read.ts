/** Once through what is new on the master of a lab, into the spool. */
import type { Logger } from 'pino';
import type { Adapter } from '#adapters/adapter.ts';
import { entriesOf, entryOf, fleetEntry } from '#adapters/agent/entry.ts';
import type { Failure, RunMessage } from '#adapters/agent/message.ts';
import { SourceError } from '#adapters/error.ts';
import type { Asked, Micros } from '#schema/records.ts';
import { type Spool, SpoolFull, WalkEnded } from '#store/spool.ts';

export type ReadDeps = {
  adapter: Adapter;
  spool: Spool;
  now: () => Micros;
  signal: AbortSignal;
  log: Logger;
  rests?: () => boolean;
  /** Ask again what the source is, and for its boards and hosts. */
  refresh: { probe: boolean; fleet: boolean };
  /** Something is in the spool that was not. */
  onAdded: () => void;
};

export type ReadReport = {
  /** `full`: it rests until the spool has room. `anew`: everything is to be read once more. */
  state: 'succeeded' | 'failed' | 'full' | 'anew' | 'aborted';
  jobs: number;
  entries: number;
  failure: Failure | null;
  /** Of the jobs that were heard of, those that had not ended. */
  stillOpen: string[];
};

/** With `only`, no more is asked than these jobs need. Never throws for a sick source: the report says so, and Basalt is told. */
export async function readIntoSpool(deps: ReadDeps, only: readonly string[] | null = null): Promise<ReadReport> {
  const { adapter, spool, now, signal, log } = deps;
  const report: ReadReport = { state: 'succeeded', jobs: 0, entries: 0, failure: null, stillOpen: [] };
  if (spool.waiting().isFull) return { ...report, state: 'full' };
  const startedAt = now();
  let rested = false;
  let left = 0;
  const note = (added: number) => {
    report.entries += added;
    if (added > 0) deps.onAdded();
  };
  try {
    if (deps.refresh.probe) note(spool.add([entryOf('probe', await adapter.probe(deps))]));
    if (deps.refresh.fleet) note(spool.add([fleetEntry(await adapter.snapshot(deps))]));
    const walk = spool.walk();
    for await (const delta of adapter.changes(walk.bookmark, deps, only ?? undefined)) {
      note(walk.add(entriesOf(delta), delta.bookmark));
      report.jobs += delta.changes.length;
      rested ||= delta.rests === true;
      left = delta.left ?? 0;
      for (const { job } of delta.changes)
        if (job.state !== 'FINISHED' && only?.includes(job.externalId)) report.stillOpen.push(job.externalId);
      signal.throwIfAborted();
    }
  } catch (cause) {
    if (signal.aborted) report.state = 'aborted';
    else if (cause instanceof WalkEnded) report.state = 'anew';
    else if (cause instanceof SpoolFull) report.state = 'full';
    else if (cause instanceof SourceError) {
      report.state = 'failed';
      report.failure = { code: cause.code, message: cause.message.slice(cause.source.length + 2) };
      log.warn({ err: cause }, 'the master could not be read');
    } else throw cause;
  }
  const isWhole = report.state === 'succeeded' && only === null;
  const told = { isWhole, upTo: isWhole && !rested ? startedAt : null, failure: report.failure, left };
  if (report.state === 'full') return report;
  try {
    await tell(deps, told, note);
  } catch (cause) {
    if (!(cause instanceof SpoolFull)) throw cause;
    report.state = 'full';
  }
  return report;
}

/** What it came to, with what was asked meanwhile. */
async function tell(
  { adapter, spool, now }: ReadDeps,
  told: Pick<RunMessage, 'isWhole' | 'upTo' | 'failure' | 'left'>,
  note: (added: number) => void,
): Promise<void> {
  const { usedLastMinute, p95Ms, slowdown } = adapter.usage();
  let isTold = false;
  const save = async (asked: Asked[]) => {
    const run: RunMessage = { at: now(), ...told, usage: { usedLastMinute, p95Ms, slowdown }, asked };
    note(spool.add([entryOf('run', run)]));
    isTold = true;
  };
  await adapter.drain(save);
  if (!isTold) await save([]);
}
