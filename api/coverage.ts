/** How fresh and how complete an answer is. */
import { allSources, countGaps, type SourceFilter, type SourceRow, type SyncStatus, statusOf } from '#store/source.ts';
import type { Context } from './context.ts';
import type { Resolvers, ScopeInput } from './graphql/types.ts';

export type SourceCoverageParent = { source: SourceRow; status: SyncStatus; openGaps: number };
export type CoverageParent = { sources: SourceCoverageParent[] };

export function toSourceFilter(scope: ScopeInput | null | undefined): SourceFilter {
  return { slugs: scope?.sources ?? null, labels: scope?.labels ?? null };
}

export async function coverageOf(scope: SourceFilter, { store, viewer, now }: Context): Promise<CoverageParent> {
  const [sources, gaps] = [await allSources(store, viewer, scope), await countGaps(store, viewer)];
  return {
    sources: sources.map((source) => ({
      source,
      status: statusOf(source, now()).status,
      openGaps: gaps.get(source.id) ?? 0,
    })),
  };
}

export function lagSeconds(source: SourceRow, now: number): number | null {
  return source.lastSuccessAt === null ? null : Math.max(0, Math.floor((now - source.lastSuccessAt) / 1_000_000));
}

export const coverage: Pick<Resolvers, 'Coverage' | 'SourceCoverage'> = {
  Coverage: {
    complete: ({ sources }) => sources.every(({ status, openGaps }) => status === 'HEALTHY' && openGaps === 0),
    asOf: ({ sources }, _, { now }) => {
      const ends = sources.map(({ source }) => source.lastSuccessAt);
      return ends.includes(null) || ends.length === 0
        ? ends.length === 0
          ? now()
          : 0
        : Math.min(...ends.map((end) => end ?? 0));
    },
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
