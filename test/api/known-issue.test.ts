/** Known issues over the API: tried, saved, undone, found on jobs, tests, groups; who sees which. */
import { expect, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { addFailure, addFailures, DAY, NOW, timedOut } from '../store/failing-world.ts';
import { addIssue } from '../store/known-issues.ts';
import { settings } from '../store/settings.ts';
import { addBuildJob } from './build-world.ts';
import { type Server, startServer } from './server.ts';

const TESS = 't'.repeat(32);
const VERA = 'v'.repeat(32);
const KEN = 'k'.repeat(32);
const person = (login: string, token: string, role: 'viewer' | 'triage', teams: string[] = []) => ({
  ...{ login, token, role, teams },
});

async function world(): Promise<Server> {
  const access = [person('tess', TESS, 'triage'), person('vera', VERA, 'viewer'), person('ken', KEN, 'triage', ['x'])];
  const server = await startServer({
    sources: ['alpha', 'beta', settings('closed', { visibility: 'RESTRICTED', teams: ['x'] })],
    access,
  });
  await addFailures(server.writer);
  return server;
}

const ISSUE = `number title url state active matchesLast30Days matchCount matches(first: 50) { nodes { cases line job { externalId source { slug } } } }
  changes { event actor action } enteredBy`;
const SAVE = `mutation ($input: SaveKnownIssueInput!) { saveKnownIssue(input: $input) { event issue { ${ISSUE} } userErrors { code field message } } }`;
const LIST = `query ($state: [KnownIssueState!]) { knownIssues(state: $state) { totalCount nodes { ${ISSUE} } } }`;

type Issue = {
  number: number;
  title: string;
  state: string;
  matchesLast30Days: number;
  matchCount: number;
  matches: { nodes: unknown[] };
  changes: unknown[];
};
type Payload = { event: string; issue: Issue | null; userErrors: { code: string; field: string; message: string }[] };
type List = { knownIssues: { totalCount: number; nodes: Issue[] } };

const save = async (server: Server, input: object, token: string | undefined = TESS) =>
  (await server.data<{ saveKnownIssue: Payload }>(SAVE, { variables: { input }, token })).saveKnownIssue;
const list = async (server: Server, token?: string, state?: string[]) =>
  (await server.data<List>(LIST, { variables: { state }, token })).knownIssues;

test('what is wrong with an issue is said by field, with the place in the pattern, and who may save one', async () => {
  const server = await world();
  const refusals = async (input: object, token?: string) =>
    (await save(server, { title: 'x', ...input }, token)).userErrors.map(({ code, field }) => [code, field]);
  const pattern = await save(server, { title: 'x', rule: { logPattern: 'usb (?=hub)' } });
  expect(pattern.userErrors).toMatchObject([{ code: 'INVALID', field: 'logPattern' }]);
  expect(pattern.userErrors[0]?.message).toContain('at character 5 ("(?=")');
  expect(await refusals({ rule: {} })).toEqual([['INVALID', 'errorPattern']]);
  expect(await refusals({ title: ' ', url: 'javascript:alert(1)', rule: { suite: 'x' } })).toEqual([
    ['INVALID', 'title'],
    ['INVALID', 'url'],
  ]);
  for (const source of ['nowhere', 'closed'])
    expect(await refusals({ rule: { source } })).toEqual([['NOT_FOUND', 'source']]);
  expect(await refusals({ rule: { suite: 'x' } }, VERA)).toEqual([['FORBIDDEN', null]]);
  expect(await refusals({ rule: { suite: 'x' }, number: 7 })).toEqual([['NOT_FOUND', 'number']]);
  expect((await list(server, TESS)).totalCount).toBe(0);
});

test('an issue whose pattern is none any more says so, and holds no more', async () => {
  const server = await world();
  await addIssue(server.writer, { errorPattern: 'timed out' });
  const read = () => server.data('{ knownIssue(number: 1) { active problem matchCount } }', { token: TESS });
  expect(await read()).toEqual({ knownIssue: { active: true, problem: null, matchCount: 4 } });
  await server.writer.store.sql.run('UPDATE known_issue SET error_pattern = ?', 'timed (?=out)');
  expect(await read()).toEqual({
    knownIssue: { active: false, problem: expect.stringContaining('at character 7 ("(?=")'), matchCount: 4 },
  });
});

test('an issue is saved, changed, undone; its history says by whom', async () => {
  const server = await world();
  const made = await save(server, { title: 'usb', url: 'https://t.example/1', rule: { errorPattern: 'timed out' } });
  expect(made).toMatchObject({ userErrors: [], issue: { number: 1, state: 'ACTIVE', enteredBy: 'tess' } });
  const changed = await save(server, { number: 1, title: 'hub', rule: { errorPattern: 'power' } });
  expect(changed.issue?.changes).toHaveLength(2);
  const undo = `mutation ($event: ID!) { undoKnownIssue(event: $event) { event issue { ${ISSUE} } userErrors { code } } }`;
  const undone = (event: string) =>
    server.data<{ undoKnownIssue: Payload }>(undo, { variables: { event }, token: TESS });
  expect((await undone(made.event)).undoKnownIssue.userErrors).toEqual([{ code: 'CONFLICT' }]);
  expect((await undone(changed.event)).undoKnownIssue.issue?.title).toBe('usb');
  expect((await undone('bm8')).undoKnownIssue.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
});

test('what an issue was while it named a source out of sight is neither told nor undone', async () => {
  const server = await world();
  const made = await save(server, { title: 'vault', rule: { source: 'closed', suite: 'x' } }, KEN);
  const query = `mutation ($event: ID!) { undoKnownIssue(event: $event) { event issue { ${ISSUE} } userErrors { code } } }`;
  const undo = async (event: string, token: string) =>
    (await server.data<{ undoKnownIssue: Payload }>(query, { variables: { event }, token })).undoKnownIssue;
  const gone = await undo(made.event, KEN);
  expect((await undo(gone.event, TESS)).userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  await undo(gone.event, KEN);
  await save(server, { number: 1, title: 'hub', rule: { source: 'closed', suite: 'y' } }, KEN);
  expect((await undo(gone.event, TESS)).userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  const opened = await save(server, { number: 1, title: 'usb', rule: { suite: 'y' } }, KEN);
  expect(opened.issue?.changes).toHaveLength(5);
  expect((await list(server, VERA)).nodes).toMatchObject([{ title: 'usb', changes: [] }]);
  expect((await undo(opened.event, TESS)).userErrors).toEqual([{ code: 'NOT_FOUND' }]);
});

test('counts are of jobs in sight; a visitor is told an issue only where it explains what he sees', async () => {
  const server = await world();
  await addIssue(server.writer, { logPattern: 'fizz_probe' });
  await addIssue(server.writer, { source: 'closed', suite: '*' });
  await addIssue(server.writer, { errorPattern: 'never' });
  await addIssue(server.writer, { source: 'alpha', errorPattern: 'never' });
  const numbers = async (token?: string) =>
    (await list(server, token)).nodes.map(({ number, matchCount }) => [number, matchCount]).sort();
  expect(await numbers()).toEqual([
    [1, 2],
    [4, 0],
  ]);
  expect(await numbers(VERA)).toEqual([
    [1, 2],
    [3, 0],
    [4, 0],
  ]);
  const first = (await list(server)).nodes.find(({ number }) => number === 1);
  expect(first).toMatchObject({ changes: [], enteredBy: null });
  expect(first?.matches.nodes).toEqual([
    { cases: 0, line: 2, job: { externalId: '6', source: { slug: 'beta' } } },
    { cases: 0, line: 3, job: { externalId: '5', source: { slug: 'alpha' } } },
  ]);
});

test('a fixed issue reopens on a failure that ended later, for who sees it; an expired one explains nothing', async () => {
  const server = await world();
  await addIssue(server.writer, { errorPattern: 'timed out', fixedAt: NOW - 2 * DAY });
  await addIssue(server.writer, { errorPattern: 'power', fixedAt: NOW });
  await addIssue(server.writer, { suite: 'x', expiresAt: NOW });
  await addIssue(server.writer, { suite: 'x' });
  const of = async (state: string) => (await list(server, TESS, [state])).nodes.map(({ number }) => number);
  expect(await of('REOPENED')).toEqual([1]);
  expect(await of('FIXED')).toEqual([2]);
  expect(await of('EXPIRED')).toEqual([3]);
  expect(await of('ACTIVE')).toEqual([4]);
  expect((await list(server, TESS)).nodes.map(({ state }) => state).sort()).toEqual([
    'ACTIVE',
    'EXPIRED',
    'FIXED',
    'REOPENED',
  ]);
});

test('an issue without a failure for 30 days may be fixed; saying so closes it, and is undone', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [person('tess', TESS, 'triage'), person('vera', VERA, 'viewer')],
  });
  const now = Date.now() * 1000;
  const fail = (number: number, days: number) => {
    const submitAt = now - days * DAY;
    const job = { ...timedOut('rpi-1', 9), submitAt, startAt: submitAt + 1, endAt: submitAt + 2 };
    return addFailure(server.writer, 'alpha', number, job, []);
  };
  await fail(1, 50);
  await fail(2, 31);
  await addIssue(server.writer, { errorPattern: 'timed out' }, now);
  await addIssue(server.writer, { errorPattern: 'timed out', intermittent: true }, now);
  await addIssue(server.writer, { errorPattern: 'never' }, now - 40 * DAY);
  await addIssue(server.writer, { errorPattern: 'never' }, now - 20 * DAY);
  const quiet = async () => {
    const query = '{ knownIssues { nodes { number quietSince } } }';
    const { knownIssues } = await server.data<{ knownIssues: { nodes: { number: number; quietSince: string }[] } }>(
      query,
      { token: TESS },
    );
    return knownIssues.nodes.flatMap((one) => (one.quietSince ? [[one.number, one.quietSince]] : [])).sort();
  };
  expect(await quiet()).toEqual([
    [1, toInstant(now - 31 * DAY + 2)],
    [3, toInstant(now - 40 * DAY)],
  ]);

  const fix = async (token?: string) => {
    const query = `mutation { fixKnownIssue(number: 1) { event issue { ${ISSUE} } userErrors { code field } } }`;
    return (await server.data<{ fixKnownIssue: Payload }>(query, { token })).fixKnownIssue;
  };
  expect((await fix()).userErrors).toEqual([{ code: 'UNAUTHORIZED', field: null }]);
  expect((await fix(VERA)).userErrors).toEqual([{ code: 'FORBIDDEN', field: null }]);
  const fixed = await fix(TESS);
  expect(fixed).toMatchObject({
    userErrors: [],
    issue: { state: 'FIXED', matchCount: 2, changes: [{ actor: 'tess' }, {}] },
  });
  expect((await quiet()).map(([number]) => number)).toEqual([3]);
  expect((await fix(TESS)).userErrors).toEqual([{ code: 'CONFLICT', field: 'number' }]);
  const undo = 'mutation ($event: ID!) { undoKnownIssue(event: $event) { issue { state } } }';
  expect(await server.data(undo, { variables: { event: fixed.event }, token: TESS })).toEqual({
    undoKnownIssue: { issue: { state: 'ACTIVE' } },
  });
  await fail(3, 29);
  expect((await quiet()).map(([number]) => number)).toEqual([3]);
});

test('a rule is tried before it is saved, in words, by who may triage', async () => {
  const server = await world();
  const now = Date.now() * 1000;
  for (const number of [1, 2, 3])
    await addBuildJob(server, {
      ...{
        number: 100 + number,
        build: 'v1',
        source: number === 3 ? 'beta' : 'alpha',
        cases: { boot: 'F', ping: 'F', ok: 'P' },
      },
      submitAt: now - number * DAY,
    });
  const query = `query ($rule: KnownIssueRule!) { tryKnownIssue(rule: $rule) { sentence matches jobs tests looked truncated matchesNothing
    matchesEverything sources { slug } first { cases job { externalId } } userErrors { field } } }`;
  const attempt = async (rule: object, token = TESS) => server.ask(query, { variables: { rule }, token });
  const tried = async (rule: object) => ((await attempt(rule)).body.data as { tryKnownIssue: object }).tryKnownIssue;
  expect(await tried({ suite: '*', name: '?oot' })).toMatchObject({
    ...{ matchesNothing: true, sentence: 'It matches nothing: none of 3 failed jobs of 30 days.' },
  });
  expect(await tried({ source: 'alpha', name: '*' })).toMatchObject({
    ...{ sentence: '4 matches in 30 days: 2 jobs of 1 lab, 2 tests.', matches: 4, jobs: 2, tests: 2, looked: 3 },
    ...{ matchesEverything: false, sources: [{ slug: 'alpha' }] },
    first: [
      { cases: 2, job: { externalId: '101' } },
      { cases: 2, job: { externalId: '102' } },
    ],
  });
  expect(await tried({ name: '*' })).toMatchObject({
    matchesEverything: true,
    sources: [{ slug: 'alpha' }, { slug: 'beta' }],
  });
  expect(await tried({ errorPattern: '(' })).toMatchObject({ userErrors: [{ field: 'errorPattern' }] });
  expect((await attempt({ name: '*' }, VERA)).body.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

test('a job, a test of it, a failure group and a regression name what explains them', async () => {
  const server = await world();
  await addIssue(server.writer, { title: 'hang', errorPattern: 'timed out' });
  await addIssue(server.writer, { title: 'net', suite: 'smoke', name: 'ping' });
  await addBuildJob(server, { number: 50, build: 'v1', source: 'alpha', cases: { ping: 'P', boot: 'P' } });
  for (const n of [51, 52, 53, 54])
    await addBuildJob(server, { number: n, build: `v${n}`, source: 'alpha', cases: { ping: 'F', boot: 'F' } });
  const explained = await server.data<Record<string, unknown>>(`{
    job(source: "alpha", externalId: "1") { knownIssues { cases issue { title } } }
    tests: job(source: "alpha", externalId: "51") { knownIssues { cases issue { title } }
      testCases(result: [FAIL]) { nodes { name knownIssues { title } } } }
    failureGroups(filter: {kind: [JOB]}) { nodes { title count knownIssues { jobs issue { title } } } }
    regressions(filter: {since: "${toInstant(1_779_000_000_000_000)}", scope: {until: "${toInstant(1_781_000_000_000_000)}"},
      status: [EXTREME_REGRESSION, SIGNIFICANT_REGRESSION, NOT_SIGNIFICANT]}) { nodes { name knownIssue { title } } } }`);
  expect(explained).toMatchObject({
    job: { knownIssues: [{ cases: 0, issue: { title: 'hang' } }] },
    tests: { knownIssues: [{ cases: 1, issue: { title: 'net' } }] },
  });
  const { tests, failureGroups } = explained;
  const regressions = explained.regressions as { nodes: { name: string }[] };
  expect(tests).toMatchObject({
    testCases: {
      nodes: [
        { name: 'ping', knownIssues: [{ title: 'net' }] },
        { name: 'boot', knownIssues: [] },
      ],
    },
  });
  expect(failureGroups).toMatchObject({
    nodes: [{ count: 3, knownIssues: [{ jobs: 3, issue: { title: 'hang' } }] }, { knownIssues: [] }],
  });
  expect(regressions.nodes.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: 'boot', knownIssue: null },
    { name: 'ping', knownIssue: { title: 'net' } },
  ]);
});
