/** A master in memory, a store that was filled from it, and a clock of their own. */
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type AuditDeps, auditSlice, auditSource, lookThrough } from '#ingest/audit.ts';
import { syncSource } from '#ingest/sync.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { getAudits } from '#store/audit.ts';
import { removeJob } from '#store/remove-job.ts';
import type { StoreEvent } from '#store/store.ts';
import { getSyncState } from '#store/write-source.ts';
import { addJob, type FakeMaster } from '../adapters/fake-master.ts';
import { showJobs } from '../adapters/fake-rpc.ts';
import type { LavaWorld } from '../adapters/lava-world.ts';
import { temporaryWriter, write } from '../store/temporary.ts';

export const EVERYTHING: Viewer = { kind: 'everything' };
const HOUR = 3_600_000_000;

/** `jobs`: so many that ended long ago. */
export async function auditWorld({ master, adapter }: LavaWorld, jobs: number) {
  master.rpc = showJobs();
  for (let id = 6; id <= jobs; id++) addJob(master, id);
  const writer = await temporaryWriter(['lab']);
  const { sql } = writer.store;
  const finished: StoreEvent[] = [];
  let at = Date.now() * 1000;
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const deps: AuditDeps = {
    writer,
    adapter,
    slug: 'lab',
    now: () => ++at,
    signal: stop.signal,
    onFinished: (event) => finished.push(event),
    share: 0,
  };
  const sync = (more: Partial<AuditDeps> = {}) =>
    syncSource(
      {
        ...deps,
        ...more,
        log: pino({ level: 'silent' }),
        refresh: { probe: true, fleet: true },
      },
      'SCHEDULE',
    );
  const idOf = async () => (await getSyncState(writer, 'lab'))?.id ?? 0;
  const shownTo = async (viewer: Viewer) => {
    const id = await idOf();
    return (await getAudits(writer.store, viewer, [id])).get(id) ?? null;
  };
  await sync();
  finished.length = 0;
  return {
    master,
    writer,
    deps,
    finished,
    sync,
    stop,
    later: (hours: number) => {
      at += hours * HOUR;
    },
    audit: (more: Partial<AuditDeps> = {}) => auditSource({ ...deps, ...more }, { repairs: 1000 }),
    look: () => lookThrough(deps),
    slice: (isWanted = () => false, everyMs = 86_400_000) => auditSlice(deps, { everyMs, isWanted }),
    shown: async (viewer: Viewer = EVERYTHING) => shownTo(viewer),
    shownToVisitors: async () => shownTo(ANONYMOUS),
    /** As if they had never been read. */
    async lose(...ids: number[]) {
      for (const id of ids) {
        const job = await sql.get<{ id: number }>('SELECT id FROM job WHERE external_id = ?', String(id));
        if (job) await writer.transaction(() => removeJob(writer, job.id));
      }
    },
    /** As if what they came to had changed since they were read. */
    async spoil(...ids: number[]) {
      for (const id of ids) {
        const read = await adapter.job(String(id), deps);
        if (!read) throw new Error(`no job ${id}`);
        const { change } = read;
        await write(writer, 'lab', { ...change, job: { ...change.job, health: 'INCOMPLETE' } }, deps.now());
      }
    },
    async goneIds() {
      const rows = await sql.all<{ id: string }>(
        'SELECT external_id AS id FROM job WHERE gone_at IS NOT NULL ORDER BY number',
      );
      return rows.map(({ id }) => Number(id));
    },
    async storedIds(epoch = 0) {
      const rows = await sql.all<{ id: string }>(
        'SELECT external_id AS id FROM job WHERE epoch = ? ORDER BY number',
        epoch,
      );
      return rows.map(({ id }) => Number(id));
    },
  };
}

export type AuditWorld = Awaited<ReturnType<typeof auditWorld>>;

export function deleteJobs(master: FakeMaster, ...ids: number[]): void {
  for (const id of ids) master.jobs.delete(id);
}

export const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);
