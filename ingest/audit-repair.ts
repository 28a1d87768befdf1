/** A job that an audit found missing or changed is read again. */
import type { InventoryRow } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import { getJobFate, type JobFate, type StoredFate } from '#store/write-audit.ts';
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
  repair(source: SourceKey, externalId: string, found: StoredFate | null): Promise<StoredFate | null>;
};

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
): Promise<StoredFate | null> {
  const read = await adapter.job(externalId, { now, signal });
  if (!read) return null;
  const { change, rejected } = read;
  const packed = packJob(writer, change);
  const event = { source: source.slug, epoch: source.epoch, externalId };
  const { stored, isNews } = await writer.transaction(async () => {
    const before = await getJobFate(writer, source, externalId);
    // A sync that wrote it meanwhile has read it later than this.
    if (before?.changedAt !== found?.changedAt) return { stored: before, isNews: false };
    const outcome = await writeJob(writer, source, packed, now(), 'RECONCILE');
    const withResults = change.results !== null;
    await resolveDeadLetters(writer, source.id, { externalId, withResults }, now());
    await quarantine(writer, source.id, rejected, now());
    const isNews = outcome === 'written' && change.job.state === 'FINISHED';
    if (isNews) await writer.store.announce(event);
    return { stored: await getJobFate(writer, source, externalId), isNews };
  });
  if (isNews) onFinished(event);
  return stored && isSame(stored, change.job) ? stored : null;
}

/** Whether both say the same of the job's end, of who may see it, and of what a person may change afterwards. */
export function isSame(a: JobFate, b: Omit<InventoryRow, 'externalId'>): boolean {
  return (
    a.state === b.state &&
    a.health === b.health &&
    a.endAt === b.endAt &&
    a.failureComment === b.failureComment &&
    a.priority === b.priority &&
    a.isPublic === b.isPublic
  );
}
