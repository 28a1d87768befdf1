/** What one process commits, every process that listens hears: once, and only when it is committed. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '#store/open.ts';
import type { StoreEvent } from '#store/store.ts';
import { wayTo } from '../fault-proxy/silence.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { createCluster } from './cluster.ts';

const event = (n: number): StoreEvent => ({ source: 'alpha', epoch: 0, externalId: String(n) });

test('also after the server was away', { timeout: 60_000 }, async () => {
  const cluster = await createCluster();
  onTestFinished(() => cluster.remove());
  const place = { url: cluster.url, logDir: temporaryFolder() };
  const writing = await openStore({ ...place, mode: 'write' });
  const replicas = [await openStore({ ...place, mode: 'read' }), await openStore({ ...place, mode: 'read' })];
  const heard = replicas.map((): StoreEvent[] => []);
  const stops = replicas.map((store, i) => store.listen((one) => heard[i]?.push(one)));
  onTestFinished(async () => {
    await Promise.all([...stops.map((stop) => stop()), writing.close(), ...replicas.map((store) => store.close())]);
  });
  const announce = (n: number) => writing.transaction(() => writing.announce(event(n)));
  const isHeard = (n: number) =>
    vi.waitFor(
      async () => {
        await announce(n);
        expect(heard.every((events) => events.some((one) => one.externalId === String(n)))).toBe(true);
      },
      { timeout: 10_000, interval: 200 },
    );
  await isHeard(1);

  await expect(
    writing.transaction(async () => {
      await writing.announce(event(2));
      throw new Error('not committed');
    }),
  ).rejects.toThrow('not committed');
  await announce(3);
  await vi.waitFor(() => expect(heard.map((events) => events.at(-1))).toEqual([event(3), event(3)]));
  expect(heard.flat()).not.toContainEqual(event(2));

  await cluster.stop();
  await cluster.start();
  await isHeard(4);
});

test('also after its connection died without a word', { timeout: 60_000 }, async () => {
  const cluster = await createCluster();
  onTestFinished(() => cluster.remove());
  const way = await wayTo(cluster.url);
  const logDir = temporaryFolder();
  const writing = await openStore({ url: cluster.url, logDir, mode: 'write' });
  const reading = await openStore({ url: way.url, logDir, mode: 'read' });
  const heard: StoreEvent[] = [];
  const stop = reading.listen((one) => heard.push(one));
  onTestFinished(async () => {
    await stop();
    await Promise.all([writing.close(), reading.close()]);
  });
  const isHeard = (n: number) =>
    vi.waitFor(
      async () => {
        await writing.transaction(() => writing.announce(event(n)));
        expect(heard).toContainEqual(event(n));
      },
      { timeout: 30_000, interval: 200 },
    );
  await isHeard(1);

  way.fallSilent();
  way.speak();
  await isHeard(2);
});
