import { expect, test } from 'vitest';
import { packJob, settleJob, writeJob } from '#store/write-job.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter } from './temporary.ts';

test('what was final and is the same is final, whoever reads it again and how soon', async () => {
  const writer = await temporaryWriter(['lab']);
  const source = { id: 1, slug: 'lab', epoch: 0, url: 'http://lab.example/' };
  const job = jobOf();
  const write = (settled: boolean, description = job.description) =>
    writer.transaction(() =>
      writeJob(writer, source, packJob(writer, { ...changeOf({ ...job, description }, []), settled }), 1, 'SCHEDULE'),
    );
  const isSettled = async () => (await writer.store.sql.get<{ n: number }>('SELECT settled AS n FROM job'))?.n === 1;

  expect([await write(false), await isSettled()]).toEqual(['written', false]);
  expect([await write(true), await isSettled()]).toEqual(['written', true]);
  expect([await write(false), await isSettled()]).toEqual(['unchanged', true]);
  expect([await write(false, 'another'), await isSettled()]).toEqual(['written', false]);
  await writer.transaction(() => settleJob(writer, source, job.externalId, 2));
  expect(await isSettled()).toBe(true);
  await writer.transaction(() => settleJob(writer, { ...source, epoch: 1 }, job.externalId, 3));
  const row = await writer.store.sql.get<{ at: number }>('SELECT changed_at AS at FROM job');
  expect(row?.at).toBe(2);
});
