/** People who change what somebody else changes in the same moment. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { JobChange } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { Conflict } from '#store/error.ts';
import { getKeptRules, saveKeptRules } from '#store/mapping-rules.ts';
import { omitResults } from '#store/omission.ts';
import { openStore } from '#store/open.ts';
import { rebuild } from '#store/rebuild.ts';
import type { Store } from '#store/store.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from '../store/temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };

/** What reads sources, and a server beside it. */
async function world(): Promise<[Writer, Store]> {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['alpha'], place);
  const store = await openStore({ ...place, mode: 'write' });
  onTestFinished(() => store.close());
  return [writer, store];
}

function jobWith(results: readonly ('PASS' | 'FAIL')[]): JobChange {
  const cases = results.map((result, i) => caseOf({ externalId: i + 1, name: `case${i}`, result }));
  return changeOf(jobOf({ externalId: '1', metadata: {} }), [
    { externalId: 1, name: '0_smoke', isSteps: false, cases },
  ]);
}

test('a result that is left out of a job while that is written anew counts once, on every level', async () => {
  const [writer, store] = await world();
  await write(writer, 'alpha', jobWith(['FAIL', 'FAIL', 'PASS']));
  const job = await store.sql.get<{ id: number }>('SELECT id FROM job');
  const alpha = await getSyncState(writer, 'alpha');
  if (!alpha || !job) throw new Error('nothing was written');
  let omitted: Promise<void> | undefined;
  await writer.transaction(async () => {
    await writeJob(writer, alpha, packJob(writer, jobWith(['FAIL', 'FAIL', 'FAIL', 'FAIL'])), 1, 'SCHEDULE');
    omitted = omitResults(store, ADMIN, job.id, [1], 'known', 2);
    await vi.waitFor(async () => expect(await waiting(store)).toBeGreaterThan(0), 5_000);
  });
  await omitted;
  const sums = (table: string) =>
    store.sql.all(`SELECT sum(pass) AS pass, sum(fail) AS fail, sum(skip) AS skip FROM ${table}`);
  for (const table of ['job', 'suite_run', 'env_day'])
    expect([table, await sums(table)]).toEqual([table, [{ pass: 0, fail: 3, skip: 1 }]]);
  expect(await rebuild(writer, 3)).toEqual([]);
});

test('of two who keep rules at once one is told of the other', async () => {
  const [writer, store] = await world();
  const keep = (of: Store, at: number) => saveKeptRules(of, ADMIN, { revision: 0, rules: [] }, at);
  const answers = await Promise.allSettled([keep(writer.store, 1), keep(store, 2)]);
  expect(answers.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: expect.any(Conflict) }]);
  expect((await getKeptRules(store, ADMIN)).revision).toBe(1);
});

/** Statements of this database that wait for another transaction. */
async function waiting({ sql }: Store): Promise<number> {
  const row = await sql.get<{ n: number }>(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return row?.n ?? 0;
}
