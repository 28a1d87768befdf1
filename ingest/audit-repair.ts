/** A job that an audit found missing or changed is read again. */
import { isDeepStrictEqual } from 'node:util';
import { type InventoryRow, remarksOf } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import { getJobFate, type StoredFate } from '#store/write-audit.ts';
import { packJob, type SourceKey, writeJob } from '#store/write-job.ts';
import { quarantine, resolveDeadLetters } from '#store/write-source.ts';
import type { SyncDeps } from './sync.ts';

export type RepairDeps = Pick<SyncDeps, 'writer' | 'adapter' | 'now' | 'signal' | 'onFinished'>;

/** So many in a row that cannot be read: the source is ill, not the jobs. */
const UNREADABLE_IN_A_ROW = 3;

export type Repairer = {
  /** So many more may be read. */
  left(): number;
  /** The job as it is stored now, equal to the source; null when it still is not. @throws SourceError and Conflict */
  repair(source: SourceKey, externalId: string, found: StoredFate | null): Promise<Repaired | null>;
};

/** `isWritten`: its row, its results or its log differed. */
export type Repaired = { mine: StoredFate; isWritten: boolean };

export function createRepairer(deps: RepairDeps, limit: number): Repairer {
  let left = limit;
  let inARow = 0;
  return {
    left: () => left,
    async repair(source, externalId, found) {
      left -= 1;
      try {
        const stored = await readAgain(deps, source, externalId, found);
        inARow = 0;
        return stored;
      } catch (cause) {
        if (!(cause instanceof SourceError) || deps.signal.aborted) throw cause;
        if (cause.code !== 'FORBIDDEN') inARow += 1;
        if (inARow >= UNREADABLE_IN_A_ROW) throw cause;
        return null;
      }
    },
  };
}

async function readAgain(
  { writer, adapter, now, signal, onFinished }: RepairDeps,
  source: SourceKey,
  externalId: string,
  found: StoredFate | null,
): Promise<Repaired | null> {
  const read = await adapter.job(externalId, { now, signal });
  if (!read) return null;
  const { change, rejected } = read;
  const packed = packJob(writer, change);
  const event = { source: source.slug, epoch: source.epoch, externalId };
  const { stored, isWritten } = await writer.transaction(async () => {
    const before = await getJobFate(writer, source, externalId);
    // A sync that wrote it meanwhile has read it later than this.
    if (before?.changedAt !== found?.changedAt) return { stored: before, isWritten: false };
    const outcome = await writeJob(writer, source, packed, now(), 'RECONCILE');
    const withResults = change.results !== null;
    await resolveDeadLetters(writer, source.id, { externalId, withResults }, now());
    await quarantine(writer, source.id, rejected, now());
    const isWritten = outcome === 'written';
    if (isWritten && change.job.state === 'FINISHED') await writer.store.announce(event);
    return { stored: await getJobFate(writer, source, externalId), isWritten };
  });
  if (isWritten && change.job.state === 'FINISHED') onFinished(event);
  if (!stored || !isSame(stored, { ...change.job, remarks: remarksOf(change.job) })) return null;
  return { mine: stored, isWritten };
}

/** Whether both say the same of the job's end, of who may see it, and of what people wrote on it. */
export function isSame(a: StoredFate, b: Omit<InventoryRow, 'externalId'>): boolean {
  const isFateSame = a.state === b.state && a.health === b.health && a.endAt === b.endAt && a.isPublic === b.isPublic;
  return isFateSame && (b.remarks === undefined || isDeepStrictEqual(a.remarks, b.remarks));
}
