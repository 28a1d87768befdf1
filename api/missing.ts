/** What a build lacks, and why. */
import { MISSING_REASONS } from '#analysis/missing-reason.ts';
import type { BuildRow } from '#store/build.ts';
import { InvalidInput } from '#store/error.ts';
import { listMissingSuites, type MissingSuiteRow } from '#store/missing-suite.ts';
import { beginning } from './beginning.ts';
import type { Context } from './context.ts';
import { toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { BuildResolvers, Resolvers, ScopeInput } from './graphql/types.ts';
import type { Loaders } from './loaders.ts';
import { required } from './required.ts';

const MAX_BUILDS = 50;

/** The list, its count and the verdict read it once for an answer. */
const read = new WeakMap<Loaders, Map<string, Promise<MissingSuiteRow[]>>>();

export function missingOf(
  build: BuildRow,
  builds: number,
  scope: ScopeInput | null | undefined,
  { store, viewer, loaders }: Context,
): Promise<MissingSuiteRow[]> {
  if (builds < 1 || builds > MAX_BUILDS) throw new InvalidInput(`"builds" is ${builds}: ask for 1 to ${MAX_BUILDS}.`);
  const within = { sources: toSourceFilter(scope), deviceTypes: scope?.deviceTypes ?? null };
  const key = JSON.stringify([build.id, builds, within]);
  const asked = read.get(loaders) ?? new Map<string, Promise<MissingSuiteRow[]>>();
  read.set(loaders, asked);
  const found = asked.get(key) ?? listMissingSuites(store, viewer, build, within, builds);
  asked.set(key, found);
  return found;
}

export const missingOfBuild: Pick<BuildResolvers, 'missing' | 'missingCount'> = {
  async missing(build, { builds, first, scope }, context) {
    return beginning(await missingOf(build, builds, scope, context), first);
  },
  missingCount: async (build, { builds, scope }, context) => (await missingOf(build, builds, scope, context)).length,
};

export const missing: Pick<Resolvers, 'MissingSuite'> = {
  MissingSuite: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    kind: ({ reason }) => reason,
    reason: ({ reason, jobs }) => MISSING_REASONS[reason](jobs),
    jobCount: ({ jobs }) => jobs,
    lastBuild: async ({ lastBuildId }, _, { loaders }) => required(await loaders.build.load(lastBuildId), 'build'),
  },
};
