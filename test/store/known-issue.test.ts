/** What known issues explain: at ingest, of what was stored before, and after every change of a job. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { keepExplaining } from '#ingest/explain.ts';
import type { Viewer } from '#schema/viewer.ts';
import { explainStored } from '#store/explain-stored.ts';
import { hideJob } from '#store/hide-job.ts';
import { type IssueMatch, listMatches, matchKey } from '#store/issue-match.ts';
import { addAlias, removeAlias } from '#store/name-alias.ts';
import type { PageRequest } from '#store/page.ts';
import { rebuild } from '#store/rebuild.ts';
import { removeJob } from '#store/remove-job.ts';
import { retire } from '#store/retention.ts';
import { saveKnownIssue, undoKnownIssue } from '#store/save-known-issue.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { soon } from '../soon.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { addFailure, addFailures, DAY, NOW, noPower, OOPS, timedOut } from './failing-world.ts';
import { addIssue, issueOf, TRIAGER } from './known-issues.ts';
import { readable } from './readable.ts';
import { temporaryWriter, write } from './temporary.ts';

type Row = { issue: number; job: string; cases: number; line: number | null; offset: number | null };
const matches = (writer: Writer) =>
  writer.store.sql.all<Row>(
    `SELECT m.issue_id AS issue, s.slug || '/' || j.external_id AS job, m.cases, m.line, m.byte_offset AS "offset"
     FROM known_issue_match m JOIN job j ON j.id = m.job_id JOIN source s ON s.id = j.source_id ORDER BY 1, 2`,
  );
const ROOT: Viewer = { kind: 'person', login: 'root', role: 'admin', teams: [] };
const LOG = { logPattern: 'RIP: \\S+ *fizz_probe' };

test('a rule is held alike against what comes and what was stored: error, log, device type, source, tests', async () => {
  const rules = [
    { errorPattern: '^login-action timed out after \\d+ seconds' },
    { ...LOG, errorPattern: 'timed out', source: 'alpha' },
    { errorPattern: 'power', deviceType: 'qe*' },
    { source: 'beta', deviceType: 'x15' },
  ];
  const after = await temporaryWriter(['alpha', 'beta']);
  await addFailures(after);
  for (const rule of rules) await saveKnownIssue(after.store, TRIAGER, null, issueOf(rule), NOW);
  while (await explainStored(after, { numbers: 3, jobs: 2, logs: 1 }));
  const before = await temporaryWriter(['alpha', 'beta']);
  for (const rule of rules) await saveKnownIssue(before.store, TRIAGER, null, issueOf(rule), NOW);
  await addFailures(before, [6, 5, 4, 3, 2, 1, 0]);

  expect(await matches(after)).toEqual(await matches(before));
  expect(await matches(after)).toEqual([
    ...['alpha/1', 'alpha/2', 'alpha/4', 'alpha/5', 'beta/1'].map((job) => ({
      ...{ issue: 1, job, cases: 0, line: null, offset: null },
    })),
    { issue: 2, job: 'alpha/4', cases: 0, line: 2, offset: 14 },
    { issue: 2, job: 'alpha/5', cases: 0, line: 3, offset: 14 },
    { issue: 3, job: 'beta/6', cases: 0, line: null, offset: null },
  ]);
  const tables = await readable(after.store);
  expect(await rebuild(after, NOW)).toEqual([]);
  expect(await readable(after.store)).toEqual(tables);
});

test('a rule about tests keeps one row a job, with the failed cases that it explains', async () => {
  const writer = await temporaryWriter();
  await addIssue(writer, { suite: 'net*', name: 'mm/p*' });
  const cases = ['ping', 'pong', 'tcp'].map((name, i) => caseOf({ externalId: i, name, set: 'mm', result: 'FAIL' }));
  const suites = ['0_net', '1_net-6', '2_smoke'].map((name, i) => ({ externalId: i, name, isSteps: false, cases }));
  await write(writer, 'alpha', changeOf(jobOf(), suites));

  expect(await matches(writer)).toEqual([{ issue: 1, job: 'alpha/1', cases: 4, line: null, offset: null }]);
  const row = await writer.store.sql.get<{ id: number }>('SELECT id FROM source');
  await retire(writer, row?.id ?? 0, { results: 1 }, () => NOW);
  expect(await matches(writer)).toEqual([]);
  expect(await rebuild(writer, NOW)).toEqual([]);
});

test('matches are hidden, corrected and removed with their jobs, and stay when logs go', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  const id = await addIssue(writer, LOG);
  await addFailures(writer);
  expect(await matches(writer)).toHaveLength(3);
  const source = await getSyncState(writer, 'alpha');
  if (source) await writer.transaction(() => hideJob(writer, source, '5', NOW));
  const { sql } = writer.store;
  const stray =
    'SELECT count(*) AS n FROM known_issue_match m JOIN job j ON j.id = m.job_id WHERE j.env_id <> m.env_id';
  expect(await sql.get(stray)).toEqual({ n: 0 });
  await retire(writer, source?.id ?? 0, { logs: 0 }, () => NOW);
  expect(await rebuild(writer, NOW)).toEqual([]);
  expect((await matches(writer)).map(({ job }) => job)).toEqual(['alpha/4', 'alpha/5', 'beta/6']);
  const job = await sql.get<{ id: number }>("SELECT id FROM job WHERE external_id = '4'");
  await writer.transaction(() => removeJob(writer, job?.id ?? 0));
  await addFailure(writer, 'beta', 6, noPower('pdu-9'), ['all is well']);
  expect((await matches(writer)).map(({ job: one }) => one)).toEqual(['alpha/5']);
  await saveKnownIssue(writer.store, TRIAGER, id, issueOf({ errorPattern: 'power' }), NOW);
  expect(await matches(writer)).toEqual([]);
  while (await explainStored(writer));
  expect((await matches(writer)).map(({ job: one }) => one)).toEqual(['beta/6']);
});

test('what ended after an issue expired is not explained, and damage is found and mended', async () => {
  const writer = await temporaryWriter();
  await addIssue(writer, { errorPattern: 'timed out', expiresAt: NOW - 2 * DAY });
  await addFailure(writer, 'alpha', 1, timedOut('rpi-1', 9), OOPS, 3);
  await addFailure(writer, 'alpha', 2, timedOut('rpi-1', 9), [], 1);
  const tables = await readable(writer.store);
  expect(await matches(writer)).toHaveLength(1);
  await writer.store.sql.run('UPDATE known_issue_match SET at = at + 1');
  expect(await rebuild(writer, NOW)).toEqual([{ table: 'known_issue_match', missing: 0, extra: 0, wrong: 1 }]);
  await writer.store.sql.run('DELETE FROM known_issue_match');
  expect(await rebuild(writer, NOW)).toEqual([{ table: 'known_issue_match', missing: 1, extra: 0, wrong: 0 }]);
  expect(await readable(writer.store)).toEqual(tables);
});

test('an issue of a kind of board follows what that is called here, and what it is called no more', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  await addIssue(writer, { deviceType: 'qemu' });
  await addIssue(writer, { deviceType: 'virtual', ...LOG });
  const numbers = async () => {
    while (await explainStored(writer));
    expect(await rebuild(writer, NOW)).toEqual([]);
    const all = await matches(writer);
    return [1, 2].map((n) => all.filter(({ issue }) => issue === n).length);
  };
  const before = await numbers();
  const key = { kind: 'DEVICE_TYPE', source: '', name: 'qemu' } as const;
  await addAlias(writer.store, ROOT, { ...key, alias: 'virtual' }, NOW);
  expect(await numbers()).toEqual([0, 3]);
  await removeAlias(writer.store, ROOT, key, NOW);
  expect(await numbers()).toEqual(before);
  expect(before).toEqual([6, 0]);
});

test('a rule whose pattern is none any more is passed over and told once; what it explained stays until it is changed', async () => {
  const { store } = await temporaryWriter(['alpha', 'beta']);
  const old = createWriter(store, []);
  await addIssue(old, { errorPattern: 'timed out' });
  await addIssue(old, { errorPattern: 'power' });
  await addFailures(old);
  const before = await matches(old);
  await store.sql.run('UPDATE known_issue SET error_pattern = ?, done_to = 3 WHERE id = 1', 'timed (?=out)');

  const writer = createWriter(store, []);
  const told: string[] = [];
  const end = new AbortController();
  const log = pino({}, { write: (line) => told.push(line) });
  const explaining = keepExplaining({ writer, now: () => NOW, log, signal: end.signal });
  await soon(() => told.length).toBe(1);
  end.abort();
  await explaining;
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    level: 50,
    issue: 1,
    problem: expect.stringContaining('at character'),
  });
  expect(await explainStored(writer)).toBe(false);
  await addFailure(writer, 'alpha', 90, timedOut('rpi-1', 9), [], 1);
  await addFailure(writer, 'alpha', 91, noPower('pdu-9'), [], 1);
  const after = await matches(writer);
  expect(after.filter(({ issue }) => issue === 1)).toEqual(before.filter(({ issue }) => issue === 1));
  expect(after.map(({ issue, job }) => `${issue} ${job}`)).toContain('2 alpha/91');
  await store.sql.run('UPDATE known_issue SET done_to = NULL');
  expect(await rebuild(writer, NOW)).toEqual([]);
  expect(await matches(writer)).toEqual(after);

  await saveKnownIssue(store, TRIAGER, 1, issueOf({ errorPattern: 'timed  *out' }), NOW);
  while (await explainStored(writer));
  expect((await matches(writer)).map(({ issue, job }) => `${issue} ${job}`)).toContain('1 alpha/90');
});

test('a job that is written anew loses what no rule that can be run explains any more', async () => {
  const writer = await temporaryWriter();
  await addIssue(writer, { errorPattern: 'timed out' });
  await addFailure(writer, 'alpha', 1, timedOut('rpi-1', 9), []);
  await writer.store.sql.run("UPDATE known_issue SET error_pattern = '('");
  await addFailure(createWriter(writer.store, []), 'alpha', 1, timedOut('rpi-1', 8), []);
  expect(await matches(writer)).toEqual([]);
});

test('pages of matches keep their rows while jobs come, and in a store that numbers its jobs otherwise', async () => {
  const jobs = ['alpha/1', 'alpha/2', 'beta/1', 'beta/2', 'alpha/10', 'alpha/3', 'beta/9'];
  const storeOf = async (order: readonly string[]) => {
    const writer = await temporaryWriter(['beta', 'alpha']);
    for (const job of order) await fail(writer, job, NOW - Math.floor(jobs.indexOf(job) / 3) * DAY);
    await addIssue(writer, { errorPattern: 'timed out' });
    return writer;
  };
  const fail = (writer: Writer, job: string, endAt: number) => {
    const [slug = '', number] = job.split('/');
    return addFailure(writer, slug, Number(number), { ...timedOut('rpi-1', 9), endAt }, []);
  };
  const page = async ({ store }: Writer, asked: Partial<PageRequest>) => {
    const request = { limit: 2, after: null, before: null, backward: false, ...asked };
    const { rows, hasNext, hasPrevious } = await listMatches(store, { kind: 'everything' }, 1, request);
    return { rows, names: rows.map(({ job }) => `${job.slug}/${job.externalId}`), hasNext, hasPrevious };
  };
  const keyAt = (rows: readonly IssueMatch[], i: number) => {
    const row = rows.at(i);
    return row ? matchKey(row) : null;
  };
  const writer = await storeOf(jobs);
  const other = await storeOf(jobs.toReversed());
  const pages: Awaited<ReturnType<typeof page>>[] = [];
  for (let after: PageRequest['after'] = null; ; ) {
    const found = await page(writer, { after });
    pages.push(found);
    after = keyAt(found.rows, -1);
    expect((await page(other, { after })).names).toEqual((await page(writer, { after })).names);
    if (!found.hasNext) break;
  }
  expect(pages.map(({ names }) => names)).toEqual([
    ['alpha/1', 'alpha/2'],
    ['beta/1', 'alpha/10'],
    ['alpha/3', 'beta/2'],
    ['beta/9'],
  ]);
  for (const [job, at] of [
    ['alpha/90', NOW + DAY],
    ['alpha/11', NOW - DAY],
    ['beta/91', NOW - 9 * DAY],
  ] as const)
    await fail(writer, job, at);
  for (const [i, { rows, names }] of pages.entries()) {
    const [before, end] = [keyAt(pages[i + 1]?.rows ?? [], 0), keyAt(rows, 0)];
    if (before && i !== 1) expect((await page(writer, { before, backward: true })).names).toEqual(names);
    if (end && i > 0) expect((await page(writer, { before: end, backward: true })).hasNext).toBe(true);
    if (i === 0 || i === 3) continue;
    const after = keyAt(pages[i - 1]?.rows ?? [], -1);
    expect((await page(writer, { after })).names).toEqual(i === 1 ? ['beta/1', 'alpha/10'] : ['alpha/11', 'alpha/3']);
  }
});

test('a change is undone by its event, and the undoing, too; not after another change; only by who may triage', async () => {
  const { store } = await temporaryWriter();
  const first = await saveKnownIssue(store, TRIAGER, null, issueOf({ errorPattern: 'a' }), NOW);
  const second = await saveKnownIssue(store, TRIAGER, first.id, issueOf({ errorPattern: 'b' }), NOW);
  const pattern = async () =>
    (await store.sql.get<{ p: string }>('SELECT error_pattern AS p FROM known_issue WHERE id = ?', first.id))?.p;
  await expect(undoKnownIssue(store, TRIAGER, first.eventId, NOW)).rejects.toThrow(/changed since/);
  const undone = await undoKnownIssue(store, TRIAGER, second.eventId, NOW);
  expect(await pattern()).toBe('a');
  await undoKnownIssue(store, TRIAGER, undone.eventId, NOW);
  expect(await pattern()).toBe('b');
  const third = await saveKnownIssue(store, TRIAGER, null, issueOf({ errorPattern: 'c' }), NOW);
  const gone = await undoKnownIssue(store, TRIAGER, third.eventId, NOW);
  expect((await saveKnownIssue(store, TRIAGER, null, issueOf({ errorPattern: 'd' }), NOW)).id).toBe(third.id + 1);
  expect((await undoKnownIssue(store, TRIAGER, gone.eventId, NOW)).id).toBe(third.id);
  await expect(saveKnownIssue(store, { kind: 'anonymous' }, null, issueOf({}), NOW)).rejects.toThrow(/may triage/);
});
