import { expect, test } from 'vitest';
import { addJob, startServer } from './server.ts';

test('a page of jobs takes the same number of queries however many jobs it has', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let n = 1; n <= 40; n++) await addJob(server, n % 2 ? 'alpha' : 'beta', n);
  const query = `query ($n: Int!) { jobs(first: $n) { nodes {
    source { slug jobCount } device { hostname } worker { hostname } deviceType { name } build { version project { slug } counts { total } } suites { name } counts { total } metadata { key value } definition
  } } }`;
  const cost = async (n: number) => {
    const before = server.store.statementCount();
    await server.data(query, { variables: { n } });
    return server.store.statementCount() - before;
  };
  await cost(1);

  expect(await cost(39)).toBe(await cost(4));
});

test('the newest results of tests that were found take the same number of queries however many there are', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let n = 1; n <= 16; n++) {
    await addJob(server, n % 2 ? 'alpha' : 'beta', n, {}, ['PASS', 'FAIL'], `${n}_needles-${n}`);
  }
  const query = `query ($n: Int!) { search(text: "case", first: $n, kinds: [TEST]) { nodes { text within testCase {
    id name result suite measurement startLogLine job { externalId source { slug } device { hostname } }
  } } } }`;
  type Found = { search: { nodes: { text: string; within: string; testCase: { name: string; suite: string } }[] } };
  const cost = async (n: number) => {
    const before = server.store.statementCount();
    const { search } = await server.data<Found>(query, { variables: { n } });
    expect(search.nodes).toHaveLength(n);
    for (const { text, within, testCase } of search.nodes) {
      expect([testCase.name, testCase.suite.replace(/^\d+_/, '')]).toEqual([text, within]);
    }
    return server.store.statementCount() - before;
  };
  await cost(16);

  expect(await cost(16)).toBe(await cost(2));
});
