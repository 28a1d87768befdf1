import { TRANSITIONS, type Transition } from '#analysis/transition.ts';
import { type BuildRow, getBuild, getPreviousBuild } from '#store/build.ts';
import { type Comparison, compareSides } from '#store/compare.ts';
import { sumBySource } from '#store/compare-differences.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import { getSource, type SourceFilter } from '#store/source.ts';
import { beginning } from './beginning.ts';
import { type PageArguments, readPage, type TestChangeList, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { BuildRef, Resolvers } from './graphql/types.ts';
import { required } from './required.ts';

export type ComparisonParent = {
  base: BuildRow;
  target: BuildRow;
  comparison: Comparison;
  /** Those that are listed. */
  transitions: readonly Transition[];
  sources: SourceFilter;
};

type NamedRef = BuildRef & { version: string };

function isNamed(ref: BuildRef): ref is NamedRef {
  return ref.version != null;
}

async function buildOf(project: string, { version, branch }: NamedRef, { store, viewer }: Context): Promise<BuildRow> {
  const build = await getBuild(store, viewer, project, version, branch ?? undefined);
  if (!build) throw new NotFound(`There is no build "${version}" of project "${project}".`);
  return build;
}

async function buildBefore(build: BuildRow, { store, viewer }: Context): Promise<BuildRow> {
  const previous = await getPreviousBuild(store, viewer, build);
  if (!previous) throw new NotFound(`There is no build before "${build.version}" on its branch.`);
  return previous;
}

async function buildsOf(
  project: string,
  base: BuildRef,
  target: BuildRef,
  context: Context,
): Promise<[BuildRow, BuildRow]> {
  for (const [side, ref] of Object.entries({ base, target })) {
    if (isNamed(ref) === (ref.previous === true))
      throw new InvalidInput(`"${side}" takes either "version" or "previous: true".`);
    if (ref.source != null && !(await getSource(context.store, context.viewer, ref.source)))
      throw new NotFound(`There is no source "${ref.source}".`);
  }
  if (isNamed(base)) {
    const build = await buildOf(project, base, context);
    return [build, isNamed(target) ? await buildOf(project, target, context) : await buildBefore(build, context)];
  }
  if (!isNamed(target)) throw new InvalidInput('One of "base" and "target" has to name a "version".');
  const build = await buildOf(project, target, context);
  return [await buildBefore(build, context), build];
}

/** Of what two sides come to. */
export type ComparedParent = Pick<ComparisonParent, 'comparison' | 'transitions' | 'sources'>;

export async function changesOf(
  { comparison, transitions, sources }: ComparedParent,
  { transition, ...args }: PageArguments & { transition?: readonly Transition[] | null },
): Promise<TestChangeList> {
  const wanted = transitions.filter((name) => transition?.includes(name) ?? true);
  const page = await comparison.listChanges(wanted, readPage(args, ['number', 'text', 'text', 'number']));
  const counted = comparison.counts.filter(({ transition: name }) => wanted.includes(name));
  return toConnection(
    page,
    ({ key }) => key,
    sources,
    async () => counted.reduce((n, { count }) => n + count, 0),
  );
}

export const comparison: Pick<
  Resolvers,
  | 'Query'
  | 'Comparison'
  | 'TestChange'
  | 'LabResult'
  | 'EnvironmentChanges'
  | 'SourceDifference'
  | 'CoverageDifference'
  | 'TestChangeConnection'
> = {
  Query: {
    async compare(_, { project, base, target, transitions, scope, suite }, context) {
      const [baseBuild, targetBuild] = await buildsOf(project, base, target, context);
      const compared = await compareSides(
        context.store,
        context.viewer,
        { buildId: baseBuild.id, source: base.source, deviceType: base.deviceType },
        { buildId: targetBuild.id, source: target.source, deviceType: target.deviceType },
        { ...toScope(scope), suite },
      );
      return {
        base: baseBuild,
        target: targetBuild,
        comparison: compared,
        transitions: transitions ?? TRANSITIONS,
        sources: toSourceFilter(scope),
      };
    },
  },
  Comparison: {
    counts: ({ comparison }) => comparison.counts,
    pairCount: ({ comparison }) => comparison.pairs,
    changes: changesOf,
    differenceCount: ({ comparison }) => comparison.differences.length,
    differences: ({ comparison }, { first }) => beginning(comparison.differences, first),
    differencesBySource: ({ comparison }) => sumBySource(comparison.differences),
    environmentCount: ({ comparison }) => comparison.deviceTypes.length,
    environments: ({ comparison }, { first }) => beginning(comparison.deviceTypes, first),
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
  TestChange: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    base: ({ base }, _, { loaders }) => base && loaders.caseAt.load(base),
    target: ({ target }, _, { loaders }) => target && loaders.caseAt.load(target),
  },
  LabResult: {
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    job: async ({ jobId }, _, { loaders }) => required(await loaders.job.load(jobId), 'job'),
    testCase: (place, _, { loaders }) => loaders.caseAt.load(place),
  },
  EnvironmentChanges: { environment: ({ deviceType }) => environmentOf(deviceType) },
  SourceDifference: {
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    suiteCount: ({ suites }) => suites,
    resultCount: ({ results }) => results,
  },
  CoverageDifference: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    counts: ({ pass, fail, skip, unknown }) => ({ pass, fail, skip, unknown, total: pass + fail + skip + unknown }),
  },
  TestChangeConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
