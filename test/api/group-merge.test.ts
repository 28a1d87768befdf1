/** Failure groups that people made one: every number is of both, no row of a job changes, and it can be undone. */
import { expect, test } from 'vitest';
import { rebuild } from '#store/rebuild.ts';
import { addFailure, addFailures, DAY, NOW, noPower, OOPS, timedOut } from '../store/failing-world.ts';
import { readEveryLog } from '../store/read-every-log.ts';
import { readable } from '../store/readable.ts';
import { settings } from '../store/settings.ts';
import { type Server, startServer } from './server.ts';

const access = [
  { login: 'vic', token: 'vic-token', teams: [], role: 'viewer' as const },
  { login: 'ada', token: 'ada-token', teams: [], role: 'triage' as const },
  { login: 'bob', token: 'bob-token', teams: ['kernel'], role: 'triage' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];

type Merge = { id: string; title: string; count: number; by: string };
type Group = {
  fingerprint: string;
  title: string;
  count: number;
  merged: Merge[];
  sources: { slug: string }[];
  days: { jobs: number }[];
  newest: { job: { externalId: string } };
  jobs: { totalCount: number; nodes: { externalId: string; source: { slug: string } }[] };
};
type Payload = { group: Group | null; userErrors: { code: string; message: string }[] };

const GROUP = `fingerprint title count merged { id title count by } sources { slug } days { jobs } newest { job { externalId } }
  jobs(first: 50) { totalCount nodes { externalId source { slug } } }`;
const LIST = `query ($filter: FailureGroupFilter) { failureGroups(filter: $filter) { totalCount nodes { ${GROUP} } } }`;

async function world(): Promise<Server> {
  const sources = ['alpha', 'beta', settings('closed', { visibility: 'RESTRICTED', teams: ['kernel'] })];
  const server = await startServer({ sources, access });
  await addFailures(server.writer);
  await addFailure(server.writer, 'closed', 90, { ...noPower('x'), errorMessage: 'the vault burns' }, []);
  return server;
}

const groups = async (server: Server, token = 'ada-token', filter: object = {}) =>
  (await server.data<{ failureGroups: { totalCount: number; nodes: Group[] } }>(LIST, { variables: { filter }, token }))
    .failureGroups;
const printOf = async (server: Server, begin: string, token?: string) =>
  (await groups(server, token)).nodes.find(({ title }) => title.startsWith(begin))?.fingerprint ?? expect.fail(begin);

async function change(server: Server, name: string, input: object, token = 'ada-token'): Promise<Payload> {
  const type = name === 'undoMerge' ? 'UndoMergeInput!' : 'MergeFailureGroupsInput!';
  const query = `mutation ($input: ${type}) { payload: ${name}(input: $input) { group { ${GROUP} } userErrors { code message } } }`;
  return (await server.data<{ payload: Payload }>(query, { variables: { input }, token })).payload;
}
const merge = (server: Server, fingerprint: string, into: string, token?: string) =>
  change(server, 'mergeFailureGroups', { fingerprint, into }, token);
const codes = ({ userErrors }: Payload) => userErrors.map(({ code }) => code);

test('a merged group is one in every number and list, and a job of both counts once', async () => {
  const server = await world();
  // In both: its power was gone, and its kernel had said the same.
  const [power, kernel] = [await printOf(server, 'no power'), await printOf(server, 'kernel NULL')];
  const { group, userErrors } = await merge(server, power, kernel);

  expect(userErrors).toEqual([]);
  expect(group).toMatchObject({
    fingerprint: kernel,
    count: 2,
    merged: [{ title: 'no power at <host>', count: 1, by: 'ada' }],
  });
  for (const [token, filter] of [
    ['ada-token', {}],
    ['root-token', {}],
    ['ada-token', { scope: { sources: ['beta'] } }],
  ] as const) {
    const { nodes, totalCount } = await groups(server, token, filter);
    expect(nodes).toHaveLength(totalCount);
    for (const { count, jobs, days, sources, newest } of nodes) {
      expect(jobs.nodes).toHaveLength(count);
      expect(jobs.totalCount).toBe(count);
      expect(days.reduce((n, day) => n + day.jobs, 0)).toBe(count);
      expect(sources.map(({ slug }) => slug)).toEqual([...new Set(jobs.nodes.map((job) => job.source.slug))].sort());
      expect(newest.job.externalId).toBe(jobs.nodes[0]?.externalId);
    }
  }
  const query = `query ($it: String!) { failureGroup(fingerprint: $it) { fingerprint }
    job(source: "beta", externalId: "6") { failureGroups { line group { fingerprint } } } }`;
  expect(await server.data(query, { variables: { it: power } })).toEqual({
    failureGroup: { fingerprint: kernel },
    job: { failureGroups: [{ line: 0, group: { fingerprint: kernel } }] },
  });
});

test('jobs to come are merged too; rows of jobs, a rebuild and an undo know nothing of it', async () => {
  const [server, without] = [await world(), await world()];
  const before = await groups(server);
  const [power, login] = [await printOf(server, 'no power'), await printOf(server, 'login-action')];
  const { group } = await merge(server, power, login);
  for (const one of [server, without]) {
    await addFailure(one.writer, 'alpha', 60, noPower('pdu-1'), []);
    await addFailure(one.writer, 'alpha', 61, timedOut('rpi-1', 5), OOPS, 2);
    await readEveryLog(one.writer);
  }

  expect((await groups(server)).nodes.find(({ fingerprint }) => fingerprint === login)?.count).toBe(5);
  expect(await rebuild(server.writer, NOW)).toEqual([]);
  expect(await readable(server.writer.store)).toEqual(await readable(without.writer.store));
  const undone = await change(server, 'undoMerge', { merge: group?.merged[0]?.id });
  expect(undone).toMatchObject({ group: { fingerprint: power, count: 2 }, userErrors: [] });
  const { nodes, ...rest } = await groups(server);
  expect([rest, nodes]).toEqual([{ totalCount: before.totalCount }, (await groups(without)).nodes]);
  const events = await server.store.sql.all<{ action: string; target: string }>(
    'SELECT * FROM audit_event ORDER BY id',
  );
  expect(events.map(({ action, target }) => [action, target])).toEqual([
    ['failure-group.merge', power],
    ['failure-group.unmerge', power],
  ]);
});

test('chains are followed to their end, circles are refused in words', async () => {
  const server = await world();
  const [power, kernel, login] = [
    await printOf(server, 'no power'),
    await printOf(server, 'kernel NULL'),
    await printOf(server, 'login-action'),
  ];
  await merge(server, power, kernel);
  const chained = await merge(server, kernel, login);
  expect(chained.group?.merged.map(({ title }) => title)).toEqual([
    'no power at <host>',
    'kernel NULL pointer dereference in fizz_probe',
  ]);
  expect((await groups(server)).nodes).toHaveLength(1);

  for (const into of [power, kernel]) {
    expect((await merge(server, login, into)).userErrors).toEqual([
      { code: 'CONFLICT', message: expect.stringMatching(/is merged into “login-action.*: undo that first/) },
    ]);
  }
  expect(codes(await merge(server, login, login))).toEqual(['CONFLICT']);
  expect((await merge(server, power, login)).userErrors[0]?.message).toBe(
    '“no power at <host>” is merged into another failure already: undo that first.',
  );
  await change(server, 'undoMerge', { merge: chained.group?.merged[1]?.id });
  expect((await groups(server)).nodes.find(({ fingerprint }) => fingerprint === kernel)?.merged).toHaveLength(1);
});

test('only who may triage merges, what it sees, and undoes it', async () => {
  const server = await world();
  const [power, login] = [await printOf(server, 'no power'), await printOf(server, 'login-action')];
  const vault = await printOf(server, 'the vault', 'bob-token');
  expect(codes(await merge(server, power, login, 'vic-token'))).toEqual(['FORBIDDEN']);
  expect(codes(await merge(server, vault, login))).toEqual(['NOT_FOUND']);
  expect(codes(await merge(server, login, vault))).toEqual(['NOT_FOUND']);
  expect(codes(await merge(server, 'v1:\0\uD800', login))).toEqual(['NOT_FOUND']);
  const { group } = await merge(server, vault, login, 'bob-token');
  const id = group?.merged[0]?.id;
  expect(codes(await change(server, 'undoMerge', { merge: id }, 'vic-token'))).toEqual(['FORBIDDEN']);
  expect(codes(await change(server, 'undoMerge', { merge: id }))).toEqual(['NOT_FOUND']);
  expect(codes(await change(server, 'undoMerge', { merge: 'x' }))).toEqual(['NOT_FOUND']);
  expect(codes(await change(server, 'undoMerge', { merge: id }, 'bob-token'))).toEqual([]);
});

test.each(['vault into login', 'login into vault'])(
  'merging what one does not see changes no byte of what one is told: %s',
  async (which) => {
    const server = await world();
    const [login, vault] = [await printOf(server, 'login-action'), await printOf(server, 'the vault', 'bob-token')];
    const before = JSON.stringify(await groups(server));
    const [one, other] = which.startsWith('vault') ? [vault, login] : [login, vault];
    expect(codes(await merge(server, one, other, 'bob-token'))).toEqual([]);

    expect((await groups(server, 'bob-token')).totalCount).toBe(3);
    expect(JSON.stringify(await groups(server))).toBe(before);
    const since = { since: new Date((NOW - 2 * DAY) / 1000).toISOString() };
    expect((await groups(server, 'ada-token', since)).nodes.every(({ merged }) => merged.length === 0)).toBe(true);
  },
);

test('a page of merged groups costs the same queries however many there are', async () => {
  const server = await world();
  await merge(server, await printOf(server, 'no power'), await printOf(server, 'login-action'));
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    const query = `{ failureGroups(first: ${first}) { nodes { count merged { title } newest { line } days { jobs } } } }`;
    await server.data(query, { token: 'ada-token' });
    return server.store.statementCount() - before;
  };
  await cost(1);
  expect(await cost(2)).toBe(await cost(1));
});
