/** What retention deletes is gone and says so; what it does not is whole. */
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CaseRecord, JobRecord } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { applyRules } from '#store/apply-rules.ts';
import { checkStore } from '#store/check.ts';
import { NotFound } from '#store/error.ts';
import { getJob } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { logPath } from '#store/log-file.ts';
import { removeLogFiles, SHARED_LOGS } from '#store/log-removal.ts';
import { packLog } from '#store/pack-log.ts';
import { listPins, pinBuild, unpinBuild } from '#store/pin.ts';
import { rebuild } from '#store/rebuild.ts';
import { retire } from '#store/retention.ts';
import { planRetention } from '#store/retention-plan.ts';
import { countJobCases, listJobCases, listSuites } from '#store/test-case.ts';
import { openEpoch } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const DAY = 86_400_000_000;
const NOW = 1_790_000_000_000_000;
const ALL = { limit: 100, after: null, before: null, backward: false };

const aCase = (externalId: number, more: Partial<CaseRecord> = {}): CaseRecord => ({
  externalId,
  name: `case${externalId}`,
  set: null,
  setExternalId: null,
  result: externalId % 2 ? 'PASS' : 'FAIL',
  measurement: '1.50',
  unit: 'seconds',
  startLogLine: 3,
  endLogLine: 7,
  loggedAt: NOW,
  metadata: 'extra: told\n',
  ...more,
});

/** A job submitted so many days ago, with a log of the text. */
async function add(writer: Writer, number: number, days: number, log = `log ${number}`, job: Partial<JobRecord> = {}) {
  const submitAt = NOW - days * DAY;
  const change = changeOf(
    jobOf({
      externalId: String(number),
      submitAt,
      startAt: submitAt + 1,
      endAt: submitAt + 2,
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${number}`, 'git-branch': 'main' },
      ...job,
    }),
    [{ externalId: 1, name: '0_smoke', isSteps: false, cases: [aCase(number * 10), aCase(number * 10 + 1)] }],
  );
  if (change.results) change.results.log = { bytes: [Buffer.from(`${log}\n`)], truncated: false };
  return write(writer, 'alpha', change);
}

async function sourceId(writer: Writer): Promise<number> {
  return (await writer.store.sql.get<{ id: number }>('SELECT id FROM source'))?.id ?? 0;
}

const age = async (writer: Writer, retention: Retention, now = NOW) =>
  retire(writer, await sourceId(writer), retention, () => now);
const plan = async (writer: Writer, retention: Retention) =>
  planRetention(writer.store, await sourceId(writer), retention, NOW);

async function jobNamed(writer: Writer, number: number) {
  const job = await getJob(writer.store, ANONYMOUS, 'alpha', String(number));
  if (!job) throw new Error(`no job ${number}`);
  return job;
}

async function assertSound(writer: Writer): Promise<void> {
  expect(await checkStore(writer.store)).toEqual([]);
  expect(await rebuild(writer, NOW)).toEqual([]);
}

test('a log goes with the last job that names it, and the job says when', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40, 'the same');
  await add(writer, 2, 20, 'the same');
  await add(writer, 3, 40, 'another');
  const path = (text: string) =>
    logPath(writer.store.logDir, packLog([Buffer.from(`${text}\n`)], () => undefined).hash);
  expect(await plan(writer, { logs: 30 })).toMatchObject({ logs: { jobs: 2, rows: 1 }, detail: { jobs: 0 } });

  expect(await age(writer, { logs: 30 })).toEqual({ logs: 2, detail: 0, results: 0, rollups: 0 });
  expect(await removeLogFiles(writer)).toMatchObject({ files: 1 });
  expect([existsSync(path('the same')), existsSync(path('another'))]).toEqual([true, false]);
  const [old, young] = [await jobNamed(writer, 1), await jobNamed(writer, 2)];
  const slice = (jobId: number) => getLogSlice(writer.store, ANONYMOUS, jobId, { from: 0, limit: 5, levels: null });
  expect([old.logRemovedAt, await slice(old.id)]).toEqual([NOW, null]);
  expect([young.logRemovedAt, (await slice(young.id))?.totalLines]).toEqual([null, 1]);

  await age(writer, { logs: 10 });
  await removeLogFiles(writer);
  expect(existsSync(path('the same'))).toBe(false);
  expect(await plan(writer, { logs: 10 })).toMatchObject({ logs: { jobs: 0, rows: 0, bytes: 0 } });
  await assertSound(writer);
});

test('a log that is named again before its file has gone is kept', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40, 'the same');
  await age(writer, { logs: 30 });
  await add(writer, 2, 20, 'the same');

  expect(await removeLogFiles(writer)).toEqual({ files: 0, bytes: 0 });
  await assertSound(writer);
});

test('what a crash left of a log that was being written goes after a day', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  const [left, young] = [join(writer.store.logDir, 'left.part'), join(writer.store.logDir, 'young.part')];
  for (const path of [left, young]) writeFileSync(path, 'a part');
  const before = Date.now() / 1000 - 90_000;
  utimesSync(left, before, before);
  await removeLogFiles(writer);
  expect(readdirSync(writer.store.logDir).filter((name) => name.endsWith('.part'))).toEqual(['young.part']);
});

test('no file goes from a folder that another store names logs of', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  await age(writer, { logs: 30 });
  writeFileSync(join(writer.store.logDir, SHARED_LOGS), '');

  expect(await removeLogFiles(writer)).toEqual({ files: 0, bytes: 0 });
  expect(existsSync(logPath(writer.store.logDir, packLog([Buffer.from('log 1\n')], () => undefined).hash))).toBe(true);
});

test('of details, verdicts, ids and measurements stay', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  const before = (await listJobCases(writer.store, ANONYMOUS, (await jobNamed(writer, 1)).id, {}, ALL)).rows;
  const planned = (await plan(writer, { detail: 30 })).detail;

  await age(writer, { detail: 30 });
  const job = await jobNamed(writer, 1);
  const { rows } = await listJobCases(writer.store, ANONYMOUS, job.id, {}, ALL);
  const none = { startLogLine: null, endLogLine: null, loggedAt: null, template: null };
  expect(rows).toEqual(before.map((row) => ({ ...row, ...none })));
  expect(planned).toMatchObject({ jobs: 1, rows: 1, oldest: NOW - 40 * DAY });
  expect(planned.bytes).toBeGreaterThan(0);
  expect([job.detailRemovedAt, job.resultsRemovedAt]).toEqual([NOW, null]);
  expect(await age(writer, { detail: 30 })).toMatchObject({ detail: 0 });
  await assertSound(writer);
});

test('of results, the sums of the job, its suites and the days stay', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  await add(writer, 2, 20);
  const days = () => writer.store.sql.all('SELECT * FROM env_day ORDER BY day');
  const before = await days();

  expect(await age(writer, { results: 30 })).toEqual({ logs: 1, detail: 1, results: 1, rollups: 0 });
  const job = await jobNamed(writer, 1);
  expect(job).toMatchObject({ pass: 1, fail: 1, resultsRemovedAt: NOW, detailRemovedAt: NOW, logRemovedAt: NOW });
  expect((await listSuites(writer.store, ANONYMOUS, [job.id])).get(job.id)).toMatchObject([{ pass: 1, fail: 1 }]);
  expect(await listJobCases(writer.store, ANONYMOUS, job.id, {}, ALL)).toMatchObject({ rows: [], hasNext: false });
  expect(await countJobCases(writer.store, ANONYMOUS, job.id, {})).toBe(0);
  expect(await days()).toEqual(before);
  expect(await writer.store.sql.all('SELECT 1 FROM suite_history')).toHaveLength(1);
  await assertSound(writer);
});

test('a job that is corrected afterwards is whole again, until it is due again', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  await age(writer, { results: 30 });

  expect(await add(writer, 1, 40)).toBe('unchanged');
  expect(await add(writer, 1, 40, 'corrected')).toBe('written');
  expect(await jobNamed(writer, 1)).toMatchObject({
    resultsRemovedAt: null,
    detailRemovedAt: null,
    logRemovedAt: null,
  });
  expect(await age(writer, { results: 30 })).toMatchObject({ results: 1 });
  await assertSound(writer);
});

test('a job deleted whole is not taken in again, and its number cannot become another', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  await add(writer, 2, 20);

  expect(await age(writer, { rollups: 30 })).toMatchObject({ rollups: 1 });
  expect(await getJob(writer.store, ANONYMOUS, 'alpha', '1')).toBeNull();
  expect(await add(writer, 1, 40)).toBe('unchanged');
  await expect(add(writer, 1, 39)).rejects.toThrow(/another time than the one deleted by retention/);
  for (const table of ['job', 'job_text', 'job_detail', 'suite_run', 'suite_history', 'env_day', 'log']) {
    expect(await writer.store.sql.all(`SELECT 1 FROM ${table}`), table).toHaveLength(1);
  }
  await assertSound(writer);
});

test('a pinned build keeps everything; unpinned, it goes like any other', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 40);
  await add(writer, 2, 40);
  const project = (await writer.store.sql.get<{ slug: string }>('SELECT slug FROM project'))?.slug ?? '';
  await pinBuild(writer, { project, version: 'v1' }, 'the release', NOW);
  expect(await listPins(writer.store)).toMatchObject([
    { project, version: 'v1', because: 'the release', pinnedAt: NOW },
  ]);

  expect(await age(writer, { rollups: 30 })).toMatchObject({ rollups: 1 });
  expect(await jobNamed(writer, 1)).toMatchObject({ logRemovedAt: null });
  await expect(pinBuild(writer, { project, version: 'v9' }, null, NOW)).rejects.toThrow(NotFound);
  await expect(unpinBuild(writer, { project, version: 'v1', branch: 'none' })).rejects.toThrow(/has no build "v1"/);
  await unpinBuild(writer, { project, version: 'v1' });
  expect(await age(writer, { rollups: 30 })).toMatchObject({ rollups: 1 });
  await assertSound(writer);
});

/** No rule that is known by itself places what these are of. */
const BY_NAME = { project: 'mainline', match: {}, build: '{named}' };
const addNamed = (writer: Writer, number: number, log?: string) =>
  add(writer, number, 40, log, { metadata: { named: `v${number}` } });

test('a pin goes along with jobs that new mapping rules move, and what they place nowhere stays', async () => {
  const old = createWriter((await temporaryWriter()).store, [BY_NAME]);
  await addNamed(old, 1);
  await addNamed(old, 2);
  await addNamed(old, 3);
  const project = (await old.store.sql.get<{ slug: string }>('SELECT slug FROM project'))?.slug ?? '';
  await pinBuild(old, { project, version: 'v1' }, 'the release', NOW);
  await pinBuild(old, { project, version: 'v2' }, null, NOW);
  const rule = { project: 'other', match: { named: 'v1' }, build: '{named}-new' };
  const writer = createWriter(old.store, [rule]);
  expect(await applyRules(writer, () => NOW)).toBe(2);

  expect((await listPins(writer.store)).map(({ version, because }) => [version, because])).toEqual([
    ['v1', 'the release'],
    ['v2', null],
    ['v1-new', 'the release'],
  ]);
  expect(await age(writer, { rollups: 30 })).toMatchObject({ rollups: 1 });
  expect(await getJob(writer.store, ANONYMOUS, 'alpha', '3')).toBeNull();
  await assertSound(writer);
});

test('a correction that comes before changed rules are applied takes the pin along, as they do', async () => {
  const old = createWriter((await temporaryWriter()).store, [BY_NAME]);
  await addNamed(old, 1);
  await addNamed(old, 2);
  await addNamed(old, 3);
  const project = (await old.store.sql.get<{ slug: string }>('SELECT slug FROM project'))?.slug ?? '';
  await pinBuild(old, { project, version: 'v1' }, 'the release', NOW);
  await pinBuild(old, { project, version: 'v2' }, null, NOW);
  const rules = [1, 3].map((n) => ({
    project: 'other',
    match: { named: `v${n}` },
    build: '{named}-new',
  }));
  const writer = createWriter(old.store, rules);
  for (const number of [1, 2, 3]) expect(await addNamed(writer, number, 'corrected')).toBe('written');

  const pins = [
    ['v1', 'the release'],
    ['v2', null],
    ['v1-new', 'the release'],
  ];
  expect((await listPins(writer.store)).map(({ version, because }) => [version, because])).toEqual(pins);
  expect(await applyRules(writer, () => NOW)).toBe(0);
  expect((await listPins(writer.store)).map(({ version, because }) => [version, because])).toEqual(pins);
  expect(await age(writer, { rollups: 30 })).toMatchObject({ rollups: 1 });
  expect(await getJob(writer.store, ANONYMOUS, 'alpha', '3')).toBeNull();
  await assertSound(writer);
});

test('a job that has not finished stays, and so does what no kind is named for', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 400, 'x', { state: 'RUNNING', health: 'UNKNOWN', endAt: null });
  await add(writer, 2, 400);

  expect(await age(writer, {})).toEqual({ logs: 0, detail: 0, results: 0, rollups: 0 });
  expect(await age(writer, { rollups: 1 })).toMatchObject({ rollups: 1 });
  expect(await jobNamed(writer, 1)).toMatchObject({ state: 'RUNNING' });
});

test('more jobs than one transaction takes: all that are due, and only they', async () => {
  const writer = await temporaryWriter();
  for (let n = 1; n <= 60; n++) await add(writer, n, n);
  const planned = await plan(writer, { logs: 5, results: 20, rollups: 40 });

  const retired = await age(writer, { logs: 5, results: 20, rollups: 40 });
  expect(retired).toEqual({ logs: 55, detail: 40, results: 40, rollups: 20 });
  expect(planned).toMatchObject({
    logs: { jobs: 55 },
    detail: { jobs: 40 },
    results: { jobs: 40 },
    rollups: { jobs: 20 },
  });
  await assertSound(writer);
});

test('room goes back to the disk', async () => {
  const writer = await temporaryWriter();
  const noise = (n: number) =>
    Array.from({ length: 2_000 }, (_, i) => `${(n * 7919 + i * 104_729) % 999_983}`).join(' ');
  for (let n = 1; n <= 60; n++)
    await add(writer, n, 60, `log ${n}`, { definition: noise(n), submitAt: NOW - 60 * DAY + n });
  const full = await writer.store.size();

  await age(writer, { rollups: 30 });
  await writer.store.giveBack();
  const after = await writer.store.size();
  expect(full.bytes - after.bytes).toBeGreaterThan(150_000);
  expect(after.free).toBe(0);
});

test('L-15: what was deleted whole stays so when its master was restored and its numbers begin anew', async () => {
  const writer = await temporaryWriter();
  await add(writer, 1, 100);
  await age(writer, { rollups: 30 });
  await writer.transaction(async () => openEpoch(writer, await sourceId(writer)));
  expect(await add(writer, 1, 100)).toBe('unchanged');
  expect(await add(writer, 1, 99)).toBe('written');
  await assertSound(writer);
});
