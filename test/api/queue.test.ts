/** Jobs that wait for a board, as the source counts them: private ones among them. */
import { expect, test } from 'vitest';
import type { FleetSnapshot } from '#schema/records.ts';
import { writeFleet } from '#store/write-fleet.ts';
import { getSyncState } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const ADMIN = { token: 'root-token' };
const NOW = 1_790_000_000_000_000;
const QUEUE = '{ source(slug: "lab") { queue { readAt jobCount deviceTypes { jobCount deviceType { name } } } } }';

const type = (name: string) => ({
  ...{ name, aliases: [], architecture: null, processor: null, cpuModel: null, coreCount: null, description: null },
});

async function world() {
  const server = await startServer({ sources: [settings('lab')], access });
  const id = (await getSyncState(server.writer, 'lab'))?.id ?? 0;
  const read = (queue: FleetSnapshot['queue'], names = ['qemu', 'juno', 'idle']) =>
    server.writer.transaction(() =>
      writeFleet(
        server.writer,
        id,
        { workers: [], devices: [], deviceTypes: names.map(type), queue, rejected: [] },
        NOW,
      ),
    );
  const told = async (who: object) => (await server.data<{ source: { queue: unknown } }>(QUEUE, who)).source.queue;
  return { read, told };
}

test('who sees every job is told what waits by device type, most first; nobody else is told anything', async () => {
  const { read, told } = await world();
  expect(await told(ADMIN)).toBeNull();
  await read(
    new Map([
      ['qemu', 3],
      ['juno', 12],
      ['idle', 0],
      ['never-listed', 7],
    ]),
  );
  expect(await told(ADMIN)).toEqual({
    readAt: '2026-09-21T14:13:20Z',
    jobCount: 15,
    deviceTypes: [
      { jobCount: 12, deviceType: { name: 'juno' } },
      { jobCount: 3, deviceType: { name: 'qemu' } },
    ],
  });
  expect(await told({})).toBeNull();
});

test('an empty queue is none, an unknown one is not empty, and a device type that is gone waits for nothing', async () => {
  const { read, told } = await world();
  await read(new Map([['qemu', 3]]));
  await read(new Map([['juno', 1]]), ['juno']);
  expect(await told(ADMIN)).toMatchObject({ jobCount: 1 });
  await read(new Map());
  expect(await told(ADMIN)).toMatchObject({ jobCount: 0, deviceTypes: [] });
  await read(null);
  expect(await told(ADMIN)).toBeNull();
});
