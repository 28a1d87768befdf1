/** Two ingesters that store the same thing in the same moment. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { DEFAULT_RULES } from '#analysis/build-mapping.ts';
import { openStore } from '#store/open.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from '../store/temporary.ts';

test('the same log of two sources is stored once, and both jobs have it', async () => {
  const place = await temporaryPlace();
  const first = await temporaryWriter(['alpha', 'beta'], place);
  const store = await openStore({ ...place, mode: 'write' });
  onTestFinished(() => store.close());
  const second = createWriter(store, DEFAULT_RULES);
  // Every name has its id already: what is new is the log.
  for (const slug of ['alpha', 'beta']) await write(first, slug, changeOf(jobOf({ externalId: '1' }), []));
  const change = changeOf(jobOf({ externalId: '2' }), []);
  if (!change.results) throw new Error('it has finished');
  change.results.log = { bytes: Buffer.from('power is off\n'), truncated: false };

  const alpha = await getSyncState(first, 'alpha');
  if (!alpha) throw new Error('no source');
  let later: Promise<string> | undefined;
  await first.transaction(async () => {
    await writeJob(first, alpha, packJob(first, change), 0, 'SCHEDULE');
    later = write(second, 'beta', change);
    await vi.waitFor(async () => expect(await waiting(second)).toBeGreaterThan(0), 5_000);
  });
  expect(await later).toBe('written');
  expect(
    await store.sql.all('SELECT count(*) AS jobs, count(DISTINCT log_id) AS logs, count(log_id) AS named FROM job'),
  ).toEqual([{ jobs: 4, logs: 1, named: 2 }]);
});

/** Statements of this database that wait for another transaction. */
async function waiting({ store }: Writer): Promise<number> {
  const row = await store.sql.get<{ n: number }>(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return row?.n ?? 0;
}
