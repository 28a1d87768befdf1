import { listActivity } from '#store/activity.ts';
import { getSource, listSources, type SourceRow, statusOf } from '#store/source.ts';
import { listVolatileSuites } from '#store/volatile-suite.ts';
import { readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, lagSeconds } from './coverage.ts';
import type { Resolvers, SourceKind } from './graphql/types.ts';
import { MAX_ACTIVITY_DAYS } from './limits.ts';
import { toNodeId } from './node-id.ts';

const DAY = 86_400_000_000;

async function totals(row: SourceRow, { loaders }: Context) {
  const found = await loaders.sourceTotals.load(row.id);
  return found ?? { jobCount: 0, resultCount: 0, workerCount: 0, deviceCount: 0, deadLetterCount: null };
}

async function activity(row: SourceRow, days: number, { store, viewer, now }: Context) {
  const today = Math.floor(now() / DAY);
  const first = today - Math.min(MAX_ACTIVITY_DAYS, Math.max(1, days)) + 1;
  const sums = new Map((await listActivity(store, viewer, [row.id], first)).map((sum) => [sum.day, sum]));
  return Array.from({ length: today - first + 1 }, (_, i) => {
    const {
      pass = 0,
      fail = 0,
      skip = 0,
      unknown = 0,
      ...jobs
    } = sums.get(first + i) ?? {
      complete: 0,
      incomplete: 0,
      canceled: 0,
      running: 0,
      infrastructure: 0,
    };
    return {
      date: new Date((first + i) * 86_400_000).toISOString().slice(0, 10),
      jobs,
      counts: { pass, fail, skip, unknown, total: pass + fail + skip + unknown },
    };
  });
}

export const source: Pick<Resolvers, 'Query' | 'Source' | 'SourceConnection'> = {
  Query: {
    source: (_, { slug }, { store, viewer }) => getSource(store, viewer, slug),
    async sources(_, args, { store, viewer }) {
      const page = await listSources(store, viewer, {}, readPage(args, ['text']));
      const count = async () =>
        (await listSources(store, viewer, {}, { limit: 10_000, after: null, before: null, backward: false })).rows
          .length;
      return toConnection(page, (row) => [row.slug], {}, count);
    },
  },
  Source: {
    id: ({ slug }) => toNodeId('Source', slug),
    kind: ({ kind }) => kind as SourceKind,
    retention: ({ retention }) => ({
      logs: retention?.logs ?? null,
      detail: retention?.detail ?? null,
      results: retention?.results ?? null,
      rollups: retention?.rollups ?? null,
    }),
    labels: ({ labels }) => Object.entries(labels).map(([key, value]) => ({ key, value })),
    status: (row, _, { now }) => statusOf(row, now()).status,
    statusReason: (row, _, { now }) => statusOf(row, now()).reason,
    nextSyncAt: ({ nextSyncAt }) => nextSyncAt,
    lagSeconds: (row, _, { now }) => lagSeconds(row, now()),
    clockSkewSeconds: ({ clockOffsetMs }) => (clockOffsetMs === null ? null : clockOffsetMs / 1000),
    jobCount: async (row, _, context) => (await totals(row, context)).jobCount,
    resultCount: async (row, _, context) => (await totals(row, context)).resultCount,
    workerCount: async (row, _, context) => (await totals(row, context)).workerCount,
    deviceCount: async (row, _, context) => (await totals(row, context)).deviceCount,
    deadLetterCount: async (row, _, context) => (await totals(row, context)).deadLetterCount,
    volatileSuites: (row, _, { store, viewer }) => listVolatileSuites(store, viewer, row.id, 20),
    abilities: ({ capabilities, capableSince }) =>
      capabilities.map((name) => ({ name, since: capableSince?.[name] ?? null })),
    isConfigured: ({ configured }) => configured,
    failingSince: ({ lastErrorAt }) => lastErrorAt,
    historyLeft: ({ backlog }) => backlog,
    activity: (row, { days }, context) => activity(row, days ?? 14, context),
  },
  SourceConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
