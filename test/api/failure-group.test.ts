import { expect, test } from 'vitest';
import { toNodeId } from '#api/node-id.ts';
import { toInstant } from '#api/scalars.ts';
import { addFailures, DAY, NOW } from '../store/failing-world.ts';
import { type Server, startServer } from './server.ts';

const TOKEN = 'a'.repeat(32);

type Group = {
  id: string;
  fingerprint: string;
  kind: string;
  class: string;
  title: string;
  why: string;
  count: number;
  firstSeen: string;
  lastSeen: string;
  sources: { slug: string }[];
  devices: { hostname: string }[];
  days: { at: string; jobs: number }[];
  jobs: { totalCount: number; nodes: { externalId: string; source: { slug: string } }[] };
};
type Groups = { failureGroups: { totalCount: number; nodes: Group[]; pageInfo: { endCursor: string | null } } };

const GROUP = `id fingerprint kind class title why count firstSeen lastSeen sources { slug } devices { hostname }
  days { at jobs } jobs(first: 50) { totalCount nodes { externalId source { slug } } }`;
const LIST = `query ($first: Int, $after: String, $filter: FailureGroupFilter) {
  failureGroups(first: $first, after: $after, filter: $filter) { totalCount nodes { ${GROUP} } pageInfo { endCursor } } }`;

async function world(): Promise<Server> {
  const access = [{ login: 'admin', token: TOKEN, role: 'admin' as const, teams: [] }];
  const server = await startServer({ sources: ['alpha', 'beta'], access });
  await addFailures(server.writer);
  return server;
}

test('every number of a group is of the jobs it lists, for whoever asks, in whatever scope', async () => {
  const server = await world();
  for (const token of [undefined, TOKEN]) {
    for (const scope of [{}, { sources: ['beta'] }, { since: toInstant(NOW - 2 * DAY) }]) {
      const { failureGroups } = await server.data<Groups>(LIST, { variables: { filter: { scope } }, token });
      expect(failureGroups.totalCount).toBe(failureGroups.nodes.length);
      for (const { count, jobs, days, sources, title } of failureGroups.nodes) {
        expect(jobs.nodes, title).toHaveLength(count);
        expect(jobs.totalCount).toBe(count);
        expect(days.reduce((n, day) => n + day.jobs, 0)).toBe(count);
        expect(sources.map(({ slug }) => slug)).toEqual([...new Set(jobs.nodes.map((job) => job.source.slug))].sort());
      }
    }
  }
});

test('a lab that is not there has no failures', async () => {
  const server = await world();
  const { failureGroups } = await server.data<Groups>(LIST, {
    variables: { filter: { scope: { sources: ['none'] } } },
  });

  expect(failureGroups.nodes).toEqual([]);
});

test('a hidden job is in no number of a group', async () => {
  const server = await world();
  const of = async (token?: string) =>
    (await server.data<Groups>(LIST, { token })).failureGroups.nodes.find(({ kind }) => kind === 'KERNEL_FAULT');
  expect((await of(TOKEN))?.count).toBe(3);
  expect((await of())?.count).toBe(2);
});

test('groups by class, kind, number of jobs and time, page by page', async () => {
  const server = await world();
  const ask = async (variables: object) => (await server.data<Groups>(LIST, { variables })).failureGroups;
  expect((await ask({ filter: { class: ['INFRASTRUCTURE'] } })).nodes.map(({ title }) => title)).toEqual([
    'no power at <host>',
  ]);
  expect((await ask({ filter: { kind: ['KERNEL_FAULT'] } })).nodes).toHaveLength(1);
  expect((await ask({ filter: { minCount: 3 } })).nodes).toHaveLength(1);
  expect((await ask({ filter: { since: toInstant(NOW) } })).totalCount).toBe(0);
  const first = await ask({ first: 1 });
  const rest = await ask({ first: 50, after: first.pageInfo.endCursor });
  expect(first.nodes.length + rest.nodes.length).toBe(first.totalCount);
});

test('a group by its fingerprint and by its id, and none that one may not see', async () => {
  const server = await world();
  const [group] = (await server.data<Groups>(LIST)).failureGroups.nodes;
  const query = `query ($fingerprint: String!, $id: ID!) { failureGroup(fingerprint: $fingerprint) { title count }
    node(id: $id) { ... on FailureGroup { title count } } }`;
  const { fingerprint, id, title, count } = group ?? { fingerprint: '', id: '', title: '', count: 0 };
  expect(await server.data(query, { variables: { fingerprint, id } })).toEqual({
    failureGroup: { title, count },
    node: { title, count },
  });
  const nul = 'v1:\0\uD800';
  for (const none of [
    { fingerprint: 'v1:0', id: 'bm8' },
    { fingerprint: nul, id: toNodeId('FailureGroup', nul) },
  ])
    expect(await server.data(query, { variables: none })).toEqual({ failureGroup: null, node: null });
});

test('a job says what its kernel said, where, and which groups it is in', async () => {
  const server = await world();
  const query = `{ job(source: "alpha", externalId: "5") { failureGroups { line group { kind fingerprint count } }
    kernelFaults { type summary functions firstLine lastLine count isFatal fingerprint } } }`;
  const { job } = await server.data<{ job: { failureGroups: unknown[]; kernelFaults: { fingerprint: string }[] } }>(
    query,
  );
  expect(job.kernelFaults).toMatchObject([
    {
      type: 'NULL_DEREFERENCE',
      summary: 'kernel NULL pointer dereference',
      functions: ['fizz_probe', 'really_probe'],
      ...{ firstLine: 1, lastLine: 6, count: 1, isFatal: true },
    },
  ]);
  expect(job.failureGroups).toEqual([
    { line: 1, group: { kind: 'KERNEL_FAULT', fingerprint: job.kernelFaults[0]?.fingerprint, count: 2 } },
  ]);
});

test('a page of groups costs the same queries however many there are', async () => {
  const server = await world();
  const query = LIST.replace(/jobs\(first: 50\).*/, '');
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    const { failureGroups } = await server.data<Groups>(`${query} } pageInfo { endCursor } } }`, {
      variables: { first },
    });
    expect(failureGroups.nodes).toHaveLength(first);
    return server.store.statementCount() - before;
  };
  await cost(1);

  expect(await cost(3)).toBe(await cost(1));
});
