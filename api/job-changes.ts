/** What has changed and what has gone, for whoever keeps a copy. */
import { z } from 'zod';
import { type ChangeCursor, type JobChangeRow, listJobChanges } from '#store/job-changes.ts';
import type { Key } from '#store/page.ts';
import { type Connection, goingOnAt, readPage, toConnection } from './connection.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

export type JobChangeList = Connection<JobChangeRow, null>;

const SHAPE = ['number', 'number', 'id', 'number', 'number', 'id', 'text'] as const;
const number = z.number();
const Parts = z.tuple([number, number, number, number, number, number, z.string()]);

function fromKey(key: Key): ChangeCursor {
  const [at, kind, id, begun, upTo, newest, seen] = Parts.parse(key);
  return { place: [at, kind, id], begun, upTo, sight: { newest, seen } };
}

function toKey({ place, begun, upTo, sight }: ChangeCursor): Key {
  return [...place, begun, upTo, sight.newest, sight.seen];
}

export const jobChanges: Pick<Resolvers, 'Query' | 'GoneJob' | 'JobChangeConnection'> = {
  Query: {
    async jobChanges(_, { filter, ...args }, { store, viewer, now }) {
      const { limit, after } = readPage(args, SHAPE);
      const { scope, ...rest } = filter ?? {};
      const asked = { limit, after: after && fromKey(after), now: now() };
      const page = await listJobChanges(store, viewer, { ...rest, ...toScope(scope) }, asked);
      const list = { ...page, hasPrevious: after !== null };
      const keyOf = (row: JobChangeRow) => toKey(page.cursorOf(row));
      return goingOnAt(
        toConnection(list, keyOf, toSourceFilter(scope), async () => null),
        toKey(page.end),
        args,
      );
    },
  },
  GoneJob: {
    id: ({ slug, epoch, externalId }) => toNodeId('Job', slug, epoch, externalId),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
  },
  JobChangeConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
