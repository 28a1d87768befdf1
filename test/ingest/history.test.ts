/** A source whose history is read in its own time. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { syncSource } from '#ingest/sync.ts';
import { getSource, statusOf } from '#store/source.ts';
import { addJob } from '../adapters/fake-master.ts';
import { lavaWorld } from '../adapters/lava-world.ts';
import { temporaryWriter } from '../store/temporary.ts';

const lava = lavaWorld({ newest: 10 });

test('while its history rests, a source is not said to be read up to now, and what is new comes all the same', async () => {
  const { master, adapter } = lava();
  for (let id = 6; id <= 60; id++) addJob(master, id);
  const writer = await temporaryWriter(['lab']);
  const now = () => Date.now() * 1000;
  const sync = (rests: boolean) =>
    syncSource(
      {
        writer,
        adapter,
        slug: 'lab',
        now,
        signal: new AbortController().signal,
        log: pino({ level: 'silent' }),
        onFinished: () => undefined,
        refresh: { probe: false, fleet: false },
        rests: () => rests,
      },
      'SCHEDULE',
    );
  const source = async () => {
    const row = await getSource(writer.store, { kind: 'everything' }, 'lab');
    if (!row) throw new Error('no source');
    return { status: statusOf(row, now()).status, asOf: row.lastSuccessAt };
  };
  const stored = async () => (await writer.store.sql.get<{ n: number }>('SELECT count(*) AS n FROM job'))?.n;

  expect((await sync(true)).state).toBe('succeeded');
  expect([await source(), await stored()]).toEqual([{ status: 'BACKFILLING', asOf: null }, 30]);

  addJob(master, 61);
  await sync(true);
  expect([await source(), await stored()]).toEqual([{ status: 'BACKFILLING', asOf: null }, 31]);

  await sync(false);
  expect([(await source()).status, await stored()]).toEqual(['HEALTHY', 61]);
});
