import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { PUBLISHED } from '#api/sdl.ts';
import { addJob, startServer } from '../api/server.ts';
import { seenByApollo, toldToApollo } from './apollo.ts';
import type { Sent } from './client.ts';
import { seenByCurl } from './curl.ts';
import { seenByGraphqlRequest } from './graphql-request.ts';
import { seenByRelay } from './relay.ts';
import { seenByUrql } from './urql.ts';

test('clients of every kind read page after page, a thing by its id, and the code of an error', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const { url } = server;
  for (const number of [1, 2, 3, 4, 5]) await addJob(server, 'alpha', number);
  expect(await (await fetch(`${url}/schema.graphql`)).text()).toBe(readFileSync(PUBLISHED, 'utf8'));

  const persisted = { urql: [] as Sent[], Apollo: [] as Sent[] };
  const seen = {
    'graphql-request': await seenByGraphqlRequest(url),
    urql: await seenByUrql(url, persisted.urql),
    Apollo: await seenByApollo(url, persisted.Apollo),
    Relay: await seenByRelay(url),
    curl: await seenByCurl(url),
  };
  for (const [client, one] of Object.entries(seen)) {
    expect(one, client).toEqual({
      pages: [
        ['5', '4'],
        ['3', '2'],
      ],
      health: 'COMPLETE',
      codes: ['BAD_USER_INPUT'],
    });
  }
  // By the hash alone, which the server does not know; with the query; from then on by the hash alone.
  for (const [client, sent] of Object.entries(persisted)) {
    const ofJobs = sent.filter(({ hash }) => hash === sent[0]?.hash);
    expect(
      ofJobs.map(({ hasQuery }) => hasQuery),
      client,
    ).toEqual([false, true, false, false]);
    expect(sent[0]?.hash, client).toMatch(/^[0-9a-f]{64}$/);
  }

  const told: string[] = [];
  onTestFinished(toldToApollo(url, told));
  await expect
    .poll(() => {
      server.events.emit('jobFinished', { source: 'alpha', epoch: 0, externalId: '5' });
      return told[0];
    })
    .toBe('5');
});
