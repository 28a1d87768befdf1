/** The suites of a project, from the sums of its newest builds. */
import type { Viewer } from '#schema/viewer.ts';
import { type BuildRow, listBuilds } from './build.ts';
import type { Counts } from './codec.ts';
import { listEnvironments } from './environment.ts';
import { idList, LISTED } from './id-list.ts';
import { bySuiteName } from './matrix.ts';
import type { Store } from './store.ts';

/** A suite with its sums in the newest of the builds that it belongs to. */
export type ProjectSuiteRow = Counts & { name: string; build: BuildRow; infrastructure: number };

type Sums = Counts & { id: number; buildId: number; infrastructure: number };

/** By name. A suite that none of so many newest builds ran, or was to run, is not among them. */
export async function listProjectSuites(
  store: Store,
  viewer: Viewer,
  projectId: number,
  builds: number,
): Promise<ProjectSuiteRow[]> {
  const newest = { limit: builds, after: null, before: null, backward: false };
  const { rows } = await listBuilds(store, viewer, { projectId }, newest);
  const byId = new Map(rows.map((row, age) => [row.id, { row, age }]));
  const environments = (await listEnvironments(store, viewer, {})).map(({ id }) => id);
  const sums = await store.sql.all<Sums>(
    `SELECT suite_id AS id, build_id AS "buildId", sum(pass) AS pass, sum(fail) AS fail, sum(skip) AS skip,
       sum(unknown) AS unknown, sum(infrastructure) AS infrastructure
     FROM build_suite WHERE build_id IN ${LISTED[store.engine]} AND env_id IN ${LISTED[store.engine]} GROUP BY suite_id, build_id`,
    idList(byId.keys()),
    idList(environments),
  );
  const ageOf = ({ buildId }: Sums) => byId.get(buildId)?.age ?? builds;
  const newestOf = new Map<number, Sums>();
  for (const one of sums.sort((a, b) => ageOf(b) - ageOf(a))) newestOf.set(one.id, one);
  const named = await bySuiteName(store, [...newestOf.values()]);
  return named.flatMap(({ buildId, id: _, ...suite }) => {
    const build = byId.get(buildId)?.row;
    return build ? [{ ...suite, build }] : [];
  });
}
