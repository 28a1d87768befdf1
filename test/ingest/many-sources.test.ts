/** Several labs, some of them ill: each has its own queue, and an ill one is hardly asked. */
import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { holdAll } from '#ingest/leases.ts';
import { createIngester } from '#ingest/schedule.ts';
import { syncSource } from '#ingest/sync.ts';
import { addJob, startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

test('T-24: a lab that takes connections and never answers holds up no other', { timeout: 60_000 }, async () => {
  const slugs = ['hole', ...Array.from({ length: 7 }, (_, i) => `lab-${i}`)];
  const writer = await temporaryWriter(slugs);
  const hole = createServer(() => undefined);
  await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
  const address = hole.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const masters = await Promise.all(slugs.slice(1).map(() => startMaster()));
  for (const master of masters) for (let id = 1; id <= 3; id++) addJob(master, id);
  const opened = slugs.map((slug, i) =>
    openLava(masters[i - 1] ?? { url: `http://127.0.0.1:${port}/` }, { slug, timeoutMs: 60_000 }),
  );
  const finished: string[] = [];
  const ingester = createIngester({
    leases: holdAll(writer, slugs),
    sources: slugs.map((slug, i) => {
      const adapter = opened[i]?.adapter;
      if (!adapter) throw new Error(`no ${slug}`);
      return { slug, poll: '* * * * * *', paused: false, events: false, adapter };
    }),
    now: () => Date.now() * 1000,
    log: pino({ level: 'silent' }),
    onFinished: ({ source, externalId }) => finished.push(`${source} ${externalId}`),
  });
  onTestFinished(async () => {
    for (const { http } of opened.slice(1)) await http.close();
    for (const master of masters) await master.close();
    hole.close();
  });
  await ingester.start();
  await soon(() => finished.length).toBe(21);
  for (const master of masters) addJob(master, 4);
  await soon(() => finished.length).toBe(28);
  expect(ingester.isBusy('hole')).toBe(true);
  // Put down at once, though it waits for an answer.
  await ingester.stop();
  expect(finished.filter((one) => one.startsWith('hole'))).toEqual([]);
});

test('T-23: a lab that refuses connections for an hour is asked at most once a minute, and caught up within the budget', {
  timeout: 60_000,
}, async () => {
  const writer = await temporaryWriter(['lab']);
  const master = await startMaster();
  for (let id = 1; id <= 3; id++) addJob(master, id);
  let refuses = false;
  master.fault = (_, response) => {
    if (refuses) response.socket?.resetAndDestroy();
    return refuses;
  };
  const { adapter, http } = openLava(master, { budget: { concurrent: 2, perMinute: 600 } });
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(async () => {
    vi.useRealTimers();
    await http.close();
    await master.close();
  });
  const minute = () => vi.setSystemTime(Date.now() + 60_000);
  const sync = () =>
    syncSource(
      {
        writer,
        adapter,
        slug: 'lab',
        now: () => Date.now() * 1000,
        signal: new AbortController().signal,
        log: pino({ level: 'silent' }),
        onFinished: () => undefined,
        refresh: { probe: false, fleet: false },
      },
      'SCHEDULE',
    );
  expect(await sync()).toMatchObject({ state: 'succeeded', jobsWritten: 3 });
  refuses = true;
  // Until the circuit opens.
  for (let i = 0; i < 3; i++) {
    minute();
    expect(await sync()).toMatchObject({ state: 'failed', error: { code: 'UNREACHABLE' } });
  }
  const before = master.asked.length;
  for (let i = 0; i < 57; i++) {
    minute();
    expect((await sync()).state).toBe('failed');
  }
  expect(master.asked.length - before).toBeLessThanOrEqual(57);
  refuses = false;
  for (let id = 4; id <= 40; id++) addJob(master, id);
  minute();
  expect(await sync()).toMatchObject({ state: 'succeeded', jobsWritten: 37 });
  expect(master.mostAtOnce).toBeLessThanOrEqual(2);
});
