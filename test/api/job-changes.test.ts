/** What has changed and what has gone, as whoever keeps a copy is told it. */
import { expect, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { hideJob } from '#store/hide-job.ts';
import { retire } from '#store/retention.ts';
import { getSyncState, saveSources } from '#store/write-source.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
const T = 1_790_000_000 * SECOND;
const access = [
  { login: 'kim', token: 'kim-token', teams: ['kernel'], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const QUERY = `query ($after: String, $first: Int, $filter: JobChangeFilter) {
  jobChanges(first: $first, after: $after, filter: $filter) {
    nodes { at job { externalId } removed { id epoch externalId source { slug } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } }`;

type Removed = { id: string; epoch: number; externalId: string; source: { slug: string } };
type Answer = {
  jobChanges: {
    nodes: { at: string; job: { externalId: string } | null; removed: Removed | null }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
  };
};

async function world(slugs: readonly string[] = ['open', 'secret']) {
  const clock = { at: T };
  const sources = slugs.map((slug) =>
    settings(slug, slug === 'secret' ? { visibility: 'RESTRICTED', teams: ['kernel'] } : {}),
  );
  const server = await startServer({ sources, access, now: () => clock.at });
  return { server, clock, sources };
}

const put = ({ writer }: Server, slug: string, number: number, at: number, more: object = {}) =>
  write(writer, slug, changeOf(jobOf({ externalId: String(number), submitAt: T + number, ...more }), []), at);

async function hide({ writer }: Server, slug: string, number: number, at: number): Promise<void> {
  const source = (await getSyncState(writer, slug)) ?? expect.fail();
  await writer.transaction(() => hideJob(writer, source, String(number), at));
}

/** Retention deletes what was submitted more than a year ago. */
const OLD = { submitAt: T - 400 * DAY };
async function forget({ writer }: Server, slug: string, at: number): Promise<void> {
  const source = (await getSyncState(writer, slug)) ?? expect.fail();
  await retire(writer, source.id, { rollups: 365 }, () => at);
}

/** Jobs by their number, those that are gone with a minus, and where to go on. */
async function read(server: Server, after: string | null, token?: string, filter: object = {}) {
  const { jobChanges }: Answer = await server.data(QUERY, { variables: { after, first: 50, filter }, token });
  const told = jobChanges.nodes.map(({ job, removed }) => job?.externalId ?? `-${removed?.externalId}`);
  return { told, cursor: jobChanges.pageInfo.endCursor };
}

const codeOf = async (server: Server, after: string, token?: string, filter: object = {}) =>
  (await server.ask(QUERY, { variables: { after, filter }, token })).body.errors?.[0]?.extensions?.code;

test('whoever goes on is told what is hidden, deleted and shown again: each what he could see, once, and not before a minute', async () => {
  const { server, clock } = await world();
  for (const number of [1, 2, 3]) await put(server, 'open', number, T);
  await put(server, 'open', 4, T, OLD);
  await put(server, 'open', 5, T, { ...OLD, isPublic: false });
  await put(server, 'secret', 6, T);
  clock.at = T + 61 * SECOND;
  const [visitor, kim, root] = await Promise.all(
    [undefined, 'kim-token', 'root-token'].map((one) => read(server, null, one)),
  );
  expect([visitor?.told, kim?.told, root?.told]).toEqual([
    ['1', '2', '3', '4'],
    ['1', '2', '3', '4', '6'],
    ['1', '2', '3', '4', '5', '6'],
  ]);

  await hide(server, 'open', 1, clock.at);
  await hide(server, 'open', 2, clock.at);
  await hide(server, 'secret', 6, clock.at);
  await forget(server, 'open', clock.at);
  await put(server, 'open', 2, clock.at + SECOND);
  expect(await read(server, visitor?.cursor ?? '')).toEqual({ told: [], cursor: expect.any(String) });
  clock.at += 62 * SECOND;
  expect((await read(server, visitor?.cursor ?? '')).told).toEqual(['-1', '-4', '2']);
  expect((await read(server, kim?.cursor ?? '', 'kim-token')).told).toEqual(['-1', '-6', '-4', '2']);
  expect((await read(server, root?.cursor ?? '', 'root-token')).told).toEqual(['-4', '-5', '1', '6', '2']);

  const { jobChanges }: Answer = await server.data(QUERY, { variables: { after: visitor?.cursor, first: 1 } });
  expect(jobChanges).toEqual({
    nodes: [
      {
        at: toInstant(T + 61 * SECOND),
        job: null,
        removed: { id: expect.any(String), epoch: 0, externalId: '1', source: { slug: 'open' } },
      },
    ],
    pageInfo: { hasNextPage: true, hasPreviousPage: true, endCursor: expect.any(String) },
  });
  const { node } = await server.data<{ node: null }>(`{ node(id: "${jobChanges.nodes[0]?.removed?.id}") { id } }`);
  expect(node).toBeNull();
});

test('a cursor is too old where who reads may see something else than before, and is none of another list', async () => {
  const { server, clock, sources } = await world();
  await put(server, 'open', 1, T);
  clock.at = T + 61 * SECOND;
  const { cursor } = await read(server, null);
  const kims = (await read(server, null, 'kim-token')).cursor;
  expect(await codeOf(server, cursor)).toBeUndefined();
  expect(await codeOf(server, cursor, 'kim-token')).toBe('CURSOR_TOO_OLD');
  expect(await codeOf(server, cursor, undefined, { scope: { sources: ['secret'] } })).toBe('CURSOR_TOO_OLD');
  const { jobs } = await server.data<{ jobs: { pageInfo: { endCursor: string } } }>(
    '{ jobs { pageInfo { endCursor } } }',
  );
  expect(await codeOf(server, jobs.pageInfo.endCursor)).toBe('BAD_USER_INPUT');

  // One that is new is no reason to begin anew; one that is shown to others than before is, for those who see it.
  await saveSources(server.writer, [...sources, settings('new'), settings('hidden', { visibility: 'RESTRICTED' })]);
  expect(await codeOf(server, cursor)).toBeUndefined();
  await saveSources(server.writer, [
    ...sources,
    settings('new'),
    settings('hidden', { visibility: 'RESTRICTED', teams: ['x'] }),
  ]);
  expect(await codeOf(server, cursor)).toBeUndefined();
  expect(await codeOf(server, kims, 'kim-token')).toBeUndefined();
  await saveSources(server.writer, [settings('open'), settings('secret', { visibility: 'INTERNAL' })]);
  expect(await codeOf(server, cursor)).toBeUndefined();
  expect(await codeOf(server, kims, 'kim-token')).toBe('CURSOR_TOO_OLD');
  clock.at += 2 * 366 * DAY;
  expect(await codeOf(server, cursor)).toBe('CURSOR_TOO_OLD');
});

test('S-02: by pages of one and at any moment, a visitor is told the same whether there is something hidden or not', async () => {
  const answers = await Promise.all(
    [true, false].map(async (isThere) => {
      const { server, clock } = await world(isThere ? ['secret', 'open'] : ['open']);
      const hidden = async (number: number, at: number) => {
        if (!isThere) return;
        for (const slug of ['open', 'secret'])
          await put(server, slug, number, at, { ...OLD, isPublic: slug === 'secret' });
        if (number % 2) for (const slug of ['open', 'secret']) await forget(server, slug, at + 1);
        else await hide(server, 'secret', number, at + 1);
      };
      const told: string[] = [];
      let after: string | null = null;
      const readOn = async () => {
        for (let more = true; more; ) {
          const { jobChanges }: Answer = await server.data(QUERY, { variables: { first: 1, after } });
          const { endCursor, ...pageInfo } = jobChanges.pageInfo;
          told.push(JSON.stringify([jobChanges.nodes, pageInfo, endCursor.length]));
          [after, more] = [endCursor, pageInfo.hasNextPage];
        }
      };
      for (let number = 10; number < 16; number++) {
        const at = clock.at;
        await hidden(100 + number, at - 2);
        await put(server, 'open', number, at);
        await hidden(200 + number, at);
        if (number % 3 === 0) await hide(server, 'open', number - 1, at + 2);
        await hidden(300 + number, at + 1);
        clock.at += 61 * SECOND;
        await readOn();
      }
      return told;
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toHaveLength(8);
});
