import { expect, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { addBuildJob } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type Suite = {
  name: string;
  build: { version: string };
  counts: { fail: number; total: number };
  infrastructureFailures: number;
};
type Answer = {
  project: { suites: { nodes: Suite[]; totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean } } };
};

const QUERY = `query ($name: String, $first: Int, $after: String) { project(slug: "mainline") {
  suites(name: $name, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { name build { version } counts { fail total } infrastructureFailures } } } }`;

async function suites(server: Server, variables: object = {}) {
  return (await server.data<Answer>(QUERY, { variables })).project.suites;
}

const lost = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', plannedSuites: ['net'] };

test('a project lists the suites of its newest ten builds, each as the newest of them has it', async () => {
  const closed = settings('closed', { visibility: 'RESTRICTED', teams: ['x'] });
  const server = await startServer({ sources: [settings('alpha'), settings('beta'), closed] });
  await addBuildJob(server, { number: 1, build: 'v1', suite: '0_net', cases: { a: 'F', b: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v2', suite: '1_smoke', cases: { a: 'F' } });
  await addBuildJob(server, { number: 3, build: 'v2', suite: '0_smoke', source: 'beta', cases: { a: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v3', suite: '0_secret', source: 'closed', cases: { a: 'F' } });
  await addBuildJob(server, { number: 5, build: 'v2', suite: 'empty', cases: {}, ...lost });

  const all = await suites(server);
  expect(all).toMatchObject({
    totalCount: 3,
    nodes: [
      { name: 'empty', build: { version: 'v2' }, counts: { fail: 0, total: 0 }, infrastructureFailures: 0 },
      { name: 'net', build: { version: 'v2' }, counts: { fail: 0, total: 0 }, infrastructureFailures: 1 },
      { name: 'smoke', build: { version: 'v2' }, counts: { fail: 1, total: 2 }, infrastructureFailures: 0 },
    ],
  });
  const first = await suites(server, { first: 2 });
  expect(first.pageInfo.hasNextPage).toBe(true);
  const next = await suites(server, { first: 1, after: first.pageInfo.endCursor });
  expect(next.nodes.map(({ name }) => name)).toEqual(['smoke']);
  expect((await suites(server, { name: 'MOK' })).nodes.map(({ name }) => name)).toEqual(['smoke']);
  expect((await suites(server, { name: 'nothing' })).totalCount).toBe(0);

  for (let n = 6; n < 16; n++)
    await addBuildJob(server, { number: n, build: `v${n}`, suite: 'new', cases: { a: 'P' } });
  expect((await suites(server)).nodes.map(({ name }) => name)).toEqual(['new']);
});
