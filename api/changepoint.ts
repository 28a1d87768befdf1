/** Where a test of a history began to pass or fail more often. */
import { type ChangePoint, findChangePoints, MOST_POSITIONS } from '#analysis/change-points.ts';
import type { BuildRow } from '#store/build.ts';
import type { HistoryPointRow } from '#store/test-history.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';

export type ChangepointParent = {
  set: string | null;
  branch: string;
  deviceType: string;
  point: ChangePoint;
  /** Those in which the test passed or failed, oldest first. */
  builds: readonly BuildRow[];
};

/** Of each set, branch and device type, over labs; the newest first. Jobs that failed by the lab's fault are left out. */
export function changepointsOf(
  points: readonly HistoryPointRow[],
  builds: ReadonlyMap<number, BuildRow>,
): ChangepointParent[] {
  const told = points.filter(({ result, isLost }) => !isLost && (result === 'PASS' || result === 'FAIL'));
  const key = ({ set, branchId, deviceType }: HistoryPointRow) => JSON.stringify([set, branchId, deviceType]);
  const found = [...Map.groupBy(told, key).values()].flatMap((series): ChangepointParent[] => {
    const [first] = series;
    if (!first) return [];
    const byBuild = [...Map.groupBy(series, ({ buildId }) => buildId)]
      .flatMap(([id, ofBuild]) => {
        const build = builds.get(id);
        const failed = ofBuild.filter(({ result }) => result === 'FAIL').length;
        return build ? [{ build, runs: ofBuild.length, failed, retried: 0, failedAfterRetry: 0 }] : [];
      })
      .sort(({ build: a }, { build: b }) => a.createdAt - b.createdAt || (a.version < b.version ? -1 : 1))
      .slice(-MOST_POSITIONS);
    const { set, deviceType } = first;
    const place = {
      set,
      deviceType,
      branch: byBuild[0]?.build.branch ?? '',
      builds: byBuild.map(({ build }) => build),
    };
    return findChangePoints(byBuild).map((point) => ({ ...place, point }));
  });
  const createdAt = ({ builds: all, point }: ChangepointParent) => all[point.at]?.createdAt ?? 0;
  return found.sort((a, b) => createdAt(b) - createdAt(a));
}

function buildAt({ builds }: ChangepointParent, place: number): BuildRow {
  const build = builds[place];
  if (!build) throw new RangeError(`no build at ${place}`);
  return build;
}

const isWorse = ({ point }: ChangepointParent) => point.failRateAfter > point.failRateBefore;

export const changepoint: Pick<Resolvers, 'Changepoint'> = {
  Changepoint: {
    branch: ({ branch }) => branch || null,
    environment: ({ deviceType }) => environmentOf(deviceType),
    before: (parent) => buildAt(parent, parent.point.at - 1),
    after: (parent) => buildAt(parent, parent.point.at),
    lastGood: (parent) => (isWorse(parent) ? buildAt(parent, parent.point.at - 1) : null),
    firstBad: (parent) => (isWorse(parent) ? buildAt(parent, parent.point.at) : null),
    intervalBuilds: ({ builds, point }) => builds.slice(point.from, point.until + 1).map(({ version }) => version),
    fromRate: ({ point }) => 1 - point.failRateBefore,
    toRate: ({ point }) => 1 - point.failRateAfter,
  },
};
