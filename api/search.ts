import { InvalidInput } from '#store/error.ts';
import { type Hit, search as searchStore } from '#store/search.ts';
import { MAX_PAGE, readPage, toConnection } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';

type Placed = Hit & { place: number };

export const search: Pick<Resolvers, 'Query' | 'SearchHit' | 'SearchConnection'> = {
  Query: {
    async search(_, { text, kinds, ...args }, { store, viewer }) {
      if (kinds?.length === 0) throw new InvalidInput('"kinds" is empty: name one, or leave it out for all.');
      const page = readPage(args, ['number']);
      const from = page.after ? Number(page.after[0]) + 1 : 0;
      const hits = await searchStore(store, viewer, text, {
        limit: Math.min(MAX_PAGE, from + page.limit + 1),
        ...(kinds && { kinds }),
      });
      const rows = hits.map((hit, place): Placed => ({ ...hit, place })).slice(from, from + page.limit);
      const hasNext = hits.length > from + page.limit;
      return toConnection(
        { rows, hasNext, hasPrevious: from > 0 },
        (row) => [row.place],
        {},
        async () => null,
      );
    },
  },
  SearchHit: {
    testCase: async ({ kind, id }, _, { loaders }) =>
      kind === 'TEST' ? ((await loaders.newestResult.load(id)) ?? null) : null,
    job: async ({ kind, id }, _, { loaders }) => (kind === 'JOB' ? ((await loaders.job.load(id)) ?? null) : null),
    device: async ({ kind, id }, _, { loaders }) =>
      kind === 'DEVICE' ? ((await loaders.device.load(id)) ?? null) : null,
    build: async ({ kind, id }, _, { loaders }) => (kind === 'BUILD' ? ((await loaders.build.load(id)) ?? null) : null),
  },
  SearchConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
