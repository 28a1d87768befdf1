import { mannWhitney } from '#analysis/mann-whitney.ts';
import { comparePeriods, type Period, type PeriodComparison, type PeriodTestRow } from '#store/compare-periods.ts';
import { InvalidInput } from '#store/error.ts';
import type { SourceFilter } from '#store/source.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { PeriodMeasurement, Resolvers } from './graphql/types.ts';

const FEWEST = 2;
const MOST = 6;
const MAX_ROWS = 1_000;
/** Values of a period that are compared. */
const VALUES = 25;

export type PeriodComparisonParent = {
  asked: readonly Period[];
  hasSuite: boolean;
  comparison: PeriodComparison;
  sources: SourceFilter;
};

type Measured = { unit: string; value: number };

async function measuredIn(test: PeriodTestRow, period: number, { loaders }: Context): Promise<Measured[]> {
  const found = await Promise.all(test.placesOf(period, VALUES).map((place) => loaders.measurementAt.load(place)));
  return found.flatMap((one) => {
    const value = one?.measurement == null ? Number.NaN : Number(one.measurement);
    return Number.isFinite(value) ? [{ unit: one?.unit ?? '', value }] : [];
  });
}

/** The first unit that a period has, newest first, is the one that is compared. */
async function measurementOf(test: PeriodTestRow, context: Context): Promise<PeriodMeasurement | null> {
  const all = await Promise.all(test.windows.map((_, period) => measuredIn(test, period, context)));
  const unit = all.flat()[0]?.unit;
  if (unit === undefined) return null;
  const values = all.map((of) => of.flatMap((one) => (one.unit === unit ? [one.value] : [])));
  const [base = [], ...others] = values;
  const against = others.map((other) => mannWhitney(base, other));
  return {
    unit,
    medians: values.map(medianOf),
    pValues: [null, ...against.map(({ p }) => p)],
    deltas: [null, ...against.map(({ delta }) => delta)],
  };
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

export const periods: Pick<Resolvers, 'Query' | 'PeriodComparison' | 'PeriodTest'> = {
  Query: {
    async comparePeriods(_, { periods: asked, project, branch, suite, scope }, { store, viewer }) {
      if (asked.length < FEWEST || asked.length > MOST)
        throw new InvalidInput(`"periods" names ${asked.length}: ask for ${FEWEST} to ${MOST}.`);
      if (asked.some(({ since, until }) => since >= until))
        throw new InvalidInput('A period begins before it ends: "since" has to be before "until".');
      if (branch != null && project == null) throw new InvalidInput('"branch" needs "project".');
      const { sources, deviceTypes, includeHealthChecks } = toScope(scope);
      const within = { project, branch, suite, sources, deviceTypes, includeHealthChecks };
      const comparison = await comparePeriods(store, viewer, asked, within);
      return { asked, hasSuite: suite != null, comparison, sources: toSourceFilter(scope) };
    },
  },
  PeriodComparison: {
    periods: ({ asked, comparison }) =>
      asked.map((period, i) => ({
        ...period,
        runCount: comparison.periods[i]?.runs ?? 0,
        truncated: comparison.periods[i]?.isCut ?? false,
      })),
    testCount: ({ comparison: { counts } }) => counts.WORSE + counts.BETTER + counts.UNCHANGED,
    worseCount: ({ comparison }) => comparison.counts.WORSE,
    betterCount: ({ comparison }) => comparison.counts.BETTER,
    tests({ comparison, hasSuite }, { first, change, name }) {
      if (first < 0 || first > MAX_ROWS) throw new InvalidInput(`"first" is ${first}: ask for 0 to ${MAX_ROWS}.`);
      if (name != null && !hasSuite) throw new InvalidInput('"name" needs the suite of "comparePeriods".');
      return comparison.listTests(change ?? ['WORSE', 'BETTER'], first, name ?? null);
    },
    truncated: ({ comparison }) => comparison.periods.some(({ isCut }) => isCut),
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  PeriodTest: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    pValue: ({ p }) => p,
    qValue: ({ q }) => q,
    measurement: (test, _, context) => measurementOf(test, context),
  },
};
