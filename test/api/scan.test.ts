import { expect, test } from 'vitest';
import { addJob, type Server, startServer } from './server.ts';

type List = {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

const FIELDS = '{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

async function walkAll(server: Server, forward: boolean, filter: string): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let pages = 1; pages < 50; pages++) {
    const args = forward ? 'first: 5, after: $c' : 'last: 5, before: $c';
    const { list }: { list: List } = await server.data(
      `query ($c: String) { list: testCases(${args}, filter: ${filter}) ${FIELDS} }`,
      { variables: { c: cursor } },
    );
    const found = list.edges.map(({ node }) => node.id);
    if (forward) ids.push(...found);
    else ids.unshift(...found);
    if (!(forward ? list.pageInfo.hasNextPage : list.pageInfo.hasPreviousPage)) return { ids, pages };
    cursor = forward ? list.pageInfo.endCursor : list.pageInfo.startCursor;
    expect(cursor, 'a page that is not the last says where to go on').not.toBeNull();
  }
  throw new Error('the walk does not end');
}

test('results far apart are found in both directions, a bounded piece of the archive at a time', {
  timeout: 120_000,
}, async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (let n = 1; n <= 1100; n++)
    await addJob(server, 'alpha', n, {}, n === 3 || n === 700 || n === 1099 ? ['PASS', 'SKIP'] : ['PASS']);
  const filter = '{result: [SKIP]}';

  const forward = await walkAll(server, true, filter);
  const backward = await walkAll(server, false, filter);

  expect(forward.ids).toHaveLength(3);
  expect(backward.ids).toEqual(forward.ids);
  expect(forward.pages).toBeGreaterThan(2);
});

test('a page between two cursors holds what lies between them', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (let n = 1; n <= 6; n++) await addJob(server, 'alpha', n, {}, n === 3 ? ['PASS'] : ['PASS', 'FAIL']);
  const all = await server.data<{ testCases: List }>(`{ testCases(filter: {}) ${FIELDS} }`);
  const cursors = all.testCases.edges.map(({ cursor }) => cursor);

  const some = await server.data<{ testCases: List }>(
    `query ($a: String, $b: String) { testCases(first: 50, after: $a, before: $b, filter: {}) ${FIELDS} }`,
    { variables: { a: cursors[2], b: cursors[6] } },
  );
  const failing = await server.data<{ testCases: List }>(
    `query ($b: String) { testCases(first: 50, before: $b, filter: {result: [FAIL]}) ${FIELDS} }`,
    { variables: { b: cursors[6] } },
  );

  expect(some.testCases.edges.map(({ cursor }) => cursor)).toEqual(cursors.slice(3, 6));
  expect(failing.testCases.edges.every(({ cursor }) => cursors.indexOf(cursor) < 6)).toBe(true);
});
