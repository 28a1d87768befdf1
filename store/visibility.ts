/** What a viewer may see. The one place: every query of the store begins here. */
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import { type Person, ROLES, type Role, type Scope, type Viewer } from '#schema/viewer.ts';
import { Forbidden } from './error.ts';
import type { Store, Value } from './store.ts';

export type Sight = {
  sourceIds: number[];
  /** Jobs and boards the masters do not show to everybody. */
  seesPrivate: boolean;
};

const rankOf = (role: Role) => ROLES.indexOf(role);

/** Of everything: a token that is for some sources only makes nobody an admin. */
export function isAdmin(viewer: Viewer): boolean {
  return viewer.kind === 'person' && viewer.role === 'admin' && !viewer.sources;
}

/** Whether whoever asks may do what the role may, everywhere or to what belongs to these teams, and by its token this kind of thing. */
function may(viewer: Viewer, role: Role, scope: Scope, teams: readonly string[] = []): viewer is Person {
  if (viewer.kind !== 'person' || (viewer.scopes && !viewer.scopes.includes(scope))) return false;
  const ofTeams = (viewer.teamRoles ?? []).filter(({ team }) => teams.includes(team)).map((one) => one.role);
  return [viewer.role, ...ofTeams].some((one) => rankOf(one) >= rankOf(role));
}

const allowed = (viewer: Viewer, is: boolean, scope: Scope, otherwise: string): string => {
  if (viewer.kind === 'person' && is) return viewer.login;
  const isOfToken = viewer.kind === 'person' && viewer.scopes && !viewer.scopes.includes(scope);
  throw new Forbidden(isOfToken ? `This access token lacks the scope ${scope}.` : otherwise);
};

/** What whoever asks may do, for pages that offer no more: some of it perhaps only to sources of a team. */
export function scopesOf(viewer: Viewer): string[] {
  if (viewer.kind !== 'person') return ['read'];
  const teams = viewer.teams;
  return [
    'read',
    ...(may(viewer, 'triage', 'write:triage') && !viewer.sources ? ['write:triage'] : []),
    ...(viewer.role === 'admin' ? ['read:private'] : []),
    ...(may(viewer, 'source-admin', 'write:sources', teams) ? ['write:sources'] : []),
    ...(may(viewer, 'admin', 'write:access') && !viewer.sources ? ['write:access'] : []),
  ];
}

/** Who may change how everything is read, by login. @throws Forbidden for everybody else. */
export function adminOf(viewer: Viewer): string {
  const is = may(viewer, 'admin', 'write:sources') && isAdmin(viewer);
  return allowed(viewer, is, 'write:sources', 'Only an admin of this Basalt may do this.');
}

/** Who may change who may do what. @throws Forbidden for everybody else. */
export function accessAdminOf(viewer: Viewer): string {
  const is = may(viewer, 'admin', 'write:access') && isAdmin(viewer);
  return allowed(viewer, is, 'write:access', 'Only an admin of this Basalt may do this.');
}

/** Whether whoever asks looks after a source, here one that belongs to these teams. */
export function isSourceAdmin(viewer: Viewer, { slug, teams }: { slug: string; teams: readonly string[] }): boolean {
  const isFor = viewer.kind === 'person' && (!viewer.sources || viewer.sources.includes(slug));
  return isFor && may(viewer, 'source-admin', 'write:sources', teams);
}

/** Who may change a source, here one that belongs to these teams. @throws Forbidden for everybody else. */
export function sourceAdminOf(viewer: Viewer, source: { slug: string; teams: readonly string[] }): string {
  const is = isSourceAdmin(viewer, source);
  return allowed(viewer, is, 'write:sources', 'Only an admin of this source may do this.');
}

/** The same of a source as it is stored; of one that there is not, who may change every source. @throws Forbidden */
export async function adminOfStored(store: Pick<Store, 'sql'>, viewer: Viewer, slug: string): Promise<string> {
  return sourceAdminOf(viewer, { slug, teams: await teamsOf(store, slug) });
}

async function teamsOf({ sql }: Pick<Store, 'sql'>, slug: string): Promise<string[]> {
  const row = await sql.get<{ teams: string }>('SELECT teams FROM source WHERE slug = ?', slug);
  return row ? (JSON.parse(row.teams) as string[]) : [];
}

export async function isAdminOfStored(store: Pick<Store, 'sql'>, viewer: Viewer, slug: string): Promise<boolean> {
  const teams = await teamsOf(store, slug);
  return isSourceAdmin(viewer, { slug, teams });
}

/** Whoever may change some source, if only of a team: each is checked again. @throws Forbidden */
export function someSourceAdminOf(viewer: Viewer): string {
  const teams = viewer.kind === 'person' ? viewer.teams : [];
  return allowed(
    viewer,
    may(viewer, 'source-admin', 'write:sources', teams),
    'write:sources',
    'Only an admin may do this.',
  );
}

/** Login of who may judge results: say what a failure is, leave a result out. @throws Forbidden */
export function triagerOf(viewer: Viewer): string {
  const is = may(viewer, 'triage', 'write:triage') && !viewer.sources;
  return allowed(
    viewer,
    is,
    'write:triage',
    'Only who may triage on this Basalt may do this: the role is triage or more.',
  );
}

/** Whoever has an account and is signed in: for what is his own. @throws Forbidden */
export function ownAccountOf(viewer: Viewer): { accountId: number; login: string } {
  if (viewer.kind === 'person' && viewer.accountId !== undefined && viewer.credential?.kind === 'session')
    return { accountId: viewer.accountId, login: viewer.login };
  throw new Forbidden('Only who has signed in with an account may do this.');
}

export async function sightOf(store: Store, viewer: Viewer): Promise<Sight> {
  const rows = await store.sql.all<{ id: number; slug: string; visibility: string; teams: string }>(
    'SELECT id, slug, visibility, teams FROM source',
  );
  const seesAll = viewer.kind === 'everything' || (viewer.kind === 'person' && viewer.role === 'admin');
  const maySee = (row: (typeof rows)[number]) => {
    if (viewer.kind === 'person' && viewer.sources && !viewer.sources.includes(row.slug)) return false;
    if (seesAll || row.visibility === 'PUBLIC') return true;
    if (viewer.kind !== 'person') return false;
    if (row.visibility === 'INTERNAL') return true;
    const teams: unknown = JSON.parse(row.teams);
    return Array.isArray(teams) && teams.some((team) => viewer.teams.includes(team));
  };
  return { sourceIds: rows.filter(maySee).map((row) => row.id), seesPrivate: seesAll };
}

export function jobIsVisible({ sourceIds, seesPrivate }: Sight): SQL | undefined {
  return and(inArray(tables.job.sourceId, sourceIds), isPublicUnless(seesPrivate));
}

/** The same of a row that was read. */
export function seesJob({ sourceIds, seesPrivate }: Sight, job: { sourceId: number; isPublic: number }): boolean {
  return sourceIds.includes(job.sourceId) && (seesPrivate || job.isPublic === 1);
}

/**
 * The same for lists of jobs that are read by another index, in its order, until the page is full. Most jobs are visible:
 * PostgreSQL knows by its statistics; SQLite has none and is kept from the index of the source.
 */
export function jobIsVisibleInList({ engine }: Store, { sourceIds, seesPrivate }: Sight): SQL | undefined {
  const sourceId = engine === 'sqlite' ? sql`+${tables.job.sourceId}` : sql`${tables.job.sourceId}`;
  return and(inArray(sourceId, sourceIds), isPublicUnless(seesPrivate));
}

function isPublicUnless(seesPrivate: boolean): SQL | undefined {
  return seesPrivate ? undefined : eq(tables.job.isPublic, true);
}

/** Of jobs that have gone out of sight: who sees private ones is told by other rows. */
export function goneIsVisible({ seesPrivate }: Sight): SQL {
  return eq(tables.jobGone.seesPrivate, seesPrivate);
}

/** What of a source counts its jobs all together, private ones among them: told to who sees every job. */
export function ifOfAllJobs<Value>({ seesPrivate }: Sight, value: Value): Value | null {
  return seesPrivate ? value : null;
}

/** What went wrong, without the numbers of the jobs it went wrong at: they may be some that the viewer may not see. */
export function errorFor({ seesPrivate }: Sight, text: string | null): string | null {
  return seesPrivate ? text : (text?.replace(/\b(jobs?[ /]|id__in=)\d+(?:(?:,|%2C)\d+)*/gi, '$1…') ?? null);
}

/**
 * Gaps in what a viewer is told. A record that could not be read may be of a public job: it is a gap for everybody,
 * unless its number is known to be a private job's.
 */
export function gapIsVisible({ sourceIds, seesPrivate }: Sight): SQL | undefined {
  const { deadLetter, job, source } = tables;
  const isPrivate = sql`EXISTS (SELECT 1 FROM ${source} JOIN ${job} ON ${job.sourceId} = ${source.id}
    AND ${job.epoch} = ${source.epoch} AND ${job.externalId} = ${deadLetter.externalId}
    WHERE ${source.id} = ${deadLetter.sourceId} AND ${job.isPublic} = 0)`;
  return and(inArray(deadLetter.sourceId, sourceIds), seesPrivate ? undefined : sql`NOT ${isPrivate}`);
}

/** Records in quarantine may be of private jobs, whatever their number: who does not see every job sees none. */
export function letterIsVisible({ sourceIds, seesPrivate }: Sight): SQL {
  return seesPrivate ? inArray(tables.deadLetter.sourceId, sourceIds) : sql`1 = 0`;
}

/** Of an audit's counts by day. */
export function auditDayIsVisible({ seesPrivate }: Sight): SQL | undefined {
  return seesPrivate ? undefined : eq(tables.auditDay.isPublic, true);
}

export function envIsVisible({ sourceIds, seesPrivate }: Sight): SQL | undefined {
  return and(inArray(tables.env.sourceId, sourceIds), seesPrivate ? undefined : eq(tables.env.isPublic, true));
}

/** The same for SQL written out: "source_id IN (marks) AND (is_public = 1 OR ? = 1)". */
export function inSight({ sourceIds, seesPrivate }: Sight): { marks: string; values: Value[] } {
  return { marks: sourceIds.map(() => '?').join(', '), values: [...sourceIds, seesPrivate ? 1 : 0] };
}

export function deviceIsVisible({ sourceIds, seesPrivate }: Sight): SQL | undefined {
  return and(inArray(tables.device.sourceId, sourceIds), seesPrivate ? undefined : eq(tables.device.isPublic, true));
}
