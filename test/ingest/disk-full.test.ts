/** No room: reading pauses with a reason, what is stored stays readable, and it goes on by itself. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Adapter } from '#adapters/adapter.ts';
import { type SyncDeps, syncSource } from '#ingest/sync.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { countJobs } from '#store/job.ts';
import { getSource, statusOf } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { temporaryWriter } from '../store/temporary.ts';

const NOW = 1_790_000_000_000_000;

/** Gives one new job each time it is asked. */
function adapter(): Adapter {
  let next = 1;
  return {
    async probe() {
      return { version: '1', whoAmI: null, capabilities: [], clockOffsetMs: 0, warnings: [], jobCount: 0, marks: [] };
    },
    async snapshot() {
      return { workers: [], deviceTypes: [], devices: [], queue: null, rejected: [] };
    },
    async *changes(bookmark: string | null) {
      next = Number(bookmark ?? 0) + 1;
      yield { changes: [changeOf(jobOf({ externalId: String(next) }), [])], rejected: [], bookmark: String(next) };
    },
    usage: () => ({ requests: 0, bytes: 0, usedLastMinute: 0, p95Ms: null }),
    drain: async () => undefined,
  } as unknown as Adapter;
}

test.each([
  ['little is left', (store: Store) => ({ ...store, freeBytes: () => 100_000_000 })],
  [
    'the engine finds none',
    (store: Store): Store => ({
      ...store,
      sql: {
        ...store.sql,
        run: (text, ...values) =>
          text.startsWith('INSERT INTO job_text')
            ? Promise.reject(Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' }))
            : store.sql.run(text, ...values),
      },
    }),
  ],
])('T-49: %s', async (_, full) => {
  const writer = await temporaryWriter();
  const { store } = writer;
  const source = adapter();
  const sync = (over: Store) => {
    const deps: SyncDeps = {
      writer: { ...writer, store: over },
      adapter: source,
      slug: 'alpha',
      now: () => NOW,
      signal: new AbortController().signal,
      log: pino({ level: 'silent' }),
      onFinished: () => undefined,
      refresh: { probe: false, fleet: false },
    };
    return syncSource(deps, 'SCHEDULE');
  };
  const status = async () => {
    const row = await getSource(store, ANONYMOUS, 'alpha');
    return row && statusOf(row, NOW);
  };
  expect((await sync(store)).state).toBe('succeeded');

  const report = await sync(full(store));
  expect(report).toMatchObject({ state: 'failed', jobsWritten: 0, error: { code: 'DISK_FULL' } });
  expect(await status()).toEqual({ status: 'FAILING', reason: expect.stringContaining('goes on by itself') });
  expect(await countJobs(store, ANONYMOUS, {})).toMatchObject({ count: 1 });

  expect(await sync(store)).toMatchObject({ state: 'succeeded', jobsWritten: 1, error: null });
  expect(await status()).toEqual({ status: 'HEALTHY', reason: null });
  expect(await countJobs(store, ANONYMOUS, {})).toMatchObject({ count: 2 });
});

test('T-49: a disk that fills up during a long sync ends it between two jobs, with room left', async () => {
  const writer = await temporaryWriter();
  let free = 1_000_000_000;
  const store: Store = { ...writer.store, freeBytes: () => free };
  const many = {
    ...adapter(),
    async *changes(bookmark: string | null) {
      for (let n = Number(bookmark ?? 0) + 1; n <= 5; n++) {
        if (n === 3 && bookmark === null) free = 100_000_000;
        yield { changes: [changeOf(jobOf({ externalId: String(n) }), [])], rejected: [], bookmark: String(n) };
      }
    },
  } as unknown as Adapter;
  const sync = () =>
    syncSource(
      {
        writer: { ...writer, store },
        adapter: many,
        slug: 'alpha',
        now: () => NOW,
        signal: new AbortController().signal,
        log: pino({ level: 'silent' }),
        onFinished: () => undefined,
        refresh: { probe: false, fleet: false },
      },
      'SCHEDULE',
    );
  const report = await sync();
  expect(report).toMatchObject({ state: 'failed', jobsWritten: 2, error: { code: 'DISK_FULL' } });
  expect(report.error?.message).not.toContain(store.logDir.split('/').at(-2));

  free = 1_000_000_000;
  expect(await sync()).toMatchObject({ state: 'succeeded', jobsWritten: 3 });
});
