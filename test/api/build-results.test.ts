/** Every result of a build in one request. */
import { expect, test } from 'vitest';
import { addJob, startServer } from './server.ts';

type Build = {
  counts: { total: number };
  testCases: {
    totalCount: number;
    nodes: { name: string; result: string; job: { externalId: string } }[];
    pageInfo: { hasNextPage: boolean };
  };
};

const query = (args: string) => `{ build(project: "mainline", version: "v1") { counts { total }
  testCases(${args}) { totalCount nodes { name result job { externalId } } pageInfo { hasNextPage } } } }`;

test('they come newest job first with their total; a visitor is told of no private job', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'root', token: 'secret', teams: [], role: 'admin' }],
  });
  const results = Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? 'FAIL' : 'PASS'));
  for (const number of [1, 2, 3]) await addJob(server, 'alpha', number, { isPublic: number !== 3 }, results);

  const { build } = await server.data<{ build: Build }>(query('first: 10000'));
  expect(build.testCases.nodes.map(({ job, name, result }) => `${job.externalId} ${name} ${result}`)).toEqual(
    ['2', '1'].flatMap((id) => results.map((result, i) => `${id} case${i} ${result}`)),
  );
  expect(build.testCases).toMatchObject({ totalCount: build.counts.total, pageInfo: { hasNextPage: false } });

  const all = await server.data<{ build: Build }>(query('first: 10000, result: [FAIL]'), { token: 'secret' });
  expect(all.build.testCases.totalCount).toBe(150);
  expect(all.build.testCases.nodes).toHaveLength(150);

  const few = await server.data<{ build: Build }>(query('first: 7, suite: "smoke"'));
  expect(few.build.testCases).toMatchObject({ totalCount: 300, pageInfo: { hasNextPage: true } });
});

test('statements follow the jobs, not the results', async () => {
  const counts: number[] = [];
  for (const size of [5, 500]) {
    const server = await startServer({ sources: ['alpha'] });
    for (const number of [1, 2, 3]) await addJob(server, 'alpha', number, {}, new Array<string>(size).fill('PASS'));
    await server.data(query('first: 10000'));
    const before = server.store.statementCount();
    const { build } = await server.data<{ build: Build }>(query('first: 10000'));
    counts.push(server.store.statementCount() - before);
    expect(build.testCases.nodes).toHaveLength(3 * size);
  }
  expect(counts[0]).toBe(counts[1]);
});

test('a page of more is refused in words, and so is what costs too much', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1);
  const message = async (args: string, fields: string) => {
    const { body } = await server.ask(
      `{ build(project: "mainline", version: "v1") { testCases(${args}) { nodes { ${fields} } } } }`,
    );
    return body.errors?.[0]?.message;
  };

  expect(await message('first: 10001', 'name')).toMatch(/"first" is 10001: a page holds at most 10000/);
  expect(await message('first: 10000', 'id metadata job { id device { id } } ')).toMatch(
    /^The query costs 70051; 50000 are allowed/,
  );
});
