/** What people say of failure groups: who may, what it changes, and that it can be taken back. */
import { expect, test } from 'vitest';
import { compilePattern } from '#analysis/linear-pattern.ts';
import { toNodeId } from '#api/node-id.ts';
import { toInstant } from '#api/scalars.ts';
import { rebuild } from '#store/rebuild.ts';
import { addFailure, addFailures, NOW, noPower, timedOut } from '../store/failing-world.ts';
import { addIssue } from '../store/known-issues.ts';
import { readEveryLog } from '../store/read-every-log.ts';
import { settings } from '../store/settings.ts';
import { type Server, startServer } from './server.ts';

const access = [
  { login: 'vic', token: 'vic-token', teams: [], role: 'viewer' as const },
  { login: 'ada', token: 'ada-token', teams: [], role: 'triage' as const },
  { login: 'bob', token: 'bob-token', teams: ['kernel'], role: 'triage' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];

type Triage = {
  state: string;
  by: string;
  comment: string | null;
  knownIssue: { number: number; title: string } | null;
  isRecurring: boolean;
};
type Group = { fingerprint: string; title: string; triage: Triage | null };
type Payload = {
  groups: Group[];
  changes: string[];
  userErrors: { code: string; field: string | null; message: string }[];
};

const PAYLOAD = `groups { fingerprint title triage { state by comment knownIssue { number title } isRecurring } } changes
  userErrors { code field message }`;
const SET = `mutation ($input: SetTriageInput!) { payload: setTriage(input: $input) { ${PAYLOAD} } }`;
const UNDO = `mutation ($input: UndoTriageInput!) { payload: undoTriage(input: $input) { ${PAYLOAD} } }`;

async function world(): Promise<Server> {
  const sources = ['alpha', 'beta', settings('closed', { visibility: 'RESTRICTED', teams: ['kernel'] })];
  const server = await startServer({ sources, access });
  await addFailures(server.writer);
  await addFailure(server.writer, 'closed', 90, { ...noPower('x'), errorMessage: 'the vault burns' }, []);
  return server;
}

const change = async (server: Server, query: string, input: object, token?: string) =>
  (await server.data<{ payload: Payload }>(query, { variables: { input }, ...(token && { token }) })).payload;

const list = async (server: Server, filter: object = {}, token?: string) => {
  const query = `query ($filter: FailureGroupFilter) { failureGroups(filter: $filter) { totalCount nodes {
    fingerprint title triage { state by comment knownIssue { number title } isRecurring } } } }`;
  const { failureGroups } = await server.data<{ failureGroups: { totalCount: number; nodes: Group[] } }>(query, {
    variables: { filter },
    ...(token && { token }),
  });
  expect(failureGroups.totalCount).toBe(failureGroups.nodes.length);
  return failureGroups.nodes;
};
const prints = (groups: readonly Group[]) => groups.map(({ fingerprint }) => fingerprint);
const codes = ({ userErrors }: Payload) => userErrors.map(({ code, field }) => [code, field]);

test('only who may triage says what a failure is, and only of what it sees', async () => {
  const server = await world();
  const seen = prints(await list(server));
  const [hidden] = prints(await list(server, {}, 'bob-token')).filter((one) => !seen.includes(one));
  const input = { fingerprints: seen, state: 'FLAKY' };

  expect(codes(await change(server, SET, input))).toEqual([['UNAUTHORIZED', null]]);
  expect(codes(await change(server, SET, input, 'vic-token'))).toEqual([['FORBIDDEN', null]]);
  expect(codes(await change(server, UNDO, { changes: ['x'] }, 'vic-token'))).toEqual([['FORBIDDEN', null]]);
  const both = { ...input, fingerprints: [...seen, hidden ?? expect.fail('no hidden group')] };
  expect(codes(await change(server, SET, both, 'ada-token'))).toEqual([['NOT_FOUND', 'fingerprints']]);
  expect(await server.store.sql.all('SELECT * FROM group_triage')).toEqual([]);
  expect(await server.store.sql.all('SELECT * FROM audit_event')).toEqual([]);
  expect((await change(server, SET, both, 'bob-token')).groups).toHaveLength(4);
  expect(prints(await list(server, { triaged: true }))).toEqual(seen);
});

test('many groups are said to be something at once, with a comment, and shown so to everybody', async () => {
  const server = await world();
  const all = prints(await list(server));
  const [first = '', second = ''] = all;
  const comment = ' see https://bugs.example/1 ';
  const { groups, changes, userErrors } = await change(
    server,
    SET,
    { fingerprints: [first, second, first], state: 'BUG', comment },
    'ada-token',
  );

  expect([userErrors, changes.length]).toEqual([[], 2]);
  const said = { state: 'BUG', by: 'ada', comment: comment.trim(), knownIssue: null, isRecurring: false };
  expect(groups.map(({ triage }) => triage)).toEqual([said, said]);
  expect(new Set(prints(await list(server, { triaged: true })))).toEqual(new Set([first, second]));
  expect(prints(await list(server, { triaged: false }))).toEqual(all.filter((one) => one !== first && one !== second));
  expect(await list(server, { triage: ['BUG'] })).toHaveLength(2);
  expect(await list(server, { triage: ['FLAKY', 'CODE'] })).toEqual([]);
  expect(await list(server, { triage: [] })).toEqual([]);
  const events = await server.store.sql.all<{ before: string | null; after: string }>('SELECT * FROM audit_event');
  expect(events).toMatchObject([
    { actor: 'ada', action: 'failure-group.triage', target: first, before: null },
    { actor: 'ada', action: 'failure-group.triage', target: second, before: null },
  ]);
  expect(JSON.parse(events[0]?.after ?? '')).toMatchObject({ state: 'BUG', comment: comment.trim(), login: 'ada' });
});

test('undo restores what was before, who said it and why, and can be undone', async () => {
  const server = await world();
  const [first = '', second = ''] = prints(await list(server));
  const of = async (fingerprint: string) =>
    (await list(server)).find((group) => group.fingerprint === fingerprint)?.triage ?? null;
  await change(server, SET, { fingerprints: [first], state: 'BUG', comment: 'told' }, 'ada-token');
  const before = await of(first);
  const flaky = await change(server, SET, { fingerprints: [first, second], state: 'FLAKY' }, 'bob-token');
  const undone = await change(server, UNDO, { changes: flaky.changes }, 'ada-token');

  expect(undone.userErrors).toEqual([]);
  expect([await of(first), await of(second)]).toEqual([before, null]);
  expect((await change(server, UNDO, { changes: undone.changes }, 'ada-token')).userErrors).toEqual([]);
  expect([await of(first), await of(second)]).toMatchObject([
    { state: 'FLAKY', by: 'bob' },
    { state: 'FLAKY', by: 'bob' },
  ]);
  const cleared = await change(server, SET, { fingerprints: [first], state: null }, 'ada-token');
  expect([cleared.groups[0]?.triage, await of(first)]).toEqual([null, null]);
  await change(server, UNDO, { changes: cleared.changes }, 'ada-token');
  expect(await of(first)).toMatchObject({ state: 'FLAKY', by: 'bob' });
});

test('what somebody else has said since is not undone, and of many nothing is', async () => {
  const server = await world();
  const [first = '', second = ''] = prints(await list(server));
  const mine = await change(server, SET, { fingerprints: [first, second], state: 'FLAKY' }, 'ada-token');
  await change(server, SET, { fingerprints: [second], state: 'CODE' }, 'bob-token');

  const refused = await change(server, UNDO, { changes: mine.changes }, 'ada-token');
  expect(refused.userErrors).toEqual([
    { code: 'CONFLICT', field: 'changes', message: 'bob has said something else of it since.' },
  ]);
  expect((await list(server, { triaged: true })).map(({ triage }) => triage?.state).sort()).toEqual(['CODE', 'FLAKY']);
  const nothing = await change(server, SET, { fingerprints: [first], state: null }, 'ada-token');
  expect(nothing.changes).toHaveLength(1);
  const [change1 = ''] = mine.changes;
  expect((await change(server, UNDO, { changes: [change1] }, 'ada-token')).userErrors).toMatchObject([
    { code: 'CONFLICT', message: 'What was said of it has been taken back since.' },
  ]);
});

test('values that are none are said with their field', async () => {
  const server = await world();
  const [first = ''] = prints(await list(server));
  const say = async (input: object) =>
    codes(await change(server, SET, { fingerprints: [first], state: 'BUG', ...input }, 'ada-token'));
  expect(await say({ fingerprints: [] })).toEqual([['INVALID', 'fingerprints']]);
  expect(await say({ fingerprints: ['v1:\0\uD800'] })).toEqual([['NOT_FOUND', 'fingerprints']]);
  expect(await say({ knownIssue: 'x' })).toEqual([['NOT_FOUND', 'knownIssue']]);
  expect(await say({ knownIssue: toNodeId('KnownIssue', 7) })).toEqual([['NOT_FOUND', 'knownIssue']]);
  const undo = async (changes: string[]) => codes(await change(server, UNDO, { changes }, 'ada-token'));
  expect(await undo([])).toEqual([['INVALID', 'changes']]);
  expect(await undo(['x', toNodeId('AuditEvent', 99)])).toEqual([['NOT_FOUND', 'changes']]);
});

test('nobody undoes what was said of a group that is out of its sight', async () => {
  const server = await world();
  const seen = prints(await list(server));
  const hidden = prints(await list(server, {}, 'bob-token')).filter((one) => !seen.includes(one));
  const { changes } = await change(server, SET, { fingerprints: hidden, state: 'FLAKY' }, 'bob-token');
  expect(codes(await change(server, UNDO, { changes }, 'ada-token'))).toEqual([['NOT_FOUND', 'changes']]);
  expect(await list(server, { triaged: true }, 'bob-token')).toHaveLength(1);
});

test('a group that fails after its known issue was said to be fixed recurs, and is to be triaged again', async () => {
  const server = await world();
  const group = (await list(server)).find(({ title }) => title.startsWith('login-action'))?.fingerprint ?? '';
  const { sql } = server.writer.store;
  await sql.run(
    "INSERT INTO known_issue (id, title, intermittent, fixed_at, at, login) VALUES (7, 'login is slow', 0, ?, 1, 'ada')",
    NOW,
  );
  const knownIssue = toNodeId('KnownIssue', 7);
  await change(server, SET, { fingerprints: [group], state: 'BUG', knownIssue }, 'ada-token');
  const triage = async () =>
    (await list(server, {}, 'ada-token')).find(({ fingerprint }) => fingerprint === group)?.triage;
  expect(await triage()).toMatchObject({ knownIssue: { number: 7, title: 'login is slow' }, isRecurring: false });
  expect(await list(server, { triaged: true }, 'ada-token')).toHaveLength(1);

  await addFailure(server.writer, 'closed', 91, timedOut('rpi-1', 1), [], -1);
  expect(await triage()).toMatchObject({ isRecurring: false });
  await addFailure(server.writer, 'alpha', 92, timedOut('rpi-1', 1), [], -1);
  expect(await triage()).toMatchObject({ state: 'BUG', isRecurring: true });
  expect(await list(server, { triaged: true }, 'ada-token')).toEqual([]);
  expect(prints(await list(server, { triaged: false }, 'ada-token'))).toContain(group);
  const until = { scope: { until: toInstant(NOW) }, triaged: true };
  expect(prints(await list(server, until, 'ada-token'))).toEqual([group]);
});

test('an issue that names a hidden lab is nobody else’s: not to be said, not shown, and opens nothing again', async () => {
  const server = await world();
  const hidden = await addIssue(server.writer, { title: 'vault', source: 'closed', errorPattern: 'x', fixedAt: 1 });
  const open = await addIssue(server.writer, { title: 'slow', errorPattern: 'login-action' });
  const [first = '', second = ''] = prints(await list(server));
  const say = (issue: number, token: string, fingerprint = first) =>
    change(
      server,
      SET,
      { fingerprints: [fingerprint], state: 'BUG', knownIssue: toNodeId('KnownIssue', issue) },
      token,
    );
  const refused = await say(hidden, 'ada-token');
  expect(refused).toEqual(await say(99, 'ada-token'));
  expect(codes(refused)).toEqual([['NOT_FOUND', 'knownIssue']]);
  expect((await say(open, 'ada-token', second)).groups[0]?.triage?.knownIssue).toEqual({ number: open, title: 'slow' });

  const said = await say(hidden, 'bob-token');
  expect(said.groups[0]?.triage).toMatchObject({ knownIssue: { title: 'vault' }, isRecurring: true });
  const of = async (token?: string) => {
    const find = async (filter: object) => (await list(server, filter, token)).find((one) => one.fingerprint === first);
    return [await find({ triaged: true }), await find({ triaged: false })].map((one) => one?.triage?.knownIssue);
  };
  expect(await of('bob-token')).toEqual([undefined, { number: hidden, title: 'vault' }]);
  expect(await of('ada-token')).toEqual([null, undefined]);
  expect(await of()).toEqual([null, undefined]);
});

test('a rule is offered that finds the failures of a group, over the message or over the log', async () => {
  const server = await world();
  type Offer = {
    errorPattern: string | null;
    logPattern: string | null;
    newest: { text: string };
    jobs: { nodes: { errorMessage: string }[] };
  };
  const { failureGroups } = await server.data<{ failureGroups: { nodes: Offer[] } }>(
    '{ failureGroups { nodes { errorPattern logPattern newest { text } jobs(first: 50) { nodes { errorMessage } } } } }',
  );
  const found = failureGroups.nodes.map(({ errorPattern, logPattern, newest, jobs }) => {
    const compiled = compilePattern(errorPattern ?? logPattern ?? expect.fail('no pattern'));
    const said = errorPattern === null ? [newest.text] : jobs.nodes.map(({ errorMessage }) => errorMessage);
    expect(said.every((text) => compiled.ok && compiled.pattern.test(text))).toBe(true);
    return [errorPattern, logPattern];
  });
  expect(new Set(found.map(String))).toEqual(
    new Set(['login-action timed out after .+ on,', 'no power at,', ',kernel NULL pointer dereference']),
  );
});

test('a page of groups with issues, patterns and lines costs the same queries however many there are', async () => {
  const server = await world();
  for (const [i, what] of ['fan', 'disk', 'clock', 'relay', 'cable'].entries())
    await addFailure(server.writer, 'alpha', 200 + i, { ...noPower('x'), errorMessage: `the ${what} broke` }, []);
  const issue = await addIssue(server.writer, { errorPattern: 'login-action' });
  const fingerprints = prints(await list(server));
  await change(server, SET, { fingerprints, state: 'BUG', knownIssue: toNodeId('KnownIssue', issue) }, 'ada-token');
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    const query = `{ failureGroups(first: ${first}) { nodes { errorPattern logPattern newest { text } triage { isRecurring knownIssue { state } } } } }`;
    const { failureGroups } = await server.data<{ failureGroups: { nodes: unknown[] } }>(query, { token: 'ada-token' });
    expect(failureGroups.nodes).toHaveLength(first);
    return server.store.statementCount() - before;
  };
  await cost(3);
  expect(await cost(8)).toBe(await cost(3));
});

test('a form says what a failure is and leads back, for who may and from this site alone', async () => {
  const server = await world();
  const [first = ''] = prints(await list(server));
  const post = (fields: Record<string, string>, headers: Record<string, string>) =>
    fetch(`${server.url}/triage`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: server.url, ...headers },
      body: new URLSearchParams({ next: '/triage?lab=alpha&refused=X', ...fields }),
    });
  const cookie = 'basalt_token=ada-token';
  const issue = await addIssue(server.writer, { title: 'slow', errorPattern: 'login-action' });
  const knownIssue = toNodeId('KnownIssue', issue);
  const said = { fingerprint: first, state: 'FLAKY', comment: 'x', knownIssue };

  expect((await post(said, { cookie, origin: 'https://evil.example' })).status).toBe(403);
  const visitor = await post(said, {});
  expect([visitor.status, visitor.headers.get('location')]).toEqual([303, '/triage?lab=alpha&refused=UNAUTHORIZED']);
  expect(await list(server, { triaged: true })).toEqual([]);
  const location = (await post(said, { cookie })).headers.get('location') ?? '';
  const kept = { state: 'FLAKY', by: 'ada', comment: 'x', knownIssue: { number: issue } };
  expect((await list(server, { triaged: true }, 'ada-token'))[0]?.triage).toMatchObject(kept);
  expect((await post({ ...said, knownIssue: 'x' }, { cookie })).headers.get('location')).toContain('refused=NOT_FOUND');
  const undo = new URL(location, server.url).searchParams.get('done') ?? expect.fail(location);
  expect((await post({ undo, next: '//evil.example/' }, { cookie })).headers.get('location')).toMatch(/^\/\?done=/);
  expect(await list(server, { triaged: true })).toEqual([]);
});

test('a rebuild changes nothing that was said', async () => {
  const server = await world();
  const fingerprints = prints(await list(server));
  await change(server, SET, { fingerprints, state: 'CODE' }, 'ada-token');
  await readEveryLog(server.writer);
  const { sql } = server.writer.store;
  await sql.run('DELETE FROM failure_occurrence');
  await rebuild(server.writer, NOW);
  expect(prints(await list(server, { triaged: true }))).toEqual(fingerprints);
});

test('impact is labs times builds times jobs, page by page, and the newest job has its line', async () => {
  const server = await world();
  for (let i = 0; i < 8; i++) await addFailure(server.writer, 'alpha', 100 + i, noPower('x'), []);
  const query = `query ($after: String) { failureGroups(orderBy: IMPACT, first: 1, after: $after) {
    nodes { fingerprint title count buildCount sources { slug } newest { line text job { externalId endTime } }
      jobs(first: 50) { nodes { externalId endTime build { version } failureGroups { line group { fingerprint } } } } } pageInfo { endCursor } } }`;
  type Node = {
    fingerprint: string;
    title: string;
    count: number;
    buildCount: number;
    sources: { slug: string }[];
    newest: { line: number | null; text: string | null; job: { externalId: string; endTime: string } };
    jobs: {
      nodes: {
        externalId: string;
        endTime: string;
        build: { version: string } | null;
        failureGroups: { line: number | null; group: { fingerprint: string } }[];
      }[];
    };
  };
  type Page = { failureGroups: { nodes: Node[]; pageInfo: { endCursor: string | null } } };
  const found: Node[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await server.data<Page>(query, { variables: { after } });
    const [node] = page.failureGroups.nodes;
    if (!node) break;
    found.push(node);
    after = page.failureGroups.pageInfo.endCursor;
  }

  const impacts = found.map(({ count, buildCount, sources }) => count * Math.max(1, buildCount) * sources.length);
  expect(impacts).toEqual([...impacts].sort((a, b) => b - a));
  expect(found).toHaveLength(3);
  for (const { fingerprint, title, buildCount, newest, jobs } of found) {
    expect(new Set(jobs.nodes.flatMap(({ build }) => build?.version ?? [])).size).toBe(buildCount);
    const [last] = jobs.nodes;
    expect(newest.job).toEqual({ externalId: last?.externalId, endTime: last?.endTime });
    expect(newest.text !== null, title).toBe(title.includes('NULL'));
    expect(newest.line).toBe(last?.failureGroups.find(({ group }) => group.fingerprint === fingerprint)?.line);
  }
});
