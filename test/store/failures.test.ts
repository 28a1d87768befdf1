/** Failure groups: what follows from jobs and logs, for whom, and that it is the same whatever came when. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { countFailureGroups, getFailureGroup, getGroupsOfJobs, listFailureGroups } from '#store/failure-group.ts';
import { getGroupDays, getGroupDevices, getGroupSources, listGroupJobs } from '#store/group-job.ts';
import { hideJob } from '#store/hide-job.ts';
import { getJob } from '#store/job.ts';
import { logPath } from '#store/log-file.ts';
import { countOldJobs, type OldLogs, readOldFailures } from '#store/old-failures.ts';
import { checkNext, readCheckState, rebuild } from '#store/rebuild.ts';
import { removeJob } from '#store/remove-job.ts';
import { retire } from '#store/retention.ts';
import { getSyncState } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { addFailure, addFailures, DAY, NOW, noPower, OOPS, timedOut } from './failing-world.ts';
import { readEveryLog } from './read-every-log.ts';
import { readable } from './readable.ts';
import { temporaryWriter } from './temporary.ts';

const EVERYTHING = { kind: 'everything' } as const;
const ALL = { limit: 50, after: null, before: null, backward: false };
const FILTER = { scope: {}, minCount: 1 };

const NEVER: OldLogs = { onUnreadable: (_, cause) => expect.fail(String(cause)) };

const titles = async (writer: Writer, viewer: Parameters<typeof listFailureGroups>[1], filter = FILTER) =>
  (await listFailureGroups(writer.store, viewer, filter, ALL)).rows.map(({ title, count }) => [title, count]);

test('the same failure of boards, labs and days is one group; the lab’s fault has its own', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);

  const { rows } = await listFailureGroups(writer.store, EVERYTHING, FILTER, ALL);
  expect(rows.map(({ kind, failureClass, title, count }) => [kind, failureClass, title, count]).sort()).toEqual([
    ['JOB', 'INFRASTRUCTURE', 'no power at <host>', 1],
    ['JOB', 'JOB', 'login-action timed out after <duration> on <host>', 3],
    ['KERNEL_FAULT', 'TEST', 'kernel NULL pointer dereference in fizz_probe', 3],
  ]);
  expect(await countFailureGroups(writer.store, EVERYTHING, FILTER)).toBe(3);
});

test('a group is of the jobs that one may see, and is none where one sees none of them', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailure(writer, 'alpha', 1, timedOut('rpi-1', 1), []);
  await addFailure(writer, 'alpha', 2, { ...timedOut('rpi-2', 1), isPublic: false }, [], 5);
  await addFailure(writer, 'beta', 3, { ...noPower('x'), isPublic: false }, []);
  const [hidden] = (await listFailureGroups(writer.store, EVERYTHING, { ...FILTER, class: ['INFRASTRUCTURE'] }, ALL))
    .rows;
  const { rows } = await listFailureGroups(writer.store, ANONYMOUS, FILTER, ALL);
  const [group] = rows;

  expect(rows).toHaveLength(1);
  expect(group).toMatchObject({ count: 1, firstSeen: NOW - DAY + 1_000_002, lastSeen: NOW - DAY + 1_000_002 });
  expect(await countFailureGroups(writer.store, ANONYMOUS, FILTER)).toBe(1);
  expect(await getFailureGroup(writer.store, ANONYMOUS, hidden?.fingerprint ?? '')).toBeNull();
  expect((await listGroupJobs(writer.store, ANONYMOUS, hidden?.id ?? 0, {}, ALL)).rows).toEqual([]);
  const id = group?.id ?? 0;
  expect((await listGroupJobs(writer.store, ANONYMOUS, id, {}, ALL)).rows.map(({ job }) => job.externalId)).toEqual([
    '1',
  ]);
  expect((await getGroupSources(writer.store, ANONYMOUS, [id], {})).get(id)).toHaveLength(1);
  expect((await getGroupDevices(writer.store, ANONYMOUS, [id], {})).get(id)).toHaveLength(1);
  expect((await getGroupDays(writer.store, ANONYMOUS, [id], {})).get(id)).toHaveLength(1);
  expect((await getGroupDevices(writer.store, EVERYTHING, [id], {})).get(id)).toHaveLength(2);
});

test('boards out of sight take no place among the 200 that a group tells of', async () => {
  const writer = await temporaryWriter();
  for (let i = 0; i < 200; i++) await addFailure(writer, 'alpha', i, timedOut(`secret-${i}`, 1), []);
  await writer.store.sql.run('UPDATE device SET is_public = 0');
  await addFailure(writer, 'alpha', 200, timedOut('rpi-1', 1), []);
  const [group] = (await listFailureGroups(writer.store, ANONYMOUS, FILTER, ALL)).rows;
  const id = group?.id ?? 0;

  const found = (await getGroupDevices(writer.store, ANONYMOUS, [id], {})).get(id);
  const seen = await writer.store.sql.all<{ id: number }>('SELECT id FROM device WHERE is_public = 1');
  expect(found).toEqual(seen.map((device) => device.id));
  expect((await getGroupDevices(writer.store, EVERYTHING, [id], {})).get(id)).toHaveLength(200);
});

test('how a canceled job ended is in no group, what its kernel said is', async () => {
  const writer = await temporaryWriter();
  await addFailure(writer, 'alpha', 1, { ...timedOut('rpi-1', 1), health: 'CANCELED', errorType: 'Canceled' }, []);
  await addFailure(writer, 'alpha', 2, { ...timedOut('rpi-1', 1), health: 'CANCELED', errorType: 'Canceled' }, OOPS);

  const { rows } = await listFailureGroups(writer.store, EVERYTHING, FILTER, ALL);
  expect(rows.map(({ kind, count }) => [kind, count])).toEqual([['KERNEL_FAULT', 1]]);
});

test('filters and pages give every group once', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);

  expect(await titles(writer, EVERYTHING, { ...FILTER, minCount: 2 })).toHaveLength(2);
  expect(await titles(writer, EVERYTHING, { scope: { since: NOW - 2 * DAY }, minCount: 3 })).toHaveLength(1);
  expect(await titles(writer, EVERYTHING, { scope: { sources: ['beta'] }, minCount: 1 })).toHaveLength(3);
  const seen: number[] = [];
  for (let after: readonly [number, number] | null = null; ; ) {
    const page = await listFailureGroups(writer.store, EVERYTHING, FILTER, { ...ALL, limit: 1, after });
    const [row] = page.rows;
    if (!row) break;
    seen.push(row.id);
    after = [row.count, row.id];
  }
  expect(new Set(seen).size).toBe(3);
  expect(seen).toHaveLength(3);
});

test('a job says which groups it is in, and where in its log', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  const job = await getJob(writer.store, EVERYTHING, 'alpha', '5');
  const groups = (await getGroupsOfJobs(writer.store, EVERYTHING, [job?.id ?? 0])).get(job?.id ?? 0);
  expect(groups?.map(({ line, group }) => [line, group.kind])).toEqual([[1, 'KERNEL_FAULT']]);
  const hidden = await getJob(writer.store, EVERYTHING, 'alpha', '4');
  expect((await getGroupsOfJobs(writer.store, ANONYMOUS, [hidden?.id ?? 0])).size).toBe(0);
});

test('any order of arrival, repeats and corrections leave the same groups, and a rebuild finds nothing', async () => {
  const [one, other] = [await temporaryWriter(['alpha', 'beta']), await temporaryWriter(['alpha', 'beta'])];
  await addFailures(one);
  await addFailure(other, 'alpha', 5, timedOut('rpi-1', 1), ['no fault yet']);
  await addFailures(other, [6, 4, 2, 0, 5, 3, 1, 4, 0]);

  expect(await readable(other.store)).toEqual(await readable(one.store));
  await readEveryLog(other);
  expect(await rebuild(other, NOW)).toEqual([]);
});

test('a row lost and a row that lies are mended', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  await readEveryLog(writer);
  const sound = await readable(writer.store);
  const { sql } = writer.store;
  const [first] = await sql.all<{ id: number }>('SELECT job_id AS id FROM failure_occurrence ORDER BY job_id LIMIT 1');

  await sql.run('UPDATE failure_occurrence SET line = 77 WHERE job_id = ?', first?.id ?? 0);
  expect(await rebuild(writer, NOW)).toEqual([{ table: 'failure_occurrence', missing: 0, extra: 0, wrong: 1 }]);
  expect(await readable(writer.store)).toEqual(sound);
  await sql.run('DELETE FROM failure_occurrence WHERE job_id = ?', first?.id ?? 0);
  expect(await rebuild(writer, NOW)).toEqual([{ table: 'failure_occurrence', missing: 1, extra: 0, wrong: 0 }]);
  expect(await readable(writer.store)).toEqual(sound);
});

test('an environment of many jobs is checked some at a time, and every job once', { timeout: 120_000 }, async () => {
  const writer = await temporaryWriter();
  for (let i = 0; i < 2002; i++) await addFailure(writer, 'alpha', i % 2 ? i : 1e6 - i, timedOut('rpi-1', 1), []);
  await readEveryLog(writer);
  const { sql } = writer.store;
  const sound = await readable(writer.store);
  await sql.run('DELETE FROM failure_occurrence WHERE job_id IN (1, 1001, 2002)');
  await sql.run('UPDATE failure_occurrence SET env_id = env_id + 1 WHERE job_id = 2');

  const round: [number, number][] = [];
  for (;;) {
    const before = writer.store.statementCount();
    const found = await checkNext(writer, NOW);
    if (!found) break;
    round.push([found.reduce((n, d) => n + d.missing + d.wrong, 0), writer.store.statementCount() - before]);
  }
  const slices = round.slice(-3);
  expect(slices.reduce((n, [mended]) => n + mended, 0)).toBe(4);
  expect(await readable(writer.store)).toEqual(sound);
  for (const [mended, statements] of slices) expect(statements).toBeLessThan(10 + 3 * mended);
  expect((await readCheckState(sql)).last?.differences).toEqual([
    { table: 'failure_occurrence', missing: 3, extra: 0, wrong: 1 },
  ]);
});

test('what a version before did not read is read from the logs that are kept', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  const sound = await readable(writer.store);
  for (const table of ['failure_occurrence', 'job_failure']) await writer.store.sql.run(`DELETE FROM ${table}`);
  await readEveryLog(writer);
  expect(await readable(writer.store)).toEqual(sound);
  expect(await readOldFailures(writer, 2, NEVER)).toBe(false);
});

test.each([
  ['cut short', (file: Buffer) => file.subarray(0, file.length - 9)],
  ['that says something else', (file: Buffer) => Buffer.from(file.map((byte) => byte ^ 0xff))],
])('a log %s is told once, keeps what is known of its job and stops no other', async (_, damage) => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  const { sql, logDir } = writer.store;
  const sound = await readable(writer.store);
  const damaged = await sql.get<{ id: number; hash: Buffer }>(
    "SELECT j.id, l.hash FROM job j JOIN log l ON l.id = j.log_id WHERE j.external_id = '5'",
  );
  const path = logPath(logDir, damaged?.hash ?? Buffer.of());
  writeFileSync(path, damage(readFileSync(path)));
  for (const table of ['failure_occurrence', 'job_failure'])
    await sql.run(`DELETE FROM ${table} WHERE job_id <> ?`, damaged?.id ?? 0);

  const told: string[] = [];
  await readEveryLog(writer, ({ source, externalId }) => told.push(`${source}/${externalId}`));

  expect(told).toEqual(['alpha/5']);
  expect(await readable(writer.store)).toEqual(sound);
  expect(await rebuild(writer, NOW)).toEqual([]);
});

test('a rebuild reads no log, and calls nothing wrong while some are unread', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  await writer.store.sql.run('DELETE FROM failure_occurrence');

  expect(await rebuild(writer, NOW)).toEqual([]);
  expect(await countOldJobs(writer.store.sql)).toBe(7);
  await readEveryLog(writer);
  expect(await countOldJobs(writer.store.sql)).toBe(0);
});

test('a job that is hidden while its log is read again is read where it went', async () => {
  const [writer, hidden] = [await temporaryWriter(), await temporaryWriter()];
  for (const each of [writer, hidden]) await addFailure(each, 'alpha', 5, timedOut('rpi-2', 7), OOPS);
  const hide = async (of: Writer) => {
    const source = await getSyncState(of, 'alpha');
    await of.transaction(() => hideJob(of, source ?? expect.fail('no source'), '5', NOW));
  };
  await hide(hidden);
  for (const table of ['failure_occurrence', 'job_failure']) await writer.store.sql.run(`DELETE FROM ${table}`);

  let isHidden = false;
  const beside: Writer = {
    ...writer,
    async transaction(body) {
      if (!isHidden) await hide(writer);
      isHidden = true;
      return writer.transaction(body);
    },
  };
  await readEveryLog(beside);

  expect(await readable(writer.store)).toEqual(await readable(hidden.store));
});

test('groups outlive the logs and results that retention deletes, and go with the job', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  await readEveryLog(writer);
  const before = (await readable(writer.store)).failure_occurrence;
  const source = await writer.store.sql.get<{ id: number }>("SELECT id FROM source WHERE slug = 'alpha'");
  await retire(writer, source?.id ?? 0, { logs: 0, results: 0 }, () => NOW);

  expect((await readable(writer.store)).failure_occurrence).toEqual(before);
  expect(await rebuild(writer, NOW)).toEqual([]);
  const jobs = await writer.store.sql.all<{ id: number }>('SELECT id FROM job');
  for (const { id } of jobs) await writer.transaction(() => removeJob(writer, id));
  expect(await titles(writer, EVERYTHING)).toEqual([]);
  expect((await readable(writer.store)).job_failure).toEqual([]);
});
