/** How fresh and how complete an answer is. */
import type { Scope } from '#store/environment.ts';
import { countGaps } from '#store/gap.ts';
import { allSources, type SourceFilter, type SourceRow, type SyncStatus, statusOf } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import type { Context } from './context.ts';
import type { Resolvers, ScopeInput } from './graphql/types.ts';

export type SourceCoverageParent = {
  source: SourceRow;
  status: SyncStatus;
  /** Null: there are some, and how many is not told. */
  openGaps: number | null;
};
/** `unknown`: the scope names a source that is not among those seen; one that is hidden reads like one that is not there. */
export type CoverageParent = { sources: SourceCoverageParent[]; unknown: boolean };

export function toSourceFilter(scope: ScopeInput | null | undefined): SourceFilter {
  return { slugs: scope?.sources ?? null, labels: scope?.labels ?? null };
}

export function toScope(scope: ScopeInput | null | undefined): Scope {
  return {
    sources: toSourceFilter(scope),
    deviceTypes: scope?.deviceTypes,
    since: scope?.since,
    until: scope?.until,
    includeHealthChecks: scope?.includeHealthChecks,
  };
}

export async function coverageOf(
  scope: SourceFilter,
  { store, viewer, now }: Pick<Context, 'store' | 'viewer' | 'now'>,
): Promise<CoverageParent> {
  const [sources, gaps] = [await allSources(store, viewer, scope), await countGaps(store, viewer)];
  const seen = new Set(sources.map((source) => source.slug));
  return {
    unknown: (scope.slugs ?? []).some((slug) => !seen.has(slug)),
    sources: sources.map((source) => ({
      source,
      status: statusOf(source, now()).status,
      openGaps: gaps.has(source.id) ? (gaps.get(source.id) ?? null) : 0,
    })),
  };
}

/** A standby is always a little behind. */
const STORE_GRACE_SECONDS = 30;

export function lagSeconds(source: SourceRow, now: number): number | null {
  return source.lastSuccessAt === null ? null : Math.max(0, Math.floor((now - source.lastSuccessAt) / 1_000_000));
}

export async function isComplete({ sources, unknown }: CoverageParent, store: Store): Promise<boolean> {
  return (
    !unknown &&
    sources.every(({ status, openGaps }) => status === 'HEALTHY' && openGaps === 0) &&
    (await store.lagSeconds()) <= STORE_GRACE_SECONDS
  );
}

/** Everything the sources said until then is here. */
export function asOf({ sources, unknown }: CoverageParent, now: number): number {
  if (unknown) return 0;
  return sources.length === 0 ? now : Math.min(...sources.map(({ source }) => source.lastSuccessAt ?? 0));
}

export const coverage: Pick<Resolvers, 'Coverage' | 'SourceCoverage'> = {
  Coverage: {
    complete: (parent, _, { store }) => isComplete(parent, store),
    asOf: (parent, _, { now }) => asOf(parent, now()),
    storeLagSeconds: (_, __, { store }) => store.lagSeconds(),
    sources: ({ sources }) => sources,
  },
  SourceCoverage: {
    source: ({ source }) => source,
    status: ({ status }) => status,
    asOf: ({ source }) => source.lastSuccessAt,
    lagSeconds: ({ source }, _, { now }) => lagSeconds(source, now()),
    openGaps: ({ openGaps }) => openGaps,
    inMaintenance: () => false,
  },
};
