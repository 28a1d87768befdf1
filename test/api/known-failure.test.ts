/** How many failing tests of a build are known: against the lists that the numbers lead to, and what it costs. */
import { expect, test } from 'vitest';
import { saveKnownIssue } from '#store/save-known-issue.ts';
import { addIssue, issueOf, TRIAGER } from '../store/known-issues.ts';
import { settings } from '../store/settings.ts';
import { addBuildJob } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type List = {
  pageInfo: { endCursor: string | null; startCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean };
  nodes: { suite: string; name: string; environment: { name: string } }[];
};
type Known = {
  failingCount: number;
  knownCount: number;
  issues: { testCount: number; issue: { number: number } }[];
  issueCount: number;
  isWhole: boolean;
};

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const KNOWN = `{ build(project: "mainline", version: "v1") { verdict { known { failingCount knownCount issueCount isWhole
  issues { testCount issue { number } } } } } }`;
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $known: Boolean, $knownIssue: Int) {
  build(project: "mainline", version: "v1") {
    failingTests(first: $first, after: $after, last: $last, before: $before, known: $known, knownIssue: $knownIssue) {
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { suite name environment { name } } } } }`;

async function world(hidden: boolean): Promise<Server> {
  const server = await startServer({
    sources: [settings('closed', { visibility: 'RESTRICTED', teams: ['x'] }), settings('open'), settings('other')],
    access,
  });
  const failing = Object.fromEntries(['a1', 'a2', 'a3', 'b1', 'c1'].map((name) => [name, 'F']));
  await addBuildJob(server, { number: 1, build: 'v1', source: 'open', cases: { ...failing, ok: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v1', source: 'other', cases: { a1: 'P', c2: 'F' } });
  await addBuildJob(server, { number: 3, build: 'v1', source: 'other', cases: { a1: 'F' }, deviceType: 'juno' });
  if (hidden) {
    await addBuildJob(server, { number: 4, build: 'v1', source: 'closed', cases: { a1: 'F', c2: 'F', d1: 'F' } });
    await addBuildJob(server, { number: 5, build: 'v1', source: 'open', cases: { b9: 'F' }, isPublic: false });
  }
  for (const name of ['a*', 'b*', 'd*']) await addIssue(server.writer, { suite: 'smoke', name });
  return server;
}

const knownOf = async (server: Server, token?: string) =>
  (await server.data<{ build: { verdict: { known: Known } } }>(KNOWN, token === undefined ? {} : { token })).build
    .verdict.known;
const listOf = async (server: Server, variables: object) =>
  (await server.data<{ build: { failingTests: List } }>(LIST, { variables })).build.failingTests;
const namesOf = ({ nodes }: List) => nodes.map(({ name, environment }) => `${environment.name} ${name}`);

test('known failures are counted as the lists have them, by issue and in all, from both ends', async () => {
  const server = await world(false);
  const known = await knownOf(server);
  expect(known).toMatchObject({ failingCount: 7, knownCount: 5, issueCount: 2, isWhole: true });
  expect(known.issues).toEqual([
    { testCount: 4, issue: { number: 1 } },
    { testCount: 1, issue: { number: 2 } },
  ]);
  expect((await listOf(server, { first: 50 })).nodes).toHaveLength(known.failingCount);
  const all = await listOf(server, { first: 50, known: true });
  expect(all.nodes).toHaveLength(known.knownCount);
  for (const { testCount, issue } of known.issues)
    expect((await listOf(server, { first: 50, knownIssue: issue.number })).nodes).toHaveLength(testCount);

  const forward: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: List = await listOf(server, { first: 2, after, knownIssue: 1 });
    forward.push(...namesOf(page));
    [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  const backward: string[] = [];
  for (let before: string | null = null, more = true; more; ) {
    const page: List = await listOf(server, { last: 2, before, knownIssue: 1 });
    backward.unshift(...namesOf(page));
    [before, more] = [page.pageInfo.startCursor, page.pageInfo.hasPreviousPage];
  }
  expect(forward).toHaveLength(4);
  expect(backward).toEqual(forward);
});

test('a failure that ended after its issue was said to be fixed is not known', async () => {
  const server = await world(false);
  await saveKnownIssue(server.writer.store, TRIAGER, 1, issueOf({ suite: 'smoke', name: 'a*', fixedAt: 0 }), 1);
  expect(await knownOf(server)).toMatchObject({ failingCount: 7, knownCount: 1 });
  expect((await listOf(server, { first: 50, knownIssue: 1 })).nodes).toEqual([]);
});

test('hidden jobs change no byte of it; more issues cost no more queries', async () => {
  const [without, withHidden] = [await world(false), await world(true)];
  for (const [query, variables] of [
    [KNOWN, {}],
    [LIST, { first: 3, known: true }],
    [LIST, { first: 50, knownIssue: 3 }],
  ] as const)
    expect(JSON.stringify(await withHidden.ask(query, { variables }))).toBe(
      JSON.stringify(await without.ask(query, { variables })),
    );
  expect(await knownOf(withHidden, 'root-token')).toMatchObject({ issueCount: 3 });

  const cost = async () => {
    const before = without.store.statementCount();
    await knownOf(without);
    return without.store.statementCount() - before;
  };
  await cost();
  const few = await cost();
  for (const name of ['c1', 'c2']) await addIssue(without.writer, { suite: 'smoke', name });
  expect((await knownOf(without)).issueCount).toBe(4);
  expect(await cost()).toBe(few);
});
