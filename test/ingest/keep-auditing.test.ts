import { pino } from 'pino';
import { expect, test } from 'vitest';
import { keepAuditing } from '#ingest/keep-auditing.ts';
import { holdAll } from '#ingest/leases.ts';
import { QuietHours } from '#schema/source-settings.ts';
import { send } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { type AuditWorld, auditWorld } from './audit-world.ts';

const world = lavaWorld();

function keep(
  { deps, writer }: AuditWorld,
  {
    isBusy = (): boolean => false,
    paused = false,
    signal = deps.signal,
    quietHours,
  }: { isBusy?: () => boolean; paused?: boolean; signal?: AbortSignal; quietHours?: QuietHours } = {},
) {
  return keepAuditing(
    {
      ...deps,
      leases: holdAll(writer, ['lab']),
      sources: [{ slug: 'lab', adapter: deps.adapter, paused, auditHours: 24, quietHours }],
      isBusy,
      log: pino({ level: 'silent' }),
      signal,
    },
    { everyMs: 1, lookMs: 1 },
  );
}

test('a source is audited without being told to, and once a day', async () => {
  const of = await auditWorld(world(), 20);
  await of.lose(4);
  const stop = new AbortController();
  const keeping = keep(of, { signal: stop.signal });
  await expect.poll(() => of.shown()).toMatchObject({ sourceCount: 20, storeCount: 20, repaired: 1 });
  const first = (await of.shown())?.checkedAt ?? 0;
  of.later(23);
  const asked = of.master.asked.length;
  await expect.poll(() => of.deps.now() - first > 23 * 3_600_000_000 + 50).toBe(true);
  expect(of.master.asked).toHaveLength(asked);
  of.later(2);
  await expect.poll(async () => (await of.shown())?.repaired).toBe(0);
  stop.abort();
  await keeping;
});

test('it waits while the source is read, and goes on by itself after the source was ill', async () => {
  const of = await auditWorld(world(), 20);
  const stop = new AbortController();
  let looks = 0;
  let isBusy = true;
  const asked = of.master.asked.length;
  const keeping = keep(of, {
    signal: stop.signal,
    isBusy: () => {
      looks += 1;
      return isBusy;
    },
  });
  await expect.poll(() => looks).toBeGreaterThan(3);
  expect(of.master.asked).toHaveLength(asked);
  of.master.fault = (_, response) => send(response, 400, 'not now');
  isBusy = false;
  await expect.poll(() => of.master.asked.length).toBeGreaterThan(asked + 2);
  expect(await of.shown()).toBeNull();
  of.master.fault = null;
  await expect.poll(() => of.shown()).toMatchObject({ sourceCount: 20 });
  stop.abort();
  await keeping;
});

test('it rests in quiet hours', async () => {
  const of = await auditWorld(world(), 20);
  const hour = (offset: number) => `${new Date(Date.now() + offset * 3_600_000).toISOString().slice(11, 13)}:00`;
  const stop = new AbortController();
  const asked = of.master.asked.length;
  let looks = 0;
  const now = () => {
    looks += 1;
    return of.deps.now();
  };
  const resting = keep(
    { ...of, deps: { ...of.deps, now } },
    { signal: stop.signal, quietHours: QuietHours.parse({ from: hour(-1), to: hour(2) }) },
  );
  await expect.poll(() => looks).toBeGreaterThan(3);
  stop.abort();
  await resting;
  expect(of.master.asked).toHaveLength(asked);

  const again = new AbortController();
  const working = keep(of, { signal: again.signal, quietHours: QuietHours.parse({ from: hour(2), to: hour(3) }) });
  await expect.poll(() => of.shown()).toMatchObject({ sourceCount: 20 });
  again.abort();
  await working;
});

test('what is paused, or was never read whole, is left alone', async () => {
  const of = await auditWorld(world(), 20);
  const asked = of.master.asked.length;
  await keep(of, { paused: true });
  await of.writer.store.sql.run('UPDATE source SET last_success_at = NULL');
  const stop = new AbortController();
  let looks = 0;
  const keeping = keep(of, {
    signal: stop.signal,
    isBusy: () => {
      looks += 1;
      return false;
    },
  });
  await expect.poll(() => looks).toBeGreaterThan(3);
  expect(of.master.asked).toHaveLength(asked);
  stop.abort();
  await keeping;
});
