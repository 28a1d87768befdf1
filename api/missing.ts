/** What a build lacks, and why. */
import type { BuildRow } from '#store/build.ts';
import { InvalidInput } from '#store/error.ts';
import { listMissingSuites, type MissingReason, type MissingSuiteRow } from '#store/missing-suite.ts';
import type { Context } from './context.ts';
import { toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { BuildResolvers, Resolvers, ScopeInput } from './graphql/types.ts';
import { required } from './required.ts';

const MAX_BUILDS = 50;
const MAX_ROWS = 1_000;

const jobs = (n: number, one: string, more: string) => (n === 1 ? `1 job ${one}` : `${n} jobs ${more}`);

const REASONS: Record<MissingReason, (n: number) => string> = {
  INFRASTRUCTURE: (n) => `${jobs(n, 'that was', 'that were')} to run it failed by the lab's fault`,
  RUNNING: (n) => `${jobs(n, 'is', 'are')} running on this device type`,
  QUEUED: (n) => `${jobs(n, 'is', 'are')} queued for this device type`,
  CANCELED: (n) => `${jobs(n, 'was', 'were')} canceled on this device type`,
  INCOMPLETE: (n) => `${jobs(n, 'is', 'are')} Incomplete on this device type`,
  LEFT_OUT: (n) => `${n === 1 ? 'the job' : `all ${n} jobs`} on this device type ran without it`,
  NEVER_SUBMITTED: () => 'no job was submitted for this device type',
};

function missingOf(
  build: BuildRow,
  builds: number,
  scope: ScopeInput | null | undefined,
  { store, viewer }: Context,
): Promise<MissingSuiteRow[]> {
  if (builds < 1 || builds > MAX_BUILDS) throw new InvalidInput(`"builds" is ${builds}: ask for 1 to ${MAX_BUILDS}.`);
  const within = { sources: toSourceFilter(scope), deviceTypes: scope?.deviceTypes ?? null };
  return listMissingSuites(store, viewer, build, within, builds);
}

export const missingOfBuild: Pick<BuildResolvers, 'missing' | 'missingCount'> = {
  async missing(build, { builds, first, scope }, context) {
    if (first < 0 || first > MAX_ROWS) throw new InvalidInput(`"first" is ${first}: ask for 0 to ${MAX_ROWS}.`);
    return (await missingOf(build, builds, scope, context)).slice(0, first);
  },
  missingCount: async (build, { builds, scope }, context) => (await missingOf(build, builds, scope, context)).length,
};

export const missing: Pick<Resolvers, 'MissingSuite'> = {
  MissingSuite: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    kind: ({ reason }) => reason,
    reason: ({ reason, jobs }) => REASONS[reason](jobs),
    jobCount: ({ jobs }) => jobs,
    lastBuild: async ({ lastBuildId }, _, { loaders }) => required(await loaders.build.load(lastBuildId), 'build'),
  },
};
