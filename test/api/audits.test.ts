import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

test('all 61 audits of the GraphQL over HTTP specification pass', async () => {
  const { url } = await startServer({ sources: ['alpha'] });
  const audits = serverAudits({ url: `${url}/graphql`, fetchFn: fetch });

  const results = await Promise.all(audits.map((audit) => audit.fn()));

  expect(results).toHaveLength(61);
  expect(
    results.filter((result) => result.status !== 'ok').map((result) => `${result.id} ${result.name}: ${result.status}`),
  ).toEqual([]);
});
