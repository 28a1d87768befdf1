import { expect, test } from 'vitest';
import { fromInstant, toInstant } from '#api/scalars.ts';
import { addJob, startServer } from './server.ts';

test('every kind of thing is found again by its id, which holds no number of the store', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 4711, { metadata: { 'git-tree': 'mainline', 'git-describe': 'v1' } });
  const found = await server.data<Record<string, { nodes: { id: string; __typename: string; device?: object }[] }>>(
    '{ sources { nodes { id __typename } } jobs { nodes { id __typename } } testCases(filter: {}) { nodes { id __typename } } devices { nodes { id __typename } } workers { nodes { id __typename } } deviceTypes { nodes { id __typename } } projects { nodes { id __typename } } }',
  );
  const { projects } = await server.data<{ projects: { nodes: { builds: { nodes: { id: string }[] } }[] } }>(
    '{ projects { nodes { builds { nodes { id } } } } }',
  );
  const wanted = [
    ...Object.values(found).flatMap(({ nodes }) => nodes),
    ...projects.nodes.flatMap(({ builds }) => builds.nodes.map(({ id }) => ({ id, __typename: 'Build' }))),
  ];

  const again = await server.data<{ nodes: unknown[] }>('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', {
    variables: { ids: wanted.map(({ id }) => id) },
  });

  expect(again.nodes).toEqual(wanted);
  expect(new Set(wanted.map((each) => each.__typename)).size).toBeGreaterThanOrEqual(5);
  const job = found.jobs?.nodes[0];
  expect(JSON.parse(Buffer.from(job?.id ?? '', 'base64url').toString())).toEqual(['Job', 'alpha', 0, '4711']);
});

test('what is answered to a token is kept by no cache', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'ann', token: 'ann-token', teams: [], role: 'viewer' }],
  });
  const headers = async (authorization?: string) =>
    (
      await fetch(`${server.url}/graphql?query={meta{version}}`, {
        headers: { accept: 'application/json', ...(authorization ? { authorization } : {}) },
      })
    ).headers;

  expect((await headers('Bearer ann-token')).get('cache-control')).toBe('private, no-store');
  expect((await headers()).get('vary')).toContain('Authorization');
});

test.each([
  ['2026-06-01T12:00:00Z', '2026-06-01T12:00:00Z'],
  ['2026-06-01T12:00:00.123456Z', '2026-06-01T12:00:00.123456Z'],
  ['2026-06-01T14:00:00.1+02:00', '2026-06-01T12:00:00.1Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
])('the instant %s is %s', (text, wanted) => {
  expect(toInstant(fromInstant(text))).toBe(wanted);
});

test.each(['2026-06-01', '2026-06-01T12:00:00', '2026-02-30T12:00:00Z', '2026-06-01T25:00:00Z', '', 12, null])(
  '%s is no instant',
  (text) => {
    expect(() => fromInstant(text)).toThrow(/is no instant/);
  },
);
