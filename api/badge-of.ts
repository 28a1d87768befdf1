/** What badges say. Of what is not there and of what may not be seen: the same. */
import { DEFAULT_POLICY } from '#schema/verdict-policy.ts';
import { type BuildRow, getBuild, getProject, listBuildSources, listBuilds, listBuildsBefore } from '#store/build.ts';
import { listMissingSuites } from '#store/missing-suite.ts';
import type { SyncStatus } from '#store/source.ts';
import { type BuildVerdict, EXPECTED_FROM, getVerdict } from '#store/verdict.ts';
import type { Badge } from './badge-image.ts';
import type { Context } from './context.ts';
import { type CoverageParent, coverageOf, isComplete } from './coverage.ts';

export type BadgeContext = Pick<Context, 'store' | 'viewer' | 'now' | 'policies'>;

/** Of the builds of a project that may be seen. */
export const LATEST = 'latest';

const STALE = { message: 'stale', colour: 'grey' } as const;
const UNKNOWN = { message: 'unknown', colour: 'grey' } as const;

/** `version`: of a build, or LATEST. */
export async function badgeOfBuild(
  context: BadgeContext,
  { project, version, branch }: { project: string; version: string; branch: string | undefined },
): Promise<Badge> {
  const { store, viewer, policies, now } = context;
  const build =
    version === LATEST
      ? await latestOf(context, project, branch)
      : await getBuild(store, viewer, project, version, branch);
  if (!build) return { label: 'build', ...UNKNOWN };
  const label = `${build.projectSlug} ${build.version}`;
  if (!(await isComplete(await coverageOfBuild(context, build), store))) return { label, ...STALE };
  const missing = await listMissingSuites(store, viewer, build, { sources: {} }, EXPECTED_FROM);
  const policy = policies.get(build.projectSlug) ?? DEFAULT_POLICY;
  return { label, ...wordOf(await getVerdict(store, viewer, build, policy, now(), missing)) };
}

async function latestOf({ store, viewer }: BadgeContext, slug: string, branch?: string): Promise<BuildRow | null> {
  const project = await getProject(store, viewer, slug);
  if (!project) return null;
  const page = { limit: 1, after: null, before: null, backward: false };
  const { rows } = await listBuilds(store, viewer, { projectId: project.id, branch }, page);
  return rows[0] ?? null;
}

/** Of the labs that ran it or a build before it: one of those that is behind may know of a failure. */
async function coverageOfBuild(context: BadgeContext, build: BuildRow): Promise<CoverageParent> {
  const { store, viewer } = context;
  const ids = new Set<number>();
  for (const { id } of [build, ...(await listBuildsBefore(store, viewer, build, EXPECTED_FROM))])
    for (const sourceId of await listBuildSources(store, viewer, id)) ids.add(sourceId);
  const { sources, unknown } = await coverageOf({}, context);
  return { unknown, sources: sources.filter(({ source }) => ids.has(source.id)) };
}

function wordOf({ outcome, rows }: BuildVerdict): Omit<Badge, 'label'> {
  switch (outcome) {
    case 'PASS':
      return { message: 'passes', colour: 'green' };
    case 'FAIL':
      return { message: `${rows.reduce((sum, { failing }) => sum + failing.length, 0)} failing`, colour: 'red' };
    case 'INFRASTRUCTURE':
      return { message: 'infrastructure', colour: 'purple' };
    case 'INCOMPLETE':
      return { message: 'incomplete', colour: 'amber' };
    case 'CANNOT_TELL':
      return { message: 'cannot tell', colour: 'grey' };
  }
}

const LAB_WORDS: Record<SyncStatus, Omit<Badge, 'label'>> = {
  HEALTHY: { message: 'in sync', colour: 'green' },
  DELAYED: { message: 'delayed', colour: 'amber' },
  BACKFILLING: { message: 'delayed', colour: 'amber' },
  FAILING: { message: 'silent', colour: 'red' },
  ACTION_REQUIRED: { message: 'silent', colour: 'red' },
  PAUSED: { message: 'silent', colour: 'grey' },
  PENDING: { message: 'silent', colour: 'grey' },
};

export async function badgeOfLab(context: BadgeContext, slug: string): Promise<Badge> {
  const found = await coverageOf({ slugs: [slug] }, context);
  const [lab] = found.sources;
  if (!lab) return { label: 'lab', ...UNKNOWN };
  const label = lab.source.slug;
  if (lab.status !== 'HEALTHY') return { label, ...LAB_WORDS[lab.status] };
  if (lab.openGaps !== 0) return { label, ...LAB_WORDS.DELAYED };
  return { label, ...((await isComplete(found, context.store)) ? LAB_WORDS.HEALTHY : STALE) };
}
