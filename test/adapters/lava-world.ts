/** Each test gets a good master of five jobs and the real adapter on it; what the master should not see fails the test. */
import { afterEach, beforeEach, expect } from 'vitest';
import type { Delta } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import type { CaseRecord, JobChange } from '#schema/records.ts';
import { collect, context } from '../contract/adapter.ts';
import { addJob, type FakeMaster, startMaster, type Wire } from './fake-master.ts';
import { openLava } from './open-lava.ts';

export type LavaWorld = ReturnType<typeof openLava> & {
  master: FakeMaster;
  walk(from?: string | null, inSeconds?: number): Promise<Delta[]>;
  rowOf(id: number): Wire;
  testsOf(id: number): Wire[];
};

/** Call at the top of a test file; the world is there from the first hook on. */
export function lavaWorld(options: Parameters<typeof openLava>[1] = {}): () => LavaWorld {
  let world: LavaWorld | null = null;
  beforeEach(async () => {
    const master = await startMaster();
    for (let id = 1; id <= 5; id++) addJob(master, id);
    const lava = openLava(master, options);
    world = {
      ...lava,
      master,
      walk: (from = null, inSeconds = 0) => collect(lava.adapter.changes(from, context(undefined, inSeconds))),
      rowOf: (id) => master.jobs.get(id)?.row ?? {},
      testsOf: (id) => master.jobs.get(id)?.tests ?? [],
    };
  });
  afterEach(async () => {
    await world?.http.close();
    await world?.master.close();
    expect(world?.master.unexpected).toEqual([]);
  });
  return () => {
    if (!world) throw new Error('no test is running');
    return world;
  };
}

export const rejectedOf = (deltas: readonly Delta[]) => deltas.flatMap(({ rejected }) => rejected);

export const changeOf = (deltas: readonly Delta[], id: string): JobChange | undefined =>
  deltas.flatMap(({ changes }) => changes).findLast(({ job }) => job.externalId === id);

export const settledOf = (deltas: readonly Delta[]) => deltas.flatMap(({ settled = [] }) => settled);

export const casesOf = (change: JobChange | undefined): CaseRecord[] =>
  change?.results?.suites.flatMap(({ cases }) => [...cases]) ?? [];

export async function failureOf(asking: Promise<unknown>): Promise<SourceError> {
  const cause = await asking.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(cause instanceof SourceError)) throw new Error(`not a SourceError: ${String(cause)}`);
  return cause;
}
