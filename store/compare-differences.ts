/** What only one side of a comparison ran, summed by source. */
import type { CoverageDifferenceRow } from './compare-runs.ts';

export type SourceDifferenceRow = Pick<CoverageDifferenceRow, 'sourceId' | 'slug' | 'side' | 'compared'> & {
  /** Suites, each on each device type. */
  suites: number;
  results: number;
};

/** In the order of the source's slug; what the base alone has comes first. */
export function sumBySource(differences: readonly CoverageDifferenceRow[]): SourceDifferenceRow[] {
  const key = ({ slug, side, compared }: SourceDifferenceRow) => JSON.stringify([slug, side, compared]);
  const sums = new Map<string, SourceDifferenceRow>();
  for (const { sourceId, slug, side, compared, pass, fail, skip, unknown } of differences) {
    const none = { sourceId, slug, side, compared, suites: 0, results: 0 };
    const sum = sums.get(key(none)) ?? none;
    sums.set(key(none), sum);
    sum.suites += 1;
    sum.results += pass + fail + skip + unknown;
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
