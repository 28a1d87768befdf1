/** What a test came to in each build, over labs. */
import type { StreakBuild } from '#analysis/judge-streak.ts';
import type { Window } from '#analysis/regression-rule.ts';
import type { BuildRow } from './build.ts';
import { FAIL, PASS } from './codec.ts';
import type { EnvironmentRow } from './environment.ts';
import type { SeriesRun } from './series-runs.ts';

/** In order of the builds' first jobs; builds in which it neither passed nor failed are left out. Runs are oldest first. */
export function verdictsOfBuilds(
  runs: readonly SeriesRun[],
  builds: ReadonlyMap<number, BuildRow>,
  environments: ReadonlyMap<number, EnvironmentRow>,
): (StreakBuild & { buildId: number })[] {
  const told = runs.filter(({ verdict }) => verdict === PASS || verdict === FAIL);
  const found = [...Map.groupBy(told, ({ buildId }) => buildId)].flatMap(([buildId, ofBuild]) => {
    const build = builds.get(buildId);
    if (!build) return [];
    const newest = new Map<number, number>();
    const byLab = new Map<number, Window>();
    let fails = 0;
    for (const { envId, verdict } of ofBuild) {
      const lab = environments.get(envId)?.sourceId ?? 0;
      const window = byLab.get(lab) ?? { passes: 0, fails: 0 };
      if (verdict === FAIL) {
        window.fails += 1;
        fails += 1;
      } else window.passes += 1;
      byLab.set(lab, window);
      newest.set(lab, verdict);
    }
    const labsOf = (wanted: number) => [...newest].flatMap(([lab, verdict]) => (verdict === wanted ? [lab] : []));
    const labs = { failing: labsOf(FAIL), passing: labsOf(PASS) };
    return [{ buildId, build, ...labs, byLab, fails, passes: ofBuild.length - fails }];
  });
  found.sort((a, b) => a.build.createdAt - b.build.createdAt || (a.build.version < b.build.version ? -1 : 1));
  return found.map(({ build: _, ...verdict }) => verdict);
}
