/** Projects, builds and what ran for them. */
import { and, asc, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { envIsVisible, type Sight, sightOf } from './visibility.ts';

const { project, branch, build, buildEnv, buildSuite, env, suite, deviceType } = tables;

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

/** A job the viewer may see of the build `b`; found by index, at the first one. */
function hasVisibleJob({ sourceIds, seesPrivate }: Sight): SQL {
  const sources = sql.join(
    sourceIds.map((id) => sql`${id}`),
    sql`, `,
  );
  return sql`EXISTS (SELECT 1 FROM job j WHERE j.build_id = b.id AND j.source_id IN (${sources})
    AND (j.is_public = 1 OR ${seesPrivate ? 1 : 0} = 1))`;
}

function projectIsVisible(sight: Sight): SQL {
  return sql`EXISTS (SELECT 1 FROM build b WHERE b.project_id = project.id AND ${hasVisibleJob(sight)})`;
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

export async function listBranches(store: Store, viewer: Viewer, projectId: number): Promise<string[]> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({ name: branch.name })
    .from(branch)
    .where(
      and(
        eq(branch.projectId, projectId),
        sql`EXISTS (SELECT 1 FROM build b WHERE b.branch_id = branch.id AND b.project_id = ${projectId} AND ${hasVisibleJob(sight)})`,
      ),
    )
    .orderBy(asc(branch.name));
  return rows.map((row) => fromStored(row.name)).filter((name) => name !== '');
}

/** Builds with the submit time of their first visible job; those without one are not there. */
function builds(store: Store, { sourceIds, seesPrivate }: Sight) {
  const sources = sql.join(
    sourceIds.map((id) => sql`${id}`),
    sql`, `,
  );
  const createdAt = sql<number>`(SELECT min(j.submit_at) FROM job j WHERE j.build_id = ${build.id}
    AND j.source_id IN (${sources}) AND (j.is_public = 1 OR ${seesPrivate ? 1 : 0} = 1))`;
  return {
    createdAt,
    isVisible: sql`${createdAt} IS NOT NULL`,
    query: store.db
      .select({ ...getTableColumns(build), projectSlug: project.slug, branch: branch.name, createdAt })
      .from(build)
      .innerJoin(project, eq(project.id, build.projectId))
      .innerJoin(branch, eq(branch.id, build.branchId))
      .$dynamic(),
  };
}

export async function listBuilds(
  store: Store,
  viewer: Viewer,
  filter: { projectId: number; branch?: string | null },
  page: PageRequest,
): Promise<Page<BuildRow>> {
  const sight = await sightOf(store, viewer);
  const { query, createdAt, isVisible } = builds(store, sight);
  const { where, orderBy } = keyset([createdAt, sql`${build.id}`], 'desc', page);
  const rows = await query
    .where(
      and(
        isVisible,
        eq(build.projectId, filter.projectId),
        filter.branch == null ? undefined : eq(branch.name, toStored(filter.branch)),
        where,
      ),
    )
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toBuild), page);
}

export async function countBuilds(
  store: Store,
  viewer: Viewer,
  filter: { projectId: number; branch?: string | null },
): Promise<number> {
  const sight = await sightOf(store, viewer);
  const { query, isVisible } = builds(store, sight);
  const rows = await query.where(
    and(
      isVisible,
      eq(build.projectId, filter.projectId),
      filter.branch == null ? undefined : eq(branch.name, toStored(filter.branch)),
    ),
  );
  return rows.length;
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

/** The build before it on the same branch. */
export async function getPreviousBuild(store: Store, viewer: Viewer, of: BuildRow): Promise<BuildRow | null> {
  const { query, createdAt, isVisible } = builds(store, await sightOf(store, viewer));
  const [row] = await query
    .where(
      and(isVisible, eq(build.branchId, of.branchId), sql`(${createdAt}, ${build.id}) < (${of.createdAt}, ${of.id})`),
    )
    .orderBy(sql`${createdAt} DESC, ${build.id} DESC`)
    .limit(1);
  return row ? toBuild(row) : null;
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

export type MatrixRow = Omit<typeof buildSuite.$inferSelect, 'buildId'> & {
  suite: string;
  deviceType: string;
  deviceTypeId: number;
  sourceId: number;
};

/** One row a suite and environment, by suite and device type. */
export async function listMatrix(
  store: Store,
  viewer: Viewer,
  buildId: number,
  sourceIds: readonly number[] | null,
  deviceTypes: readonly string[] | null,
): Promise<MatrixRow[]> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({
      ...getTableColumns(buildSuite),
      suite: suite.name,
      deviceType: deviceType.name,
      deviceTypeId: env.deviceTypeId,
      sourceId: env.sourceId,
    })
    .from(buildSuite)
    .innerJoin(env, eq(env.id, buildSuite.envId))
    .innerJoin(suite, eq(suite.id, buildSuite.suiteId))
    .innerJoin(deviceType, eq(deviceType.id, env.deviceTypeId))
    .where(
      and(
        eq(buildSuite.buildId, buildId),
        envIsVisible(sight),
        sourceIds ? inArray(env.sourceId, [...sourceIds]) : undefined,
        deviceTypes ? inArray(deviceType.name, deviceTypes.map(toStored)) : undefined,
      ),
    )
    .orderBy(suite.name, deviceType.name, env.sourceId);
  return rows.map(({ buildId: _, ...row }) => ({
    ...row,
    suite: fromStored(row.suite),
    deviceType: fromStored(row.deviceType),
  }));
}

export type MatrixRun = {
  suiteId: number;
  envId: number;
  jobId: number;
  shapeId: number;
  size: number;
  verdicts: Buffer;
  cases: Buffer;
};

/** Runs behind the matrix cells, oldest first: for what the sums cannot say. */
export async function listBuildRuns(store: Store, viewer: Viewer, buildId: number): Promise<MatrixRun[]> {
  const sight = await sightOf(store, viewer);
  const rows = await store.sql.all<MatrixRun & { sourceId: number; isPublic: number }>(
    `SELECT r.suite_id AS "suiteId", r.env_id AS "envId", r.job_id AS "jobId", r.shape_id AS "shapeId", s.size, r.verdicts, s.cases,
       j.source_id AS "sourceId", j.is_public AS "isPublic"
     FROM job j JOIN suite_run r ON r.env_id = j.env_id AND r.job_id = j.id JOIN shape s ON s.id = r.shape_id
     WHERE j.build_id = ? AND r.is_steps = 0 ORDER BY j.submit_at, j.id, r.ord`,
    buildId,
  );
  return rows.filter((row) => sight.sourceIds.includes(row.sourceId) && (sight.seesPrivate || row.isPublic === 1));
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
