/** Projects, builds and what ran for them. */
import { and, asc, eq, getTableColumns, inArray, ne, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { keyset, type Page, type PageRequest, type Total, toPage } from './page.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { envIsVisible, jobIsVisibleInList, type Sight, sightOf } from './visibility.ts';

const { project, branch, build, buildEnv, env } = tables;

export type ProjectRow = typeof project.$inferSelect;
export type BuildRow = typeof build.$inferSelect & {
  projectSlug: string;
  branch: string;
  /** Submit time of the first job the viewer may see. */
  createdAt: number;
};

/** Projects with at least one build the viewer may see. */
export async function listProjects(store: Store, viewer: Viewer, page: PageRequest): Promise<Page<ProjectRow>> {
  const sight = await sightOf(store, viewer);
  const { where, orderBy } = keyset([sql`${project.slug}`], 'asc', page);
  const rows = await store.db
    .select()
    .from(project)
    .where(and(projectIsVisible(sight), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toProject), page);
}

export async function countProjects(store: Store, viewer: Viewer): Promise<number> {
  const sight = await sightOf(store, viewer);
  const [row] = await store.db.select({ n: sql<number>`count(*)` }).from(project).where(projectIsVisible(sight));
  return row?.n ?? 0;
}

/** An environment in sight has a job of the build: told by the sums, however many jobs it has. */
function isInSight(buildId: SQLWrapper, sight: Sight): SQL {
  return sql`EXISTS (SELECT 1 FROM build_env JOIN env ON env.id = build_env.env_id
    WHERE build_env.build_id = ${buildId} AND ${envIsVisible(sight)})`;
}

function projectIsVisible(sight: Sight): SQL {
  return sql`EXISTS (SELECT 1 FROM build WHERE build.project_id = project.id AND ${isInSight(build.id, sight)})`;
}

export async function getProject(store: Store, viewer: Viewer, slug: string): Promise<ProjectRow | null> {
  const sight = await sightOf(store, viewer);
  const [row] = await store.db
    .select()
    .from(project)
    .where(and(eq(project.slug, toStored(slug)), projectIsVisible(sight)));
  return row ? toProject(row) : null;
}

export async function getProjectsById(
  store: Store,
  _viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, ProjectRow>> {
  const rows = await store.db
    .select()
    .from(project)
    .where(inArray(project.id, [...ids]));
  return new Map(rows.map((row) => [row.id, toProject(row)]));
}

/** By name, at most `limit`. */
export async function listBranches(store: Store, viewer: Viewer, projectId: number, limit: number): Promise<string[]> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({ name: branch.name })
    .from(branch)
    .where(
      and(
        eq(branch.projectId, projectId),
        ne(branch.name, ''),
        sql`EXISTS (SELECT 1 FROM build WHERE build.branch_id = branch.id AND ${isInSight(build.id, sight)})`,
      ),
    )
    .orderBy(asc(branch.name))
    .limit(limit);
  return rows.map((row) => fromStored(row.name));
}

/** Builds with the submit time of their first visible job; those without one are not there. */
function builds(store: Store, sight: Sight) {
  const createdAt = sql<number>`(SELECT min(job.submit_at) FROM job WHERE job.build_id = ${build.id} AND ${jobIsVisibleInList(store, sight)})`;
  return {
    createdAt,
    isVisible: isInSight(build.id, sight),
    query: store.db
      .select({ ...getTableColumns(build), projectSlug: project.slug, branch: branch.name, createdAt })
      .from(build)
      .innerJoin(project, eq(project.id, build.projectId))
      .innerJoin(branch, eq(branch.id, build.branchId))
      .$dynamic(),
  };
}

export type BuildFilter = { projectId: number; branch?: string | null };

function buildMatches({ projectId, branch: name }: BuildFilter): SQL | undefined {
  return and(eq(build.projectId, projectId), name == null ? undefined : eq(branch.name, toStored(name)));
}

export async function listBuilds(
  store: Store,
  viewer: Viewer,
  filter: BuildFilter,
  page: PageRequest,
): Promise<Page<BuildRow>> {
  const sight = await sightOf(store, viewer);
  const { query, createdAt, isVisible } = builds(store, sight);
  const { where, orderBy } = keyset([createdAt, sql`${build.id}`], 'desc', page);
  const rows = await query
    .where(and(isVisible, buildMatches(filter), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toBuild), page);
}

/** Builds are counted up to so many. */
const COUNTED = 1_000;

export async function countBuilds(store: Store, viewer: Viewer, filter: BuildFilter): Promise<Total> {
  const counted = store.db
    .select({ id: build.id })
    .from(build)
    .innerJoin(branch, eq(branch.id, build.branchId))
    .where(and(isInSight(build.id, await sightOf(store, viewer)), buildMatches(filter)))
    .limit(COUNTED + 1)
    .as('counted');
  const [row] = await store.db.select({ n: sql<number>`count(*)` }).from(counted);
  const n = row?.n ?? 0;
  return { count: Math.min(n, COUNTED), isExact: n <= COUNTED };
}

/** The labs with jobs of the build, by number. */
export async function listBuildSources(store: Store, viewer: Viewer, buildId: number): Promise<number[]> {
  const rows = await store.db
    .selectDistinct({ id: env.sourceId })
    .from(buildEnv)
    .innerJoin(env, eq(env.id, buildEnv.envId))
    .where(and(eq(buildEnv.buildId, buildId), envIsVisible(await sightOf(store, viewer))))
    .orderBy(asc(env.sourceId));
  return rows.map((row) => row.id);
}

/** Of several branches with the version, the newest. */
export async function getBuild(
  store: Store,
  viewer: Viewer,
  projectSlug: string,
  version: string,
  branchName?: string,
): Promise<BuildRow | null> {
  const sight = await sightOf(store, viewer);
  const { query, createdAt, isVisible } = builds(store, sight);
  const [row] = await query
    .where(
      and(
        isVisible,
        eq(project.slug, toStored(projectSlug)),
        eq(build.version, toStored(version)),
        branchName === undefined ? undefined : eq(branch.name, toStored(branchName)),
      ),
    )
    .orderBy(sql`${createdAt} DESC`)
    .limit(1);
  return row ? toBuild(row) : null;
}

export async function getBuildsById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, BuildRow>> {
  const { query, isVisible } = builds(store, await sightOf(store, viewer));
  const rows = await query.where(and(isVisible, inArray(build.id, [...ids])));
  return new Map(rows.map((row) => [row.id, toBuild(row)]));
}

/** The builds before it on the same branch, newest first. */
export async function listBuildsBefore(store: Store, viewer: Viewer, of: BuildRow, limit: number): Promise<BuildRow[]> {
  const { query, createdAt, isVisible } = builds(store, await sightOf(store, viewer));
  const rows = await query
    .where(
      and(isVisible, eq(build.branchId, of.branchId), sql`(${createdAt}, ${build.id}) < (${of.createdAt}, ${of.id})`),
    )
    .orderBy(sql`${createdAt} DESC, ${build.id} DESC`)
    .limit(limit);
  return rows.map(toBuild);
}

export async function getPreviousBuild(store: Store, viewer: Viewer, of: BuildRow): Promise<BuildRow | null> {
  return (await listBuildsBefore(store, viewer, of, 1))[0] ?? null;
}

export type BuildTotals = Omit<typeof buildEnv.$inferSelect, 'envId'>;

export async function getBuildTotals(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, BuildTotals>> {
  const sight = await sightOf(store, viewer);
  const sum = (column: string) => sql<number>`sum(build_env.${sql.raw(column)})`;
  const rows = await store.db
    .select({
      buildId: buildEnv.buildId,
      pass: sum('pass'),
      fail: sum('fail'),
      skip: sum('skip'),
      unknown: sum('unknown'),
      complete: sum('complete'),
      incomplete: sum('incomplete'),
      canceled: sum('canceled'),
      running: sum('running'),
      infrastructure: sum('infrastructure'),
    })
    .from(buildEnv)
    .innerJoin(env, eq(env.id, buildEnv.envId))
    .where(and(inArray(buildEnv.buildId, [...ids]), envIsVisible(sight)))
    .groupBy(buildEnv.buildId);
  return new Map(rows.map((row) => [row.buildId, row]));
}

function toProject(row: ProjectRow): ProjectRow {
  return { ...row, slug: fromStored(row.slug), name: fromStored(row.name) };
}

function toBuild(row: BuildRow): BuildRow {
  return {
    ...row,
    version: fromStored(row.version),
    projectSlug: fromStored(row.projectSlug),
    branch: fromStored(row.branch),
    pinnedBecause: row.pinnedBecause === null ? null : fromStored(row.pinnedBecause),
  };
}
