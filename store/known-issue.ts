/** Known issues: what people know of failures, by rules, with their trackers. */
import { CULPRITS, type Culprit } from '#analysis/attribution-weights.ts';
import type { IssueRule } from '#analysis/known-issue.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type Clause, issueIsVisible, matchIsVisible } from './issue-sight.ts';
import { selectIn } from './many-rows.ts';
import { type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Store, Value } from './store.ts';
import { fromStored } from './text.ts';

/** What people say of an issue. */
export type IssueFields = IssueRule & {
  title: string;
  url: string | null;
  culprit: Culprit | null;
  intermittent: boolean;
  fixedAt: Micros | null;
};

export type IssueRow = IssueFields & {
  id: number;
  at: Micros;
  login: string;
  revision: number;
  /** Jobs stored before are still held against it. */
  isBeingHeld: boolean;
};

/** Expired comes before all else; reopened: a failure in sight ended after it was said to be fixed. */
export const ISSUE_STATES = ['ACTIVE', 'REOPENED', 'FIXED', 'EXPIRED'] as const;
export type IssueState = (typeof ISSUE_STATES)[number];

/** Of matches in sight. */
export type IssueSum = {
  /** Jobs that ended in the last 30 days. */
  recent: number;
  total: number;
  firstAt: Micros;
  lastAt: Micros;
  /** End of the first that ended after it was said to be fixed. */
  reopenedAt: Micros | null;
};

export const RECENT_DAYS = 30;
const DAY = 86_400_000_000;

const COLUMNS = `i.id, i.title, i.url, i.source, i.project, i.device_type AS "deviceType", i.suite, i.name,
  i.error_pattern AS "errorPattern", i.log_pattern AS "logPattern", i.culprit, i.intermittent, i.expires_at AS "expiresAt",
  i.fixed_at AS "fixedAt", i.at, i.login, i.revision, CASE WHEN i.done_to IS NULL THEN 0 ELSE 1 END AS "isBeingHeld"`;

type Packed = Omit<IssueRow, 'culprit' | 'intermittent' | 'isBeingHeld'> & {
  culprit: number | null;
  intermittent: number;
  isBeingHeld: number;
};

function unpacked(row: Packed): IssueRow {
  const text = (value: string | null) => (value === null ? null : fromStored(value));
  return {
    ...row,
    ...{ title: fromStored(row.title), url: text(row.url), login: fromStored(row.login) },
    ...{ source: text(row.source), project: text(row.project), deviceType: text(row.deviceType) },
    ...{ suite: text(row.suite), name: text(row.name) },
    ...{ errorPattern: text(row.errorPattern), logPattern: text(row.logPattern) },
    culprit: row.culprit === null ? null : (CULPRITS[row.culprit] ?? null),
    intermittent: row.intermittent === 1,
    isBeingHeld: row.isBeingHeld === 1,
  };
}

/** Null when there is none, or the viewer may not see it: the two are one. */
export async function getKnownIssue(store: Store, viewer: Viewer, id: number): Promise<IssueRow | null> {
  return (await getIssuesById(store, viewer, [id])).get(id) ?? null;
}

export async function getIssuesById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, IssueRow>> {
  if (ids.length === 0) return new Map();
  const visible = await issueIsVisible(store, viewer);
  const rows = await selectIn<Packed>(
    store.sql,
    `SELECT ${COLUMNS} FROM known_issue i WHERE ${visible.text} AND i.id`,
    visible.values,
    ids,
  );
  return new Map(rows.map((row) => [row.id, unpacked(row)]));
}

export type IssueFilter = { states?: readonly IssueState[] | null };
type Listed = { issue: IssueRow; recent: number };

/** Those with the most matches of the last 30 days first, then the newest. */
export async function listKnownIssues(
  store: Store,
  viewer: Viewer,
  filter: IssueFilter,
  now: Micros,
  page: PageRequest,
): Promise<Page<Listed>> {
  const { after, before, backward, limit } = page;
  const { text, values } = await issuesWhere(store, viewer, filter, now);
  const recent = await recentMatches(store, viewer, now);
  const direction = backward ? 'ASC' : 'DESC';
  const clauses = [...(after ? ['(q.recent, q.id) < (?, ?)'] : []), ...(before ? ['(q.recent, q.id) > (?, ?)'] : [])];
  const rows = await store.sql.all<Packed & { recent: number }>(
    `SELECT q.* FROM (SELECT ${COLUMNS}, coalesce(r.n, 0) AS recent FROM known_issue i
       LEFT JOIN (${recent.text}) r ON r.issue_id = i.id WHERE ${text}) q
     ${clauses.length > 0 ? `WHERE ${clauses.join(' AND ')}` : ''}
     ORDER BY q.recent ${direction}, q.id ${direction} LIMIT ${limit + 1}`,
    ...[...recent.values, ...values, ...(after ?? []), ...(before ?? [])],
  );
  return toPage(
    rows.map(({ recent: n, ...row }) => ({ issue: unpacked(row), recent: n })),
    page,
  );
}

export function issueKey({ issue, recent }: Listed): Key {
  return [recent, issue.id];
}

export async function countKnownIssues(
  store: Store,
  viewer: Viewer,
  filter: IssueFilter,
  now: Micros,
): Promise<number> {
  const { text, values } = await issuesWhere(store, viewer, filter, now);
  const row = await store.sql.get<{ n: number }>(`SELECT count(*) AS n FROM known_issue i WHERE ${text}`, ...values);
  return row?.n ?? 0;
}

async function recentMatches(store: Store, viewer: Viewer, now: Micros): Promise<Clause> {
  const within = await matchIsVisible(store, viewer);
  return {
    text: `SELECT m.issue_id, count(*) AS n FROM known_issue_match m WHERE ${within.text} AND m.at >= ? GROUP BY m.issue_id`,
    values: [...within.values, now - RECENT_DAYS * DAY],
  };
}

async function issuesWhere(
  store: Store,
  viewer: Viewer,
  { states }: IssueFilter,
  now: Micros,
): Promise<{ text: string; values: Value[] }> {
  const visible = await issueIsVisible(store, viewer);
  if (!states) return { text: visible.text, values: [...visible.values] };
  const within = await matchIsVisible(store, viewer);
  const state = `CASE WHEN i.expires_at IS NOT NULL AND i.expires_at <= ? THEN 'EXPIRED' WHEN i.fixed_at IS NULL THEN 'ACTIVE'
    WHEN EXISTS (SELECT 1 FROM known_issue_match m WHERE m.issue_id = i.id AND m.at > i.fixed_at AND ${within.text})
    THEN 'REOPENED' ELSE 'FIXED' END`;
  const wanted = states.length === 0 ? '1 = 0' : `${state} IN (${states.map(() => '?').join(', ')})`;
  return {
    text: `${visible.text} AND ${wanted}`,
    values: [...visible.values, ...(states.length === 0 ? [] : [now, ...within.values, ...states])],
  };
}

/** Of issues that the viewer may see; none of those without a match in sight. */
export async function getIssueSums(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
  now: Micros,
): Promise<Map<number, IssueSum>> {
  if (ids.length === 0) return new Map();
  const within = await matchIsVisible(store, viewer);
  const rows = await store.sql.all<IssueSum & { id: number }>(
    `SELECT m.issue_id AS id, count(*) AS total, sum(CASE WHEN m.at >= ? THEN 1 ELSE 0 END) AS recent, min(m.at) AS "firstAt",
       max(m.at) AS "lastAt", min(CASE WHEN m.at > i.fixed_at THEN m.at END) AS "reopenedAt"
     FROM known_issue_match m JOIN known_issue i ON i.id = m.issue_id
     WHERE m.issue_id IN (${ids.map(() => '?').join(', ')}) AND ${within.text} GROUP BY m.issue_id`,
    ...[now - RECENT_DAYS * DAY, ...ids, ...within.values],
  );
  return new Map(rows.map(({ id, ...sum }) => [id, sum]));
}

/** Does it hold: was it not said to be fixed, or has it failed since? */
export function isOpen(state: IssueState): boolean {
  return state === 'ACTIVE' || state === 'REOPENED';
}

/**
 * The last match in sight, or when it was entered, if that was 30 days ago and silence says something: it holds, does not
 * come and go, and all that is stored was held against it. Else null.
 */
export function quietSince(issue: IssueRow, sum: IssueSum | null, now: Micros): Micros | null {
  if (!isOpen(stateOf(issue, sum, now)) || issue.intermittent || issue.isBeingHeld) return null;
  const since = sum?.lastAt ?? issue.at;
  return since < now - RECENT_DAYS * DAY ? since : null;
}

export function stateOf({ expiresAt, fixedAt }: IssueFields, sum: IssueSum | null, now: Micros): IssueState {
  if (expiresAt !== null && expiresAt <= now) return 'EXPIRED';
  if (fixedAt === null) return 'ACTIVE';
  return sum !== null && sum.reopenedAt !== null ? 'REOPENED' : 'FIXED';
}
