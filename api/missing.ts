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
  RUNNING: (n) => `${jobs(n, 'that runs it is', 'that run it are')} not finished`,
  QUEUED: (n) => `${jobs(n, 'that runs it is', 'that run it are')} queued`,
  INFRASTRUCTURE: (n) => `${jobs(n, 'that was', 'that were')} to run it failed by the lab's fault`,
  CANCELED: (n) => `${jobs(n, 'that was', 'that were')} to run it ${n === 1 ? 'was' : 'were'} canceled`,
  INCOMPLETE: (n) => `${jobs(n, 'that was', 'that were')} to run it ended Incomplete`,
  LEFT_OUT: (n) => `${jobs(n, 'on this device type is', 'on this device type are')} Complete without it`,
  NEVER_SUBMITTED: () => 'no job that runs it was submitted',
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
