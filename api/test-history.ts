import { describeSeries, type SeriesFacts } from '#analysis/verdict-series.ts';
import { InvalidInput } from '#store/error.ts';
import type { SourceFilter } from '#store/source.ts';
import { getTestHistory, type HistoryPointRow } from '#store/test-history.ts';
import { changepointsOf } from './changepoint.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';
import { required } from './required.ts';

const DEFAULT_BUILDS = 50;
const MAX_BUILDS = 200;

export type TestHistoryParent = SeriesFacts & { points: HistoryPointRow[]; truncated: boolean; sources: SourceFilter };

/** Verdicts of each series, oldest first. */
function seriesOf(points: readonly HistoryPointRow[]): string[][] {
  const key = ({ set, branchId, deviceType, sourceId }: HistoryPointRow) =>
    JSON.stringify([set, branchId, deviceType, sourceId]);
  return [...Map.groupBy(points.toReversed(), key).values()].map((series) => series.map(({ result }) => result));
}

export const testHistory: Pick<Resolvers, 'Query' | 'TestHistory' | 'HistoryPoint'> = {
  Query: {
    async testHistory(_, { builds, scope, ...test }, { store, viewer }) {
      const wanted = builds ?? DEFAULT_BUILDS;
      if (wanted < 1 || wanted > MAX_BUILDS)
        throw new InvalidInput(`"builds" is ${wanted}: ask for 1 to ${MAX_BUILDS}.`);
      const { points, truncated } = await getTestHistory(store, viewer, test, wanted, toScope(scope));
      return { points, truncated, sources: toSourceFilter(scope), ...describeSeries(seriesOf(points)) };
    },
  },
  TestHistory: {
    async changepoints({ points }, _, { loaders }) {
      const ids = [...new Set(points.map(({ buildId }) => buildId))];
      const rows = await Promise.all(ids.map(async (id) => required(await loaders.build.load(id), 'build')));
      return changepointsOf(points, new Map(rows.map((row) => [row.id, row])));
    },
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  HistoryPoint: {
    build: async ({ buildId }, _, { loaders }) => required(await loaders.build.load(buildId), 'build'),
    environment: ({ deviceType }) => environmentOf(deviceType),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    job: async ({ jobId }, _, { loaders }) => required(await loaders.job.load(jobId), 'job'),
    measurement: async (point, _, { loaders }) => (await loaders.measurementAt.load(point))?.measurement ?? null,
    units: async (point, _, { loaders }) => (await loaders.measurementAt.load(point))?.unit ?? null,
  },
};
