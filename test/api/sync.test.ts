/** How the copy of a source does, to each what concerns the jobs he sees. */
import { expect, test } from 'vitest';
import type { AuditDays } from '#store/audit-memory.ts';
import { addAsked } from '#store/request-slot.ts';
import { saveAudit } from '#store/write-audit.ts';
import { endRun, getSyncState, quarantine, saveProbe, saveSources, startRun } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const HOUR = 3_600_000_000;
const ADMIN = { token: 'root-token' };

async function world(sources = ['lab']) {
  const server = await startServer({ sources: sources.map((slug) => settings(slug)), access });
  const id = (await getSyncState(server.writer, 'lab'))?.id ?? 0;
  return { server, id, now: Date.now() * 1000 };
}

type Run = {
  at: number;
  jobs?: number;
  publicJobs?: number;
  rejected?: number;
  error?: string;
  trigger?: string;
  slowdown?: number;
};

async function run(
  server: Server,
  id: number,
  { at, jobs = 0, publicJobs = 0, rejected = 0, error, trigger, slowdown: given }: Run,
) {
  const slowdown = given ?? null;
  const runId = await startRun(server.writer, id, trigger ?? 'SCHEDULE', at);
  await endRun(
    server.writer,
    id,
    runId,
    {
      ...{
        requests: 3,
        bytes: 100,
        jobsRead: jobs,
        jobsWritten: jobs,
        publicRead: publicJobs,
        publicWritten: publicJobs,
      },
      ...{ rejected, isWhole: true, upTo: at + 1_000_000, usage: { usedLastMinute: 3, p95Ms: 1, slowdown } },
      state: error ? 'failed' : 'succeeded',
      error: error ? { code: 'SERVER_ERROR', message: error } : null,
    },
    at + 1_000_000,
  );
}

const EVERYONE = [{}, { token: 'ann-token' }, ADMIN];

test('runs are filtered by what is worth a look, to each by what he is told of them', async () => {
  const { server, id, now } = await world();
  await run(server, id, { at: now - 5 * HOUR, jobs: 2, publicJobs: 1 });
  await run(server, id, { at: now - 4 * HOUR });
  await run(server, id, { at: now - 3 * HOUR, jobs: 1 });
  await run(server, id, { at: now - 2 * HOUR, error: 'lab: job 4711 is odd' });
  await run(server, id, { at: now - HOUR, rejected: 1, trigger: 'RECONCILE' });
  const ask = async (filter: string, who: object) => {
    const { source } = await server.data<{ source: { syncRuns: { nodes: { startedAt: string }[] } } }>(
      `{ source(slug: "lab") { syncRuns(filter: { ${filter} }) { nodes { startedAt } } } }`,
      who,
    );
    return source.syncRuns.nodes.map(({ startedAt }) => Math.round((now - Date.parse(startedAt) * 1000) / HOUR));
  };
  expect(await ask('isNotable: true', ADMIN)).toEqual([1, 2, 3, 5]);
  for (const who of EVERYONE.slice(0, 2)) expect(await ask('isNotable: true', who)).toEqual([2, 5]);
  expect(await ask('triggers: [RECONCILE]', {})).toEqual([1]);
  expect(await ask('states: ["failed"]', {})).toEqual([2]);
  expect(await ask(`since: "${new Date(now / 1000 - 3.5 * 3_600_000).toISOString()}"`, {})).toEqual([1, 2, 3]);
  const { body } = await server.ask(
    '{ source(slug: "lab") { syncRuns(filter: { states: ["odd"] }) { nodes { id } } } }',
  );
  expect(body.errors?.[0]?.message).toBe('"odd" is no state of a run: running, succeeded, failed, aborted.');
});

test('a timeline has 48 slots that add up, and tells visitors neither requests nor numbers of jobs', async () => {
  const { server, id, now } = await world();
  await run(server, id, { at: now - 30 * HOUR, jobs: 9, publicJobs: 9 });
  await run(server, id, { at: now - 5 * HOUR, jobs: 2, publicJobs: 1, trigger: 'BACKFILL' });
  await run(server, id, { at: now - 5 * HOUR + 1, error: 'lab: job 4711 is odd' });
  await run(server, id, { at: now, trigger: 'RECONCILE' });
  type Slot = { since: string; until: string } & Record<string, number | string | null>;
  const ask = async (hours: number, who: object) =>
    (
      await server.data<{ source: { syncTimeline: Slot[] } }>(
        `{ source(slug: "lab") { syncTimeline(hours: ${hours}) { since until syncs audits backfills failed jobsWritten requests bytes error } } }`,
        who,
      )
    ).source.syncTimeline;
  const sum = (slots: Slot[], name: string) => slots.reduce((all, slot) => all + Number(slot[name]), 0);
  const slots = await ask(24, ADMIN);
  expect(slots).toHaveLength(48);
  expect(slots.every(({ since, until }, i) => since < until && (i === 0 || since === slots[i - 1]?.until))).toBe(true);
  expect(['syncs', 'audits', 'backfills', 'failed', 'jobsWritten', 'requests'].map((name) => sum(slots, name))).toEqual(
    [2, 1, 1, 1, 2, 9],
  );
  expect(slots.find(({ failed }) => failed)?.error).toBe('lab: job 4711 is odd');
  expect(slots.at(-1)).toMatchObject({ audits: 1, syncs: 0 });
  expect(sum(await ask(168, ADMIN), 'jobsWritten')).toBe(11);
  const seen = await ask(24, {});
  expect([sum(seen, 'jobsWritten'), ...new Set(seen.map(({ requests }) => requests))]).toEqual([1, null]);
  expect(seen.find(({ failed }) => failed)?.error).toBe('lab: job … is odd');
  for (const hours of [0, 169]) {
    const { body } = await server.ask(`{ source(slug: "lab") { syncTimeline(hours: ${hours}) { syncs } } }`);
    expect(body.errors?.[0]?.message).toBe(`"hours" is ${hours}: ask for 1 to 168.`);
  }
});

const DAY = { sourceCount: 3, storeCount: 3 };
const AUDIT = {
  sourceCount: 6,
  storeCount: 6,
  missing: [],
  changed: [],
  goneAtSource: 0,
  repaired: 0,
  sampled: 0,
  altered: 0,
  deleted: 0,
  alarm: null,
};

/** 3 jobs a day for `n` days, one of each private. */
const daysOf = (n: number, now: number): AuditDays =>
  Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      [`${20_000 + i} 1`, { ...DAY, sourceCount: 2, storeCount: 2, checkedAt: now }] as const,
      [`${20_000 + i} 0`, { storeCount: 1, gone: 1, hidden: 1, checkedAt: now }] as const,
    ]).flat(),
  );

test('days of an audit are walked page by page, and a visitor’s are of public jobs', async () => {
  const { server, id, now } = await world();
  await server.writer.transaction(() =>
    saveAudit(server.writer, id, { ...AUDIT, publicView: AUDIT }, daysOf(7, now), now),
  );
  type Days = {
    source: {
      auditDays: {
        nodes: { date: string; storeCount: number; goneAtSource: number; hidden: number }[];
        pageInfo: { endCursor: string | null; hasNextPage: boolean };
        totalCount: number;
        oddCount: number;
        firstDate: string;
      };
    };
  };
  const query = `query ($first: Int, $after: String, $isOdd: Boolean) { source(slug: "lab") { auditDays(first: $first, after: $after, filter: { isOdd: $isOdd }) {
    nodes { date storeCount goneAtSource hidden } pageInfo { endCursor hasNextPage } totalCount oddCount firstDate coverage { complete } } } }`;
  const ask = async (variables: object, who: object) =>
    (await server.data<Days>(query, { ...who, variables })).source.auditDays;
  const dates: string[] = [];
  for (let after: string | null = null, goesOn = true; goesOn; ) {
    const page: Days['source']['auditDays'] = await ask({ first: 3, after }, ADMIN);
    dates.push(...page.nodes.map(({ date }) => date));
    after = page.pageInfo.endCursor;
    goesOn = page.pageInfo.hasNextPage;
  }
  expect(dates).toEqual(
    Array.from({ length: 7 }, (_, i) => new Date((20_006 - i) * 86_400_000).toISOString().slice(0, 10)),
  );
  const before = server.store.statementCount();
  const first = await ask({ first: 1 }, ADMIN);
  expect(server.store.statementCount() - before).toBeLessThanOrEqual(10);
  expect(first).toMatchObject({
    nodes: [{ storeCount: 3, goneAtSource: 1, hidden: 1 }],
    ...{ totalCount: 7, oddCount: 7, firstDate: '2024-10-04' },
  });
  for (const who of EVERYONE.slice(0, 2)) {
    expect(await ask({ first: 1 }, who)).toMatchObject({
      nodes: [{ storeCount: 2, goneAtSource: 0, hidden: 0 }],
      ...{ totalCount: 7, oddCount: 0 },
    });
    expect((await ask({ isOdd: true }, who)).nodes).toEqual([]);
  }
});

test('labs with audits and what they were asked cost as many queries as one lab', async () => {
  const query =
    '{ sources { nodes { slug reconciliation { sourceCount } budget { maxPerMinute asked(hours: 1) { total { requests } } day: asked { total { requests } } } } } }';
  const count = async (sources: string[]) => {
    const { server } = await world(sources);
    const before = server.store.statementCount();
    await server.data(query, ADMIN);
    return server.store.statementCount() - before;
  };
  expect(await count(['lab', 'b', 'c', 'd'])).toBe(await count(['lab']));
});

test('what was asked and spared is for those alone who see every job', async () => {
  const { server, id, now } = await world();
  await addJob(server, 'lab', 1);
  const asked = { kind: 'LOG' as const, requests: 2, failed: 1, bytes: 50, durationsMs: [100, 300] };
  await server.writer.transaction(() => addAsked(server.writer, id, [asked], now));
  await server.writer.transaction(() => addAsked(server.writer, id, [asked], now - 3 * HOUR));
  const query = `{ source(slug: "lab") { budget { asked(hours: 1) { since total { kind requests failed bytes waitedMs } kinds { kind requests } }
    day: asked { total { requests p50Ms p95Ms } } spared { jobAnswers } } } }`;
  const opened = '{ job(source: "lab", externalId: "1") { id } absent: job(source: "lab", externalId: "2") { id } }';
  await server.data(opened);
  await server.data(opened);
  const { source } = await server.data<{ source: { budget: Record<string, object> } }>(query, ADMIN);
  expect(source.budget).toMatchObject({
    asked: { total: { kind: null, requests: 2, failed: 1, bytes: 50, waitedMs: 400 } },
    day: { total: { requests: 4 } },
    spared: { jobAnswers: 2 },
  });
  for (const who of EVERYONE.slice(0, 2))
    expect(await server.data(query, who)).toEqual({ source: { budget: { asked: null, day: null, spared: null } } });
});

test('abilities say since when, and who asks is nobody else’s business', async () => {
  const { server, id } = await world();
  const probe = {
    version: '2026.07',
    whoAmI: 'reader',
    clockOffsetMs: 0,
    warnings: ['a superuser'],
    jobCount: null,
    marks: [],
  };
  const save = (capabilities: string[], at: number) =>
    server.writer.transaction(() => saveProbe(server.writer, id, { ...probe, capabilities }, at * 1_000_000));
  await save(['rest-v0.2', 'events'], 1);
  await save(['rest-v0.2'], 2);
  await save(['rest-v0.2', 'events', 'results-table'], 3);
  const query =
    '{ source(slug: "lab") { probedAt whoAmI warnings historyLeft isConfigured abilities { name since } } }';
  const second = (n: number) => `1970-01-01T00:00:0${n}Z`;
  const told = {
    probedAt: second(3),
    isConfigured: true,
    abilities: [
      { name: 'rest-v0.2', since: second(1) },
      { name: 'events', since: second(3) },
      { name: 'results-table', since: second(3) },
    ],
  };
  expect(await server.data(query, ADMIN)).toEqual({
    source: { ...told, whoAmI: 'reader', warnings: ['a superuser'], historyLeft: 0 },
  });
  expect(await server.data(query)).toEqual({ source: { ...told, whoAmI: null, warnings: null, historyLeft: null } });
});

const LETTERS = `query ($first: Int, $after: String, $last: Int, $before: String) { source(slug: "lab") { deadLetterCount deadLetterStages { stage count }
  deadLetters(first: $first, after: $after, last: $last, before: $before) { totalCount coverage { complete } pageInfo { endCursor hasNextPage }
    nodes { id number stage externalId isJobStored path reason at lastAt attempts bytes raw(size: 20) { from bytes text } source { slug } } } } }`;
type Letters = {
  source: {
    deadLetters: {
      totalCount: number;
      pageInfo: { endCursor: string | null; hasNextPage: boolean };
      nodes: { id: string; externalId: string; raw: { text: string } }[];
    };
  };
};

const letter = (externalId: string, raw = '{}', stage: 'job' | 'device' = 'job') => ({
  ...{ stage, externalId, path: 'jobs/', reason: `record ${externalId} is odd`, raw },
});

test('records in quarantine are told to those alone who see every job; for others there is no trace of them', async () => {
  const [{ server, id, now }, without] = [await world(), await world()];
  for (const one of [server, without.server]) await addJob(one, 'lab', 1);
  const quarantineAt = (rejected: ReturnType<typeof letter>[], at: number) =>
    server.writer.transaction(() => quarantine(server.writer, id, rejected, at));
  const odd = letter('1', '<script>alert(1)</script>\u001b[31m\u202e');
  await quarantineAt([odd, letter('99'), letter('board', '{}', 'device')], now);
  await quarantineAt([odd], now + HOUR);
  for (const who of EVERYONE.slice(0, 2)) {
    const [a, b] = [await server.ask(LETTERS, who), await without.server.ask(LETTERS, who)];
    expect(JSON.stringify(a)).toBe(JSON.stringify(b).replaceAll('"complete":true', '"complete":false'));
    expect(a.body.data).toEqual({ source: { deadLetterCount: null, deadLetterStages: null, deadLetters: null } });
  }
  const seen = await server.data<Letters>(LETTERS, ADMIN);
  expect(seen).toMatchObject({
    source: {
      deadLetterCount: 3,
      deadLetterStages: [
        { stage: 'job', count: 2 },
        { stage: 'device', count: 1 },
      ],
    },
  });
  const { nodes } = seen.source.deadLetters;
  expect(nodes).toMatchObject([
    { externalId: 'board', isJobStored: false, attempts: 1 },
    { externalId: '99', isJobStored: false },
    {
      externalId: '1',
      isJobStored: true,
      attempts: 2,
      bytes: 33,
      raw: { from: 0, bytes: 20, text: '<script>alert(1)</sc' },
    },
  ]);
  const ids = nodes.map((node) => node.id);
  const byId = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on DeadLetter { number raw(from: 25, size: 100) { text } } } }`;
  const found = await server.data<{ nodes: ({ raw: { text: string } } | null)[] }>(byId, {
    ...ADMIN,
    variables: { ids },
  });
  expect(found.nodes[2]?.raw.text).toBe('\\x1b[31m\\xe2\\x80\\xae');
  expect(await server.data(byId, { variables: { ids } })).toEqual({ nodes: [null, null, null] });
});

test('thousands of records are walked without one lost or doubled, in as many queries a page', async () => {
  const { server, id, now } = await world();
  const numbers = Array.from({ length: 2_500 }, (_, i) => String(i + 1));
  await server.writer.transaction(() =>
    quarantine(
      server.writer,
      id,
      numbers.map((n) => letter(n, `{"id":${n}}`)),
      now,
    ),
  );
  const seen: string[] = [];
  const statements = new Set<number>();
  for (let after: string | null = null, goesOn = true; goesOn; ) {
    const before = server.store.statementCount();
    const answer: Letters = await server.data<Letters>(LETTERS, { ...ADMIN, variables: { first: 200, after } });
    statements.add(server.store.statementCount() - before);
    const { nodes, pageInfo, totalCount }: Letters['source']['deadLetters'] = answer.source.deadLetters;
    expect(totalCount).toBe(2_500);
    expect(nodes.every(({ externalId, raw }) => raw.text === `{"id":${externalId}}`)).toBe(true);
    seen.push(...nodes.map((node) => node.externalId));
    after = pageInfo.endCursor;
    goesOn = pageInfo.hasNextPage;
  }
  expect(seen).toEqual(numbers.toReversed());
  expect([...statements]).toHaveLength(1);
});

test.each([
  ['from: -1', '"from" is -1: bytes are counted from 0.'],
  ['size: 0', '"size" is 0: ask for 1 to 16384 bytes.'],
  ['size: 16385', '"size" is 16385: ask for 1 to 16384 bytes.'],
])('a stretch of %s is refused in words', async (args, message) => {
  const { server, id, now } = await world();
  await server.writer.transaction(() => quarantine(server.writer, id, [letter('1')], now));
  const { body } = await server.ask(
    `{ source(slug: "lab") { deadLetters { nodes { raw(${args}) { text } } } } }`,
    ADMIN,
  );
  expect(body.errors?.[0]?.message).toBe(message);
});

test('that a source is slow is told to everybody, while it is and is read', async () => {
  const { server, id, now } = await world();
  const told = async () =>
    Promise.all(
      EVERYONE.map(
        async (who) =>
          (
            await server.data<{ source: { budget: { slowdown: number | null } } }>(
              '{ source(slug: "lab") { budget { slowdown } } }',
              who,
            )
          ).source.budget.slowdown,
      ),
    );
  await run(server, id, { at: now - HOUR, slowdown: 3.4 });
  expect(await told()).toEqual([3.4, 3.4, 3.4]);
  await saveSources(server.writer, [settings('lab', { paused: true })]);
  expect(await told()).toEqual([null, null, null]);
  await saveSources(server.writer, [settings('lab')]);
  await run(server, id, { at: now });
  expect(await told()).toEqual([null, null, null]);
});
