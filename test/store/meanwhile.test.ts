/** Reading while something is written or deleted: nobody waits, and what stays is seen once. */
import { expect, onTestFinished, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { countJobs, getJob, type JobPage, jobKey, listJobs } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { openStore } from '#store/open.ts';
import type { Key } from '#store/page.ts';
import { retire } from '#store/retention.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from './temporary.ts';

const NOW = 1_790_000_000_000_000;
const DAY = 86_400_000_000;

const aged = (number: number, days: number) => {
  const submitAt = NOW - days * DAY;
  return changeOf(jobOf({ externalId: String(number), submitAt, startAt: submitAt + 1, endAt: submitAt + 2 }), []);
};

test('T-48: pages that are turned while retention deletes hold what stays, each job once', async () => {
  const writer = await temporaryWriter();
  const { store } = writer;
  for (let i = 1; i <= 60; i++) await write(writer, 'alpha', aged(i, i));
  const source = await store.sql.get<{ id: number }>('SELECT id FROM source');
  const seen: number[] = [];
  let keep = 60;
  for (let after: Key | null = null; ; keep -= 10) {
    const page: JobPage = await listJobs(store, ANONYMOUS, {}, { limit: 7, after, before: null, backward: false });
    seen.push(...page.rows.map(({ externalId }) => Number(externalId)));
    await retire(writer, source?.id ?? 0, { rollups: Math.max(30, keep) }, () => NOW);
    const last = page.rows.at(-1);
    if (!page.hasNext || !last) break;
    after = jobKey(last, 'SUBMIT_TIME');
  }
  expect(seen).toEqual([...new Set(seen)]);
  for (let i = 1; i < 30; i++) expect(seen).toContain(i);
  expect(await countJobs(store, ANONYMOUS, {})).toMatchObject({ count: 30 });
});

test('T-52: who reads waits for no transaction, however long it is, and sees none of it before its end', async () => {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['alpha'], place);
  const reading = await openStore({ ...place, mode: 'read' });
  onTestFinished(() => reading.close());
  await write(writer, 'alpha', aged(1, 1));
  const count = () => countJobs(reading, ANONYMOUS, {});
  const during: unknown[] = [];
  await writer.transaction(async () => {
    await writer.store.sql.run("UPDATE job SET description = 'half', is_public = 0");
    for (let i = 0; i < 20; i++) during.push(await count());
  });
  for (const one of during) expect(one).toMatchObject({ count: 1 });
  expect((await getJob(reading, ANONYMOUS, 'alpha', '1'))?.description ?? null).toBeNull();
});

test('L-46: a log of two hundred thousand lines is read from any place, and a log that ends is no error', async () => {
  const writer = await temporaryWriter();
  const line = (n: number) => `- {"dt": "2026-05-01T00:00:00.000001", "lvl": "target", "msg": "line ${n}"}`;
  const change = aged(1, 1);
  const text = Array.from({ length: 200_000 }, (_, n) => `${line(n)}\n`).join('');
  if (change.results) change.results.log = { bytes: [Buffer.from(text)], truncated: false };
  await write(writer, 'alpha', change);
  const id = (await getJob(writer.store, ANONYMOUS, 'alpha', '1'))?.id ?? 0;
  for (const from of [0, 99_999, 199_998, 200_000, 10_000_000]) {
    const slice = await getLogSlice(writer.store, ANONYMOUS, id, { from, limit: 3, levels: null });
    const wanted = [from, from + 1, from + 2].filter((n) => n < 200_000).map(line);
    expect([slice?.totalLines, slice?.lines.map(({ raw }) => raw)]).toEqual([200_000, wanted]);
  }
});
