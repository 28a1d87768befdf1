/** What every adapter must do, whatever kind of source it reads. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Adapter, type Delta, type InventoryRow, type ReadContext, remarksOf } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import { CaseRecord, DeviceRecord, DeviceTypeRecord, JobRecord, WorkerRecord } from '#schema/records.ts';

/** A source of the kind, in the hands of the test. */
export type SourceWorld = {
  adapter: Adapter;
  /** A job that finished long ago, with results and a log. */
  addFinished(id: number): void;
  addRunning(id: number): void;
  finish(id: number): void;
  /** From now on the source answers this many requests, then fails each; null: it is well. */
  answerOnly(requests: number | null): void;
  /** From now on it answers nothing at all, not even an error. */
  fallSilent(): void;
  close(): Promise<void>;
};

/** As things are, or as they will be after some seconds. */
export const context = (signal: AbortSignal = new AbortController().signal, inSeconds = 0): ReadContext => ({
  now: () => (Date.now() + inSeconds * 1000) * 1000,
  signal,
});

export async function collect(deltas: AsyncIterable<Delta>, into: Delta[] = []): Promise<Delta[]> {
  for await (const delta of deltas) into.push(delta);
  return into;
}

export const byNumber = (a: string, b: string) => Number(a) - Number(b);

export const idsOf = (deltas: readonly Delta[]) =>
  deltas.flatMap(({ changes }) => changes.map(({ job }) => job.externalId));

export function adapterContract(open: () => Promise<SourceWorld>): void {
  let world: SourceWorld;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  const walk = (from: string | null = null) => collect(world.adapter.changes(from, context()));
  const inventory = async (after: string | null = null) => {
    const rows: InventoryRow[] = [];
    for await (const page of world.adapter.inventory(after, context())) rows.push(...page);
    return rows;
  };
  const bookmarkOf = (deltas: readonly Delta[]) => deltas.at(-1)?.bookmark ?? null;

  test('gives every job once, finished ones with results and a log, open ones without', async () => {
    for (let id = 1; id <= 130; id++)
      if (id % 7 === 0) world.addRunning(id);
      else world.addFinished(id);
    const deltas = await walk();
    const changes = deltas.flatMap((delta) => delta.changes);
    expect(idsOf(deltas).sort(byNumber)).toEqual(Array.from({ length: 130 }, (_, i) => String(i + 1)));
    for (const { job, results, settled } of changes) {
      expect(() => JobRecord.parse(job)).not.toThrow();
      expect(results !== null).toBe(job.state === 'FINISHED');
      expect(settled).toBe(job.state === 'FINISHED');
      for (const suite of results?.suites ?? [])
        for (const one of suite.cases) expect(() => CaseRecord.parse(one)).not.toThrow();
      if (results) expect(Buffer.concat([...(results.log?.bytes ?? [])]).length).toBeGreaterThan(0);
    }
  });

  test('resumes after any delta without losing or repeating a finished job', async () => {
    for (let id = 1; id <= 25; id++)
      if (id % 4 === 0) world.addRunning(id);
      else world.addFinished(id);
    const whole = await walk();
    for (const [i, { bookmark }] of whole.entries()) {
      const before = whole.slice(0, i + 1);
      const after = await walk(bookmark);
      const finished = [...before, ...after].flatMap(({ changes }) =>
        changes.filter(({ results }) => results).map(({ job }) => job.externalId),
      );
      expect(finished.toSorted()).toEqual(
        Array.from({ length: 25 }, (_, k) => k + 1)
          .filter((id) => id % 4 !== 0)
          .map(String)
          .toSorted(),
      );
      expect(new Set(idsOf([...before, ...after])).size).toBe(25);
    }
  });

  test('a second walk over a source at rest gives no finished job', async () => {
    for (let id = 1; id <= 60; id++) world.addFinished(id);
    expect(idsOf(await walk(bookmarkOf(await walk())))).toEqual([]);
  });

  test('L-03: an open job is given again when it has finished, and then no more', async () => {
    for (let id = 1; id <= 40; id++) world.addFinished(id);
    world.addRunning(41);
    const first = await walk();
    world.finish(41);
    const second = await walk(bookmarkOf(first));
    expect(second.flatMap(({ changes }) => changes).map(({ job }) => [job.externalId, job.state])).toEqual([
      ['41', 'FINISHED'],
    ]);
  });

  const look = async (from: string | null, ids: readonly string[]) => {
    const before = world.adapter.usage().requests;
    const deltas = await collect(world.adapter.changes(from, context(), ids));
    return { deltas, requests: world.adapter.usage().requests - before };
  };

  test('a walk for the sake of one job gives it when it has finished, and no other open one', async () => {
    for (let id = 1; id <= 40; id++) world.addFinished(id);
    for (const id of [41, 42, 43]) world.addRunning(id);
    const first = bookmarkOf(await walk());
    world.finish(42);
    world.finish(43);
    expect(world.adapter.unread(first, ['42', '7', '43'])).toEqual(['42', '43']);
    expect(['42', '7'].map((id) => world.adapter.waitsFor(first, id))).toEqual([true, false]);
    const { deltas } = await look(first, ['42', '7']);
    expect(idsOf(deltas)).toEqual(['42']);
    const rest = await walk(bookmarkOf(deltas));
    expect(idsOf(rest)).toContain('43');
    expect(idsOf(rest)).not.toContain('42');
  });

  test('a walk for a number beyond all seen gives those between, too', async () => {
    for (let id = 1; id <= 20; id++) world.addFinished(id);
    const first = bookmarkOf(await walk());
    for (let id = 21; id <= 60; id++) world.addFinished(id);
    expect(world.adapter.unread(first, ['60'])).toEqual(['60']);
    const { deltas } = await look(first, ['60']);
    expect(idsOf(deltas)).toEqual(Array.from({ length: 40 }, (_, i) => String(i + 21)));
    expect(idsOf(await walk(bookmarkOf(deltas)))).toEqual([]);
  });

  test('a walk for jobs that were read, or are no numbers, asks nothing', async () => {
    for (let id = 1; id <= 30; id++) world.addFinished(id);
    const first = bookmarkOf(await walk());
    const ids = ['1', '30', '0', '-3', '30.0', 'x', '', '1e3', '9'.repeat(40)];
    expect(world.adapter.unread(first, ids)).toEqual([]);
    expect(await look(first, ids)).toEqual({ deltas: [], requests: 0 });
    expect(world.adapter.unread(null, ['1'])).toEqual([]);
  });

  test('L-02, T-09: a low number that appears late is found', async () => {
    for (let id = 500; id <= 560; id++) world.addFinished(id);
    const first = await walk();
    world.finish(3);
    const later = await collect(world.adapter.changes(bookmarkOf(first), context(undefined, 900)));
    expect(idsOf(later)).toEqual(['3']);
  });

  test('L-11: a source that fails in the middle is an error, and nothing is lost after it', async () => {
    for (let id = 1; id <= 12; id++) world.addFinished(id);
    for (let requests = 0; requests <= 24; requests += 4) {
      world.answerOnly(requests);
      const before: Delta[] = [];
      const failed = await collect(world.adapter.changes(null, context()), before).then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(failed).toBeInstanceOf(SourceError);
      world.answerOnly(null);
      const after = await walk(bookmarkOf(before));
      const last = new Map(
        [...before, ...after].flatMap(({ changes }) => changes.map((change) => [change.job.externalId, change])),
      );
      expect(last.size).toBe(12);
      for (const { results, settled } of last.values())
        expect([results?.log?.truncated, settled]).toEqual([false, true]);
    }
  });

  test('a source that is down is an error everywhere, never an empty list', async () => {
    world.answerOnly(0);
    await expect(world.adapter.probe(context())).rejects.toBeInstanceOf(SourceError);
    await expect(world.adapter.snapshot(context())).rejects.toBeInstanceOf(SourceError);
    await expect(world.adapter.job('1', context())).rejects.toBeInstanceOf(SourceError);
    await expect(world.adapter.lookFor('1', context())).rejects.toBeInstanceOf(SourceError);
    await expect(walk()).rejects.toBeInstanceOf(SourceError);
    await expect(inventory()).rejects.toBeInstanceOf(SourceError);
  });

  test('ends within a second when it is told to', async () => {
    world.addFinished(1);
    world.fallSilent();
    const stop = new AbortController();
    const reason = new Error('enough');
    const walking = collect(world.adapter.changes(null, context(stop.signal))).then(
      () => null,
      (cause: unknown) => cause,
    );
    const asked = world.adapter.usage().requests;
    await expect.poll(() => world.adapter.usage().requests).toBeGreaterThan(asked);
    const at = performance.now();
    stop.abort(reason);
    expect(await walking).toBe(reason);
    expect(performance.now() - at).toBeLessThan(1000);
  });

  test('the fleet is whole and valid', async () => {
    const { workers, deviceTypes, devices, rejected } = await world.adapter.snapshot(context());
    expect(rejected).toEqual([]);
    expect(devices.length).toBeGreaterThan(0);
    for (const row of workers) WorkerRecord.parse(row);
    for (const row of deviceTypes) DeviceTypeRecord.parse(row);
    for (const row of devices) DeviceRecord.parse(row);
  });

  test('the inventory names the same jobs, fates, visibility and remarks as the walk', async () => {
    for (let id = 1; id <= 130; id++) world.addFinished(id);
    world.addRunning(131);
    const given = (await walk()).flatMap(({ changes }) => changes.map(({ job }) => ({ ...job })));
    const listed = await inventory();
    expect(listed).toEqual(
      given
        .toSorted((a, b) => byNumber(a.externalId, b.externalId))
        .map((job) => {
          const { externalId, submitAt, state, health, endAt, isPublic } = job;
          return { externalId, submitAt, state, health, endAt, isPublic, remarks: remarksOf(job) };
        }),
    );
  });

  test('the inventory goes on after a number', async () => {
    for (let id = 1; id <= 130; id++) world.addFinished(id);
    expect((await inventory('117')).map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: 13 }, (_, i) => String(118 + i)),
    );
    expect(await inventory('130')).toEqual([]);
  });

  test('one job is given as it is now; a number that is none is null', async () => {
    world.addFinished(5);
    const [walked] = (await walk()).flatMap(({ changes }) => changes);
    expect(await world.adapter.job('5', context())).toMatchObject({ change: walked, rejected: [] });
    expect(await world.adapter.job('6', context())).toBeNull();
    expect(await world.adapter.job('none', context())).toBeNull();
  });

  test('jobs that are looked at are told as they are, those that are not there left out, unless it follows none', async () => {
    world.addRunning(41);
    world.addFinished(42);
    const known = ['41', '42', '99'].map((externalId) => ({ externalId, lineCount: 0, lastLine: null }));
    const asked = world.adapter.usage();
    const tails = await world.adapter.tail(known, context());
    const states = tails?.map(({ job, problem }) => [
      JobRecord.parse(job).externalId,
      job.state === 'FINISHED',
      problem,
    ]);
    expect(states ?? null).toEqual(
      tails && [
        ['41', false, null],
        ['42', true, null],
      ],
    );
    for (const { lines } of tails ?? []) expect(lines.length === 0 || lines.toString().endsWith('\n')).toBe(true);
    expect(world.adapter.usage().requests - asked.requests).toBeLessThanOrEqual(3);
  });

  test('says what it asked', async () => {
    const before = world.adapter.usage();
    await world.adapter.probe(context());
    const after = world.adapter.usage();
    expect(after.requests).toBeGreaterThan(before.requests);
    expect(after.bytes).toBeGreaterThan(before.bytes);
    expect(after.usedLastMinute).toBe(after.requests);
    expect(after.p95Ms).toBeGreaterThan(0);
  });
}
