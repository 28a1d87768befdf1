import { InvalidInput } from '#store/error.ts';
import type { SourceFilter } from '#store/source.ts';
import { DIMENSIONS, INTERVALS, listStats, type StatBucket } from '#store/stats.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { allDays, instantOf } from './days.ts';
import type { Resolvers } from './graphql/types.ts';

const DEFAULT_DAYS = 90;
const MAX_DAYS = 1_100;

export type StatSeriesParent = {
  buckets: (Omit<StatBucket, 'day' | 'names'> & { at: number; key: { key: string; value: string }[] })[];
  sources: SourceFilter;
};

/** The value among those that are possible. */
function oneOf<T extends string>(name: string, value: string, possible: readonly T[]): T {
  const found = possible.find((one) => one === value);
  if (!found)
    throw new InvalidInput(`"${name}": ${value} is not kept day by day; ${possible.join(', ')} can be asked.`);
  return found;
}

export const stats: Pick<Resolvers, 'Query' | 'StatSeries'> = {
  Query: {
    async stats(_, { scope, metric, groupBy, interval }, { store, viewer, now }) {
      const dimensions = groupBy.map((name) => oneOf('groupBy', name, DIMENSIONS));
      const step = oneOf('interval', interval, INTERVALS);
      const days = allDays(scope, DEFAULT_DAYS, now());
      if (days.until - days.from > MAX_DAYS)
        throw new InvalidInput(`${days.until - days.from} days: ask for at most ${MAX_DAYS} with "since" and "until".`);
      const buckets = await listStats(store, viewer, toScope(scope), metric, dimensions, step, days);
      return {
        buckets: buckets.map(({ day, names, ...bucket }) => ({
          ...bucket,
          at: instantOf(day),
          key: dimensions.map((key, i) => ({ key, value: names[i] ?? '' })),
        })),
        sources: toSourceFilter(scope),
      };
    },
  },
  StatSeries: {
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
};
