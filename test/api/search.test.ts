import { expect, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { addJob, startServer } from './server.ts';

const QUERY = `query ($text: String!, $first: Int, $after: String, $kinds: [SearchKind!]) {
  search(text: $text, first: $first, after: $after, kinds: $kinds) {
    nodes { kind text within testCase { result job { externalId } } job { externalId } device { hostname } build { version } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    coverage { complete }
  }
}`;

type Found = {
  search: {
    nodes: {
      kind: string;
      text: string;
      within: string;
      job: object | null;
      device: object | null;
      build: object | null;
    }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  };
};

test('each kind is found with what it is of, and nothing hidden is', async () => {
  const server = await startServer({
    sources: ['alpha', settings('secret', { visibility: 'RESTRICTED', teams: ['x'] })],
    access: [{ login: 'admin', token: 't', teams: [], role: 'admin' }],
  });
  const metadata = { 'git-tree': 'mainline', 'git-describe': 'v6-needle', 'git-branch': 'master' };
  await addJob(server, 'alpha', 7, { description: 'a Needle job', device: 'needle-01', metadata });
  await addJob(server, 'alpha', 8, { description: 'needle, private', device: 'needle-02', isPublic: false });
  await addJob(server, 'secret', 9, { description: 'needle of others', device: 'needle-03' });

  const { search } = await server.data<Found>(QUERY, { variables: { text: 'needle' } });
  expect(search.nodes).toEqual([
    {
      kind: 'JOB',
      text: 'a Needle job',
      within: 'alpha',
      testCase: null,
      job: { externalId: '7' },
      device: null,
      build: null,
    },
    {
      kind: 'DEVICE',
      text: 'needle-01',
      within: 'alpha',
      testCase: null,
      job: null,
      device: { hostname: 'needle-01' },
      build: null,
    },
    {
      kind: 'BUILD',
      text: 'v6-needle',
      within: 'mainline',
      testCase: null,
      job: null,
      device: null,
      build: { version: 'v6-needle' },
    },
  ]);
  const all = await server.data<Found>(QUERY, { variables: { text: 'needle' }, token: 't' });
  expect(all.search.nodes).toHaveLength(7);
  const tests = await server.data<Found>(QUERY, { variables: { text: 'case0', kinds: ['TEST'] } });
  expect(tests.search.nodes).toEqual([
    {
      kind: 'TEST',
      text: 'case0',
      within: 'smoke',
      testCase: { result: 'PASS', job: { externalId: '7' } },
      job: null,
      device: null,
      build: null,
    },
  ]);
});

test('pages follow each other without a gap, and say when there is no more', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (let n = 1; n <= 7; n++) await addJob(server, 'alpha', n, { description: `needle ${n}`, device: null });
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 10; pages++) {
    const { search }: Found = await server.data<Found>(QUERY, { variables: { text: 'needle', first: 3, after } });
    seen.push(...search.nodes.map(({ text }) => text));
    expect(search.pageInfo.hasPreviousPage).toBe(pages > 0);
    if (!search.pageInfo.hasNextPage) break;
    after = search.pageInfo.endCursor;
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `needle ${n}`));
});

test('no kinds, or a cursor of another list, is an error that says what to do', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const none = await server.ask(QUERY, { variables: { text: 'x', kinds: [] } });
  expect(none.body.errors?.[0]?.message).toMatch(/leave it out/);
  const forged = await server.ask(QUERY, { variables: { text: 'x', after: 'bm8' } });
  expect(forged.body.errors?.[0]?.message).toMatch(/is no cursor of this list/);
  const { search } = await server.data<Found>(QUERY, { variables: { text: '   ' } });
  expect(search.nodes).toEqual([]);
});
