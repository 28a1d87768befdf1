/** Two ingesters that store the same thing in the same moment. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { JobChange } from '#schema/records.ts';
import { openStore } from '#store/open.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from '../store/temporary.ts';

async function twoWriters(): Promise<[Writer, Writer]> {
  const place = await temporaryPlace();
  const first = await temporaryWriter(['alpha', 'beta'], place);
  const store = await openStore({ ...place, mode: 'write' });
  onTestFinished(() => store.close());
  // Every name has its id already: what is new are the logs.
  for (const slug of ['alpha', 'beta']) await write(first, slug, changeOf(jobOf({ externalId: '1' }), []));
  return [first, createWriter(store, [])];
}

function withLog(externalId: string, text: string): JobChange {
  const change = changeOf(jobOf({ externalId }), []);
  if (!change.results) throw new Error('it has finished');
  change.results.log = { bytes: [Buffer.from(text)], truncated: false };
  return change;
}

/** The one writes a job of alpha; before that is committed, the other begins with a job of beta, and waits for it. */
async function meanwhile(first: Writer, change: JobChange, second: Writer, other: JobChange): Promise<void> {
  const alpha = await getSyncState(first, 'alpha');
  if (!alpha) throw new Error('no source');
  let later: Promise<string> | undefined;
  await first.transaction(async () => {
    await writeJob(first, alpha, packJob(first, change), 0, 'SCHEDULE');
    later = write(second, 'beta', other);
    await vi.waitFor(async () => expect(await waiting(second)).toBeGreaterThan(0), 5_000);
  });
  expect(await later).toBe('written');
}

test('the same log of two sources is stored once, and both jobs have it', async () => {
  const [first, second] = await twoWriters();
  await meanwhile(first, withLog('2', 'power is off\n'), second, withLog('2', 'power is off\n'));
  expect(
    await second.store.sql.all(
      'SELECT count(*) AS jobs, count(DISTINCT log_id) AS logs, count(log_id) AS named FROM job',
    ),
  ).toEqual([{ jobs: 4, logs: 1, named: 2 }]);
});

test('a log that its last job lets go while another job takes it stays', async () => {
  const [first, second] = await twoWriters();
  await write(first, 'beta', withLog('2', 'power is off\n'));
  await meanwhile(first, withLog('2', 'power is off\n'), second, withLog('2', 'power is on\n'));
  expect(
    await second.store.sql.all(
      'SELECT count(*) AS named, count(log.id) AS there FROM job LEFT JOIN log ON log.id = log_id WHERE log_id IS NOT NULL',
    ),
  ).toEqual([{ named: 2, there: 2 }]);
});

/** Statements of this database that wait for another transaction. */
async function waiting({ store }: Writer): Promise<number> {
  const row = await store.sql.get<{ n: number }>(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return row?.n ?? 0;
}
