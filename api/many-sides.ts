import { TRANSITIONS } from '#analysis/transition.ts';
import { type BuildRow, getBuild } from '#store/build.ts';
import type { TransitionCount } from '#store/compare.ts';
import { compareMany, type ManyComparison, type ManyTestRow } from '#store/compare-many.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import type { ManyDifferenceRow } from '#store/many-runs.ts';
import { getSource, type SourceFilter, type SourceRow } from '#store/source.ts';
import { beginning } from './beginning.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers, SideRef } from './graphql/types.ts';
import { required } from './required.ts';

const FEWEST_SIDES = 2;
const MOST_SIDES = 6;

type SideParent = { build: BuildRow; source: SourceRow | null; deviceType: string | null };

export type ManyComparisonParent = { sides: SideParent[]; comparison: ManyComparison; sources: SourceFilter };
export type ComparedSideParent = SideParent & { counts: TransitionCount[] };
export type ManyTestList = Connection<ManyTestRow, number>;
export type ManySourceDifferenceParent = Pick<ManyDifferenceRow, 'sourceId' | 'slug' | 'ran' | 'compared'> & {
  suites: number;
  results: number;
};

async function sideOf(project: string, ref: SideRef, { store, viewer }: Context): Promise<SideParent> {
  const build = await getBuild(store, viewer, project, ref.version, ref.branch ?? undefined);
  if (!build) throw new NotFound(`There is no build "${ref.version}" of project "${project}".`);
  const source = ref.source == null ? null : await getSource(store, viewer, ref.source);
  if (ref.source != null && !source) throw new NotFound(`There is no source "${ref.source}".`);
  return { build, source, deviceType: ref.deviceType ?? null };
}

/** By source; of one source, what is not compared comes first. */
function sumBySource(differences: readonly ManyDifferenceRow[]): ManySourceDifferenceParent[] {
  const sums = new Map<string, ManySourceDifferenceParent>();
  for (const { sourceId, slug, ran, compared, pass, fail, skip, unknown } of differences) {
    const key = JSON.stringify([slug, compared, ran]);
    const sum = sums.get(key) ?? { sourceId, slug, ran, compared, suites: 0, results: 0 };
    sums.set(key, sum);
    sum.suites += 1;
    sum.results += pass + fail + skip + unknown;
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

export const manySides: Pick<
  Resolvers,
  | 'Query'
  | 'ManyComparison'
  | 'ComparedSide'
  | 'ManyTest'
  | 'ManyDifference'
  | 'ManySourceDifference'
  | 'ManyTestConnection'
> = {
  Query: {
    async compareMany(_, { project, sides: asked, scope, suite }, context) {
      if (asked.length < FEWEST_SIDES || asked.length > MOST_SIDES)
        throw new InvalidInput(`"sides" names ${asked.length}: ask for ${FEWEST_SIDES} to ${MOST_SIDES} sides.`);
      const sides = await Promise.all(asked.map((ref) => sideOf(project, ref, context)));
      const comparison = await compareMany(
        context.store,
        context.viewer,
        sides.map(({ build, source, deviceType }) => ({ buildId: build.id, source: source?.slug, deviceType })),
        { ...toScope(scope), suite },
      );
      return { sides, comparison, sources: toSourceFilter(scope) };
    },
  },
  ManyComparison: {
    sides: ({ sides, comparison }) => sides.map((side, i) => ({ ...side, counts: comparison.bySide[i] ?? [] })),
    counts: ({ comparison }) => comparison.counts,
    testCount: ({ comparison }) => comparison.tests,
    async tests({ sides, comparison, sources }, { transition, side, ...args }) {
      if (side != null && (side < 1 || side >= sides.length))
        throw new InvalidInput(`"side" is ${side}: ask for 1 to ${sides.length - 1}.`);
      const wanted = transition ?? TRANSITIONS;
      const page = await comparison.listTests(
        wanted,
        side ?? null,
        readPage(args, ['number', 'text', 'text', 'number']),
      );
      const counts = (side == null ? comparison.counts : comparison.bySide[side]) ?? [];
      return toConnection(
        page,
        ({ key }) => key,
        sources,
        async () => counts.reduce((n, { transition: name, count }) => (wanted.includes(name) ? n + count : n), 0),
      );
    },
    differenceCount: ({ comparison }) => comparison.differences.length,
    differences: ({ comparison }, { first }) => beginning(comparison.differences, first),
    differencesBySource: ({ comparison }) => sumBySource(comparison.differences),
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  ComparedSide: { source: ({ source }) => source },
  ManyTest: {
    environment: ({ deviceType, isAcrossTypes }) => (isAcrossTypes ? null : environmentOf(deviceType)),
    results: ({ sides }) => sides.map((side) => side?.result ?? null),
    testCases: ({ sides }, _, { loaders }) =>
      Promise.all(sides.map(async (side) => (side ? ((await loaders.caseAt.load(side)) ?? null) : null))),
  },
  ManyDifference: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    counts: ({ pass, fail, skip, unknown }) => ({ pass, fail, skip, unknown, total: pass + fail + skip + unknown }),
  },
  ManySourceDifference: {
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    suiteCount: ({ suites }) => suites,
    resultCount: ({ results }) => results,
  },
  ManyTestConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
