import { expect, test } from 'vitest';
import { addJob, type Server, startServer } from './server.ts';

type Page = {
  edges: { node: { key: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

async function walk(
  server: Server,
  field: string,
  key: string,
  forward: boolean,
  between: (page: number) => Promise<void>,
): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 100; page++) {
    const args = forward ? 'first: $n, after: $cursor' : 'last: $n, before: $cursor';
    const query = `query ($n: Int!, $cursor: String) { list: ${field.replace('ARGS', args)} { edges { node { key: ${key} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const { list }: { list: Page } = await server.data(query, { variables: { n: 7, cursor } });
    const found = list.edges.map((edge) => edge.node.key);
    if (forward) keys.push(...found);
    else keys.unshift(...found);
    if (!(forward ? list.pageInfo.hasNextPage : list.pageInfo.hasPreviousPage)) return keys;
    cursor = forward ? list.pageInfo.endCursor : list.pageInfo.startCursor;
    await between(page);
  }
  throw new Error('the walk does not end');
}

test.each([
  ['jobs(ARGS)', 'externalId'],
  ['jobs(ARGS, orderBy: {field: END_TIME, direction: ASC})', 'externalId'],
  ['testCases(ARGS, filter: {})', 'externalId'],
  ['testCases(ARGS, filter: {result: [FAIL]})', 'externalId'],
])('walking %s forward and backward gives the same rows while rows are inserted', async (field, key) => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let n = 1; n <= 15; n++)
    for (const slug of ['alpha', 'beta']) await addJob(server, slug, n, {}, ['PASS', 'FAIL', 'FAIL']);
  const before = new Set(
    await walk(server, field, `id ${key === 'externalId' ? '' : key}`.trim(), true, async () => undefined),
  );

  let number = 100;
  const insert = async () => {
    number += 1;
    await addJob(server, number % 2 ? 'alpha' : 'beta', number, {}, ['FAIL']);
    await addJob(
      server,
      number % 2 ? 'beta' : 'alpha',
      number + 1000,
      { submitAt: 1_780_000_000_000_000 - number, startAt: null, endAt: null },
      ['FAIL'],
    );
  };
  const forward = (await walk(server, field, 'id', true, insert)).filter((id) => before.has(id));
  const backward = (await walk(server, field, 'id', false, insert)).filter((id) => before.has(id));

  expect(forward).toHaveLength(before.size);
  expect(backward).toEqual(forward);
});
