/** Jobs by when their copy changed: what a script reads on with. */
import { expect, test } from 'vitest';
import { openStore } from '#store/open.ts';
import { CHANGE_MARGIN } from '#store/store.ts';
import { jobOf } from '../store/arbitrary.ts';
import { temporaryPlace, temporaryWriter, write } from '../store/temporary.ts';
import { startServer } from './server.ts';

const T = 1_790_000_000_000_000;
const QUERY = `query ($after: String, $first: Int = 2, $since: DateTime) {
  jobs(first: $first, after: $after, filter: { updatedSince: $since }, orderBy: { field: CHANGE_TIME, direction: ASC }) {
    nodes { externalId } pageInfo { endCursor hasNextPage } } }`;

type Answer = {
  jobs: { nodes: { externalId: string }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
};

test('whoever goes on after the last cursor is told each change once, in its order, and what is new not before a minute', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const put = (slug: string, externalId: string, at: number, description = '') =>
    write(server.writer, slug, { job: jobOf({ externalId, description }), results: null, settled: true }, at);
  const read = async (after: string | null, since?: string) => {
    const found: string[] = [];
    let [cursor, more] = [after, true];
    while (more) {
      const { jobs }: Answer = await server.data(QUERY, { variables: { after: cursor, since } });
      found.push(...jobs.nodes.map((one) => one.externalId));
      cursor = jobs.pageInfo.endCursor ?? cursor;
      more = jobs.pageInfo.hasNextPage;
    }
    return { found, cursor };
  };
  await put('alpha', '9', T);
  await put('beta', '3', T);
  await put('alpha', '1', T + 5);
  await put('alpha', '2', T - 5);
  const first = await read(null);
  expect(first.found).toEqual(['2', '9', '3', '1']);
  expect(await read(first.cursor)).toEqual({ found: [], cursor: first.cursor });

  await put('alpha', '9', T + 10, 'said anew');
  await put('beta', '4', T + 20);
  await put('beta', '5', Date.now() * 1000);
  expect((await read(first.cursor)).found).toEqual(['9', '4']);
  expect((await read(null, new Date(T / 1000).toISOString())).found).toEqual(['3', '1', '9', '4']);
});

test('no change can come before the horizon while a transaction runs that began before', async () => {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['alpha'], place);
  const reader = await openStore({ ...place, mode: 'read' });
  try {
    const began = Date.now() * 1000;
    const late = began + 3_600_000_000;
    expect(await reader.changeHorizon(late)).toBe(late - CHANGE_MARGIN);
    const seen = await writer.transaction(() => reader.changeHorizon(late));
    if (writer.store.engine === 'sqlite') expect(seen).toBe(late - CHANGE_MARGIN);
    else expect(Math.abs(seen + CHANGE_MARGIN - began)).toBeLessThan(CHANGE_MARGIN);
  } finally {
    await reader.close();
  }
});
