/** Quarantine: for who sees every job, nothing for others. */
import { escapeBytes } from '#analysis/escape-bytes.ts';
import { InvalidInput } from '#store/error.ts';
import { countLetters, getLetter, listLetters } from '#store/quarantined.ts';
import { readPage, toConnection } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

const MAX_RAW = 16_384;

export const deadLetter: Pick<Resolvers, 'Source' | 'DeadLetter' | 'DeadLetterConnection'> = {
  Source: {
    deadLetterStages: ({ id }, _, { store, viewer }) => countLetters(store, viewer, id),
    deadLetter: ({ slug }, { number }, { store, viewer }) => getLetter(store, viewer, slug, { id: number }),
    async deadLetters({ id, slug }, args, { store, viewer, loaders }) {
      const page = await listLetters(store, viewer, id, readPage(args, ['id']));
      const count = async () => (await loaders.sourceTotals.load(id))?.deadLetterCount ?? 0;
      return page && toConnection(page, (letter) => [letter.id], { slugs: [slug] }, count);
    },
  },
  DeadLetter: {
    id: ({ slug, hash }) => toNodeId('DeadLetter', slug, hash.toString('hex')),
    number: ({ id }) => id,
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    async raw({ id }, { from, size }, { loaders }) {
      const [at, most] = [from ?? 0, size ?? 1000];
      if (at < 0) throw new InvalidInput(`"from" is ${at}: bytes are counted from 0.`);
      if (most < 1 || most > MAX_RAW) throw new InvalidInput(`"size" is ${most}: ask for 1 to ${MAX_RAW} bytes.`);
      const bytes = await loaders.rawBytes.load({ id, from: at, size: most });
      return { from: at, bytes: bytes.length, text: escapeBytes(bytes) };
    },
  },
  DeadLetterConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
