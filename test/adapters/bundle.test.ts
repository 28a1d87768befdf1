/** Several jobs in one request: the same jobs, for less. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delta } from '#adapters/adapter.ts';
import { collect, context } from '../contract/adapter.ts';
import { addJob, send, testCase, type Wire } from './fake-master.ts';
import { giveTables } from './fake-rpc.ts';
import { changeOf, lavaWorld, settledOf } from './lava-world.ts';

const lava = lavaWorld({ settleSeconds: 10 });
const endedAgo = (seconds: number) => ({ end_time: new Date(Date.now() - seconds * 1000).toISOString() });
const line = (n: number) => `- {"dt": "2026-05-01T00:00:00", "lvl": "info", "msg": "\u00e9 ${n}"}\n`;
const log = (lines: number) => Array.from({ length: lines }, (_, n) => line(n)).join('');

/** A job whose suites all have a case, as those of a master have. */
function addWhole(id: number, more: Wire = {}) {
  const job = addJob(lava().master, id, more);
  job.tests.unshift(testCase(id * 1000 - 1, id * 10 - 1, 'job'));
  return job;
}

/** What was asked since, by what for. */
function counter() {
  const { master } = lava();
  let from = master.asked.length;
  return () => {
    const counts: Record<string, number> = {};
    for (const { path } of master.asked.slice(from)) {
      const kind = path === '/RPC2' ? 'calls' : (/jobs\/\d+\/(\w+)/.exec(path)?.[1] ?? 'lists');
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    from = master.asked.length;
    return counts;
  };
}

const said = (deltas: readonly Delta[]) =>
  deltas
    .flatMap(({ changes }) => changes)
    .map(({ job, results, settled }) => [
      job,
      settled,
      results?.suites,
      Buffer.concat([...(results?.log?.bytes ?? [])]).toString(),
    ])
    .sort();

/** Everything, read one by one; then with the ways compared. */
async function bothWays() {
  const { master, walk, adapter } = lava();
  for (let id = 1; id <= 5; id++) addWhole(id);
  master.rpc = null;
  const alone = await walk();
  master.rpc = giveTables();
  await adapter.probe(context());
  await adapter.snapshot(context());
  return alone;
}

test('a hundred jobs cost a tenth of the requests, and are the same to the letter', async () => {
  const { walk } = lava();
  for (let id = 6; id <= 100; id++) addWhole(id, id % 9 === 0 ? { health: 'Incomplete' } : {}).log = log(id);
  const alone = await bothWays();
  const asked = counter();
  expect(said(await walk())).toEqual(said(alone));
  const { calls = 0, logs, suites, lists } = asked();
  expect(calls).toBeLessThanOrEqual(12);
  // One log is read both ways; a table of a job that broke off does not tell all suites.
  expect({ logs, suites, lists }).toEqual({ logs: 1, suites: 11, lists: 4 });
});

test('a log that is not short comes alone, and whole', async () => {
  const { master, walk } = lava();
  for (const [id, lines] of [
    [6, 12_000],
    [7, 5_000],
    [8, 4_999],
  ] as const)
    addWhole(id).log = log(lines);
  const alone = await bothWays();
  master.asked.length = 0;
  expect(said(await walk())).toEqual(said(alone));
  expect(master.asked.filter(({ path }) => /\/[678]\/logs/.test(path)).map(({ path }) => path)).toEqual(
    [6, 7].map((id) => `/api/v0.2/jobs/${id}/logs/`),
  );
});

/** As a master whose index has entries twice, or that counts records which are several lines. */
function answerLogs(change: (lines: string[], from: number, to: number) => string[]) {
  const { master } = lava();
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    const [, from = 0, to = 0] = [...(/logs.*?<data>(.*?)<\/data>/.exec(body)?.[1] ?? '').matchAll(/\d+/g)].map(Number);
    const jobs = new Map(
      [...world.jobs].map(([id, job]) => [
        id,
        { ...job, log: change((job.log ?? '').toString().match(/.*\n/g) ?? [], from, to).join('') },
      ]),
    );
    give({ ...world, jobs }, body, authorization, response);
  };
}

test.each<[string, (lines: string[], from: number, to: number) => string[]]>([
  ['an index with an entry twice', (lines, _, to) => lines.slice(0, to - 1)],
  ['a backend that counts records of three lines', (lines, _, to) => lines.slice(0, 3 * to)],
])('a long log of %s is whole', async (_, change) => {
  const { walk } = lava();
  addWhole(6).log = log(3);
  addWhole(7).log = log(6_500);
  addWhole(8).log = log(20_000);
  const alone = await bothWays();
  answerLogs(change);
  expect(said(await walk())).toEqual(said(alone));
});

test('a log of which the cases name later lines comes alone', async () => {
  const { walk, testsOf } = lava();
  for (const id of [6, 7]) addWhole(id).log = log(50);
  Object.assign(testsOf(7)[1] ?? {}, { end_log_line: 49 });
  const alone = await bothWays();
  answerLogs((lines) => lines.slice(0, 40));
  expect(changeOf(await walk(), '7')).toEqual(changeOf(alone, '7'));
});

test('a log that was cut in company, of a job that has just ended, is found to be by the second look', async () => {
  const { walk, testsOf } = lava();
  addWhole(6).log = log(50);
  addWhole(7, endedAgo(2)).log = log(50);
  Object.assign(testsOf(7)[1] ?? {}, { end_log_line: 49 });
  const alone = await bothWays();
  answerLogs((lines, from) => (from === 0 && lines.length === 50 ? lines.slice(0, 40) : lines));
  const first = await walk();
  const later = await walk(first.at(-1)?.bookmark, 15);
  const text = (deltas: readonly Delta[]) =>
    Buffer.concat([...(changeOf(deltas, '7')?.results?.log?.bytes ?? [])]).toString();
  expect(text(later) || text(first)).toBe(text(alone));
});

test('logs that are not the same in company are read by themselves', async () => {
  const { master, walk } = lava();
  const alone = await bothWays();
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    const jobs = new Map([...world.jobs].map(([id, job]) => [id, { ...job, log: `${job.log}x` }]));
    give({ ...world, jobs }, body, authorization, response);
  };
  const asked = counter();
  expect(said(await walk())).toEqual(said(alone));
  expect(asked().logs).toBe(5);
});

test('of a job without a log, and of one that the calls do not give, only these are asked by themselves', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 12; id++) addWhole(id).log = id === 9 ? null : log(3);
  const alone = await bothWays();
  master.rpc = giveTables(undefined, { refused: new Set([11]) });
  const asked = counter();
  expect(said(await walk())).toEqual(said(alone));
  // The first is the one that is compared.
  expect(asked()).toMatchObject({ logs: 3, tests: 1, suites: 1 });
});

test('a log that comes packed by itself is read in company', async () => {
  const { master, walk } = lava();
  const alone = await bothWays();
  master.fault = ({ path }, response) =>
    path.endsWith('/logs/') &&
    send(response, 200, Buffer.from('\xfd7zXZ\0rest', 'latin1'), { 'content-type': 'text/x' });
  expect(said(await walk())).toEqual(said(alone));
});

test('logs that cannot be had by themselves cost no job', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 30; id++) addWhole(id);
  const alone = await bothWays();
  master.fault = ({ path }, response) => path.endsWith('/logs/') && send(response, 500, 'no');
  expect(said(await walk())).toEqual(said(alone));
});

test('what is refused in company for no good reason is asked for alone', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 30; id++) addWhole(id);
  const alone = await bothWays();
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    if (!body.includes('multicall')) return give(world, body, authorization, response);
    give(world, body, 'Basic nobody', response);
  };
  const asked = counter();
  expect(said(await walk())).toEqual(said(alone));
  expect(asked()).toMatchObject({ logs: 30 });
});

test('a request for several is asked once, and for fewer when it fails', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 40; id++) addWhole(id);
  await bothWays();
  const sizes: number[] = [];
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    const calls = body.match(/get_testjob_results_csv/g)?.length ?? 0;
    if (!body.includes('multicall')) return give(world, body, authorization, response);
    sizes.push(calls);
    send(response, 503, 'busy');
  };
  await walk();
  expect(sizes).toEqual([4, 2, 1]);
});

test('a request for several that fails costs no job', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 30; id++) addWhole(id);
  const alone = await bothWays();
  let calls = 0;
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    if (!body.includes('multicall')) return give(world, body, authorization, response);
    calls += 1;
    if (calls % 2 === 0) send(response, 500, 'no');
    else give({ ...world, jobs: world.jobs }, body, authorization, response);
  };
  expect(said(await walk())).toEqual(said(alone));
});

test('an answer that breaks off, lies too deep or is one too few is not used', async () => {
  const { master, walk } = lava();
  const alone = await bothWays();
  const deep = '<value><array><data>'.repeat(50_000);
  const bodies = [
    `<?xml version='1.0'?><methodResponse><params><param>${deep}`,
    "<?xml version='1.0'?><methodResponse><params><param><value><array><data></data></array></value></param></params></methodResponse>",
    "<?xml version='1.0'?><methodResponse><params><param><value><struct><member><name>__proto__</name><value><int>1</int></value></member></struct></value></param></params></methodResponse>",
  ];
  const give = giveTables();
  master.rpc = (world, body, authorization, response) => {
    if (!body.includes('multicall')) return give(world, body, authorization, response);
    send(response, 200, bodies.pop() ?? '', { 'content-type': 'text/xml' });
  };
  expect(said(await walk())).toEqual(said(alone));
});

test('a job that stood still costs its share of two requests, and counts as final', async () => {
  const { walk } = lava();
  for (let id = 6; id <= 15; id++) addWhole(id, endedAgo(2)).log = log(5);
  await bothWays();
  await walk();
  const first = await walk();
  expect(first.flatMap(({ changes }) => changes).filter(({ settled }) => !settled)).toHaveLength(10);
  const asked = counter();
  const later = await walk(first.at(-1)?.bookmark, 15);
  expect(later.flatMap(({ changes }) => changes)).toEqual([]);
  expect(settledOf(later)).toEqual(['6', '7', '8', '9', '10', '11', '12', '13', '14', '15']);
  // What is new, the ten by their numbers.
  expect(asked()).toEqual({ lists: 2, calls: 1 });
  const last = later.at(-1)?.bookmark;
  expect(await walk(last, 60)).toEqual([]);
});

test.each<[string, (id: number) => void]>([
  [
    'a result',
    (id) =>
      lava()
        .testsOf(id)
        .push(testCase(id * 1000 + 900, id * 10, 'late')),
  ],
  ['a line of the log', (id) => Object.assign(lava().master.jobs.get(id) ?? {}, { log: log(6) })],
  ['a comment', (id) => Object.assign(lava().rowOf(id), { failure_comment: 'it was the cable' })],
  ['a name', (id) => Object.assign(lava().testsOf(id)[0] ?? {}, { name: 'renamed' })],
])('%s that comes after the end is found, and the job looked at once more', async (_, change) => {
  const { walk } = lava();
  for (let id = 6; id <= 8; id++) addWhole(id, endedAgo(2)).log = log(5);
  await bothWays();
  const first = await walk();
  change(7);
  const later = await walk(first.at(-1)?.bookmark, 15);
  expect(settledOf(later)).toEqual(['6', '8']);
  expect(changeOf(later, '7')).toMatchObject({ settled: false });
  expect(changeOf(later, '7')).not.toEqual(changeOf(first, '7'));
  const last = await walk(later.at(-1)?.bookmark, 60);
  expect([settledOf(last), last.flatMap(({ changes }) => changes)]).toEqual([['7'], []]);
});

test('a job is as old as it was when it was asked for, however long those before it take', async () => {
  const { master, adapter } = lava();
  for (const id of [6, 7]) addWhole(id, endedAgo(2)).log = log(5);
  await bothWays();
  let seconds = 0;
  const later = { ...context(), now: () => (Date.now() + seconds * 1000) * 1000 };
  const settled: boolean[] = [];
  for await (const { changes } of adapter.changes(null, later))
    for (const change of changes) {
      if (change.job.externalId === '6') {
        master.jobs.get(7)?.tests.push(testCase(7_900, 70, 'late'));
        seconds = 15;
      }
      if (Number(change.job.externalId) > 5) settled.push(change.settled);
    }
  expect(settled).toEqual([false, false]);
});

test('jobs that stood still keep those that cannot be read from counting as a master that is ill', async () => {
  const { master, walk } = lava();
  for (let id = 6; id <= 14; id++) addWhole(id, endedAgo(2)).log = log(5);
  await bothWays();
  const first = await walk();
  for (const id of [6, 8, 10, 12])
    lava()
      .testsOf(id)
      .push(testCase(id * 1000 + 900, id * 10, 'late'));
  master.fault = ({ path }, response) => /\/(6|8|10|12)\/(suites|tests)\//.test(path) && send(response, 500, 'no');
  master.rpc = giveTables((csv) => (/^"(6|8|10|12)"/m.test(csv) ? 'broken' : csv));
  const later: Delta[] = [];
  await expect(
    collect(lava().adapter.changes(first.at(-1)?.bookmark ?? null, context(undefined, 15)), later),
  ).rejects.toThrow('HTTP 500');
  expect(settledOf(later)).toEqual(['7', '9', '11', '13', '14']);
});

test('a job that ended lately is looked at twice before it is final, one that ended long ago once', async () => {
  const { walk } = lava();
  addWhole(6, endedAgo(60));
  addWhole(7, endedAgo(3_600));
  await bothWays();
  const first = await walk();
  expect([changeOf(first, '6')?.settled, changeOf(first, '7')?.settled]).toEqual([false, true]);
  expect(settledOf(await walk(first.at(-1)?.bookmark, 30))).toEqual(['6']);
});

test('a job that is read alone, lately after its end, is final when it stands still meanwhile', async () => {
  const { master, adapter } = lava();
  for (const id of [6, 7]) addWhole(id, endedAgo(60)).log = log(5);
  addWhole(8, endedAgo(2));
  await bothWays();
  expect((await adapter.job('6', context()))?.change.settled).toBe(true);
  expect((await adapter.job('8', context()))?.change.settled).toBe(false);
  master.fault = ({ path }) => {
    if (path.endsWith('/jobs/7/logs/'))
      lava()
        .testsOf(7)
        .push(testCase(7_900, 70, 'late'));
    return undefined;
  };
  expect((await adapter.job('7', context()))?.change.settled).toBe(false);
});

test('without a table, a job that stood still is found to by its counts and the end of its log', async () => {
  const { walk } = lava();
  addWhole(6, endedAgo(2)).log = log(5);
  const first = await walk();
  const asked = counter();
  const later = await walk(first.at(-1)?.bookmark, 15);
  expect(settledOf(later)).toEqual(['6']);
  expect(asked()).toEqual({ lists: 2, tests: 1, suites: 1, logs: 1 });
});

test('no order of late results, looks and lost answers makes a job final before it is whole', async () => {
  const steps = fc.array(fc.record({ late: fc.boolean(), table: fc.boolean(), fails: fc.boolean() }), { maxLength: 6 });
  const { master, walk, adapter } = lava();
  await bothWays();
  let id = 5;
  await fc.assert(
    fc.asyncProperty(steps, async (found) => {
      id += 1;
      const job = addWhole(id, endedAgo(2));
      let [bookmark, isFinal, stored] = ['', false, 0];
      let at = 0;
      const look = async () => {
        for (const delta of await walk(bookmark || null, at)) {
          bookmark = delta.bookmark;
          const change = delta.changes.find((one) => one.job.externalId === String(id));
          if (change) stored = change.results?.suites.flatMap(({ cases }) => [...cases]).length ?? 0;
          isFinal ||= change?.settled === true || delta.settled?.includes(String(id)) === true;
        }
      };
      for (const { late, table, fails } of [...found, ...Array(4).fill({ late: false, table: true, fails: false })]) {
        if (late && !isFinal) job.tests.push(testCase(id * 1000 + 500 + job.tests.length, id * 10, 'late'));
        master.rpc = table ? giveTables() : null;
        let left = fails ? 2 : 0;
        master.fault = ({ path }, response) =>
          (path === '/RPC2' || path.includes(`/${id}/`)) && left-- > 0 && send(response, 500, 'no');
        await look();
        at += 40 * (1 + at / 30);
      }
      expect([isFinal, stored]).toEqual([true, job.tests.length]);
      master.fault = null;
      master.jobs.delete(id);
      await adapter.probe(context());
    }),
    { numRuns: 40 },
  );
});
