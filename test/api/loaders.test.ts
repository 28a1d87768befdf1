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
