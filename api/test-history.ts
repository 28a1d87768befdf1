import { findLevelShifts, type LevelShift } from '#analysis/level-shifts.ts';
import { describeSeries, type SeriesFacts } from '#analysis/verdict-series.ts';
import { InvalidInput } from '#store/error.ts';
import type { SourceFilter } from '#store/source.ts';
import { getTestHistory, type HistoryPointRow } from '#store/test-history.ts';
import { changepointsOf } from './changepoint.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';
import { required } from './required.ts';

const DEFAULT_BUILDS = 50;
const MAX_BUILDS = 200;

export type TestHistoryParent = SeriesFacts & {
  suite: string;
  name: string;
  points: HistoryPointRow[];
  truncated: boolean;
  sources: SourceFilter;
};

function keyOf({ set, branchId, deviceType, sourceId }: HistoryPointRow): string {
  return JSON.stringify([set, branchId, deviceType, sourceId]);
}

/** Verdicts of each series, oldest first. */
function seriesOf(points: readonly HistoryPointRow[]): string[][] {
  return [...Map.groupBy(points.toReversed(), keyOf).values()].map((series) => series.map(({ result }) => result));
}

/** `last` and `first` are the neighbours between which the level changed. */
export type LevelShiftParent = LevelShift & { units: string | null; last: HistoryPointRow; first: HistoryPointRow };

/** Newest first. */
async function levelShiftsOf(
  points: readonly HistoryPointRow[],
  { loaders }: Pick<Context, 'loaders'>,
): Promise<LevelShiftParent[]> {
  const measured = await Promise.all(
    points.toReversed().map(async (point) => ({ point, ...(await loaders.measurementAt.load(point)) })),
  );
  const known = measured.flatMap(({ point, measurement, unit = null }) =>
    measurement == null ? [] : [{ point, unit, value: Number(measurement) }],
  );
  const series = Map.groupBy(known, ({ point, unit }) => JSON.stringify([keyOf(point), unit]));
  const shifts = [...series.values()].flatMap((values) =>
    findLevelShifts(values.map(({ value }) => value)).flatMap((shift) => {
      const [last, first] = [values[shift.at - 1], values[shift.at]];
      return last && first ? [{ ...shift, units: first.unit, last: last.point, first: first.point }] : [];
    }),
  );
  const age = new Map(points.map((point, i) => [point, i]));
  return shifts.sort((a, b) => (age.get(a.first) ?? 0) - (age.get(b.first) ?? 0));
}

export const testHistory: Pick<Resolvers, 'Query' | 'TestHistory' | 'HistoryPoint' | 'LevelShift'> = {
  Query: {
    async testHistory(_, { builds, scope, ...test }, { store, viewer }) {
      const wanted = builds ?? DEFAULT_BUILDS;
      if (wanted < 1 || wanted > MAX_BUILDS)
        throw new InvalidInput(`"builds" is ${wanted}: ask for 1 to ${MAX_BUILDS}.`);
      const { points, truncated } = await getTestHistory(store, viewer, test, wanted, toScope(scope));
      const { suite, name } = test;
      return { suite, name, points, truncated, sources: toSourceFilter(scope), ...describeSeries(seriesOf(points)) };
    },
  },
  TestHistory: {
    levelShifts: ({ points }, _, context) => levelShiftsOf(points, context),
    async changepoints({ points }, _, { loaders }) {
      const ids = [...new Set(points.map(({ buildId }) => buildId))];
      const rows = await Promise.all(ids.map(async (id) => required(await loaders.build.load(id), 'build')));
      return changepointsOf(points, new Map(rows.map((row) => [row.id, row])));
    },
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  LevelShift: {
    set: ({ first }) => first.set,
    environment: ({ first }) => environmentOf(first.deviceType),
    source: async ({ first }, _, { loaders }) => required(await loaders.source.load(first.sourceId), 'source'),
    lastBefore: async ({ last }, _, { loaders }) => required(await loaders.build.load(last.buildId), 'build'),
    firstAfter: async ({ first }, _, { loaders }) => required(await loaders.build.load(first.buildId), 'build'),
    meanBefore: ({ before }) => before,
    meanAfter: ({ after }) => after,
    pValue: ({ p }) => p,
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
