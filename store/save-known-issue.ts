/** Known issues changed by people, each change with its event: no job is written meanwhile, so that none is held against half a rule. */
import { CULPRITS } from '#analysis/attribution-weights.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { ISSUE_STATE, readIssueState } from './issue-rules.ts';
import { changeInSight } from './issue-sight.ts';
import { getIssueSums, getKnownIssue, type IssueFields, type IssueRow, isOpen, stateOf } from './known-issue.ts';
import { saveState } from './state.ts';
import type { Sql, Store, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { triagerOf } from './visibility.ts';

/** As an event keeps it. */
type Kept = IssueFields & { at: Micros; login: string };
/** `id`: of the issue; `eventId`: by which the change is undone. */
export type Saved = { id: number; eventId: number };

const RULE = ['source', 'project', 'deviceType', 'suite', 'name', 'errorPattern', 'logPattern', 'expiresAt'] as const;

export function issueTarget(id: number): string {
  return `known-issue:${id}`;
}

/** A new one without `id`. @throws Forbidden, NotFound */
export async function saveKnownIssue(
  store: Store,
  viewer: Viewer,
  id: number | null,
  fields: IssueFields,
  at: Micros,
): Promise<Saved> {
  const login = triagerOf(viewer);
  const save = async () => {
    const before = id === null ? null : await getKnownIssue(store, viewer, id);
    if (id !== null && !before) throw new NotFound(`There is no known issue ${id}.`);
    const after = { ...fields, at: before?.at ?? at, login: before?.login ?? login };
    return change(store.sql, id ?? (await nextId(store.sql)), before, after, { at, actor: login, action: 'save' });
  };
  return store.transaction(save, { alone: true });
}

/** It is said to be fixed, now. @throws Forbidden, NotFound, Conflict where it does not hold any more. */
export async function fixKnownIssue(store: Store, viewer: Viewer, id: number, at: Micros): Promise<Saved> {
  const actor = triagerOf(viewer);
  const fix = async () => {
    const before = await getKnownIssue(store, viewer, id);
    if (!before) throw new NotFound(`There is no known issue ${id}.`);
    const sum = (await getIssueSums(store, viewer, [id], at)).get(id) ?? null;
    if (!isOpen(stateOf(before, sum, at))) throw new Conflict('The known issue is fixed or has expired already.');
    return change(store.sql, id, before, { ...before, fixedAt: at }, { at, actor, action: 'save' });
  };
  return store.transaction(fix, { alone: true });
}

/**
 * What the event did is taken back, and that is an event, too: it can be undone in turn.
 * @throws Forbidden, NotFound, Conflict where the issue was changed since.
 */
export async function undoKnownIssue(store: Store, viewer: Viewer, eventId: number, at: Micros): Promise<Saved> {
  const actor = triagerOf(viewer);
  const undo = async () => {
    const event = await store.sql.get<{ target: string; before: string | null; after: string | null }>(
      'SELECT target, before, after FROM audit_event WHERE id = ?',
      eventId,
    );
    const id = Number(/^known-issue:(\d+)$/.exec(event?.target ?? '')?.[1] ?? 0);
    if (!event || id === 0 || !(await changeInSight(store, viewer))(event))
      throw new NotFound('There is no such change of a known issue.');
    const [before, after] = [keptIn(event.before), keptIn(event.after)];
    const now = await getKnownIssue(store, viewer, id);
    const isHidden = !now && (await getKnownIssue(store, { kind: 'everything' }, id)) !== null;
    if (isHidden || (after && !now)) throw new NotFound('There is no such change of a known issue.');
    if (JSON.stringify(now && keptOf(now)) !== JSON.stringify(after && keptOf(after)))
      throw new Conflict('The known issue was changed since: undo that first.');
    return change(store.sql, id, now, before, { at, actor, action: 'undo' });
  };
  return store.transaction(undo, { alone: true });
}

function keptIn(json: string | null): Kept | null {
  return json === null ? null : JSON.parse(fromStored(json));
}

/** In one order, whatever else the row holds. */
function keptOf(row: Kept): Kept {
  const { title, url, source, project, deviceType, suite, name, errorPattern, logPattern } = row;
  const { culprit, intermittent, expiresAt, fixedAt, at, login } = row;
  return {
    ...{ title, url, source, project, deviceType, suite, name, errorPattern, logPattern },
    ...{ culprit, intermittent, expiresAt, fixedAt, at, login },
  };
}

async function nextId(sql: Sql): Promise<number> {
  const state = await readIssueState(sql);
  const lastId = state.lastId + 1;
  await saveState(sql, ISSUE_STATE, { ...state, lastId });
  return lastId;
}

async function change(
  sql: Sql,
  id: number,
  before: IssueRow | null,
  after: Kept | null,
  event: { at: Micros; actor: string; action: 'save' | 'undo' },
): Promise<Saved> {
  if (!before || !after || RULE.some((part) => before[part] !== after[part])) {
    await sql.run('DELETE FROM known_issue_match WHERE issue_id = ?', id);
    const state = await readIssueState(sql);
    await saveState(sql, ISSUE_STATE, { ...state, version: state.version + 1 });
    if (after) await putRow(sql, id, after, { revision: (before?.revision ?? 0) + 1, doneTo: await nextJobId(sql) });
  } else await putRow(sql, id, after, null);
  if (!after) {
    await sql.run('DELETE FROM known_issue WHERE id = ?', id);
    await sql.run('UPDATE group_triage SET known_issue_id = NULL WHERE known_issue_id = ?', id);
  }
  const target = issueTarget(id);
  const { at, actor, action } = event;
  const states = { before: before && keptOf(before), after: after && keptOf(after) };
  await recordEvent(sql, { at, actor, action: `known-issue.${action}`, target, ...states });
  const row = await sql.get<{ id: number }>('SELECT max(id) AS id FROM audit_event WHERE target = ?', target);
  return { id, eventId: row?.id ?? 0 };
}

/** Call inside a transaction in which nobody else writes, once kinds of boards are called otherwise here. */
export async function holdTypesAnew(sql: Sql): Promise<void> {
  const state = await readIssueState(sql);
  await saveState(sql, ISSUE_STATE, { ...state, version: state.version + 1 });
  await sql.run(
    'UPDATE known_issue SET revision = revision + 1, done_to = ? WHERE device_type IS NOT NULL',
    await nextJobId(sql),
  );
}

/** Jobs with smaller numbers are still to be held against a new rule; null where there is none. */
async function nextJobId(sql: Sql): Promise<number | null> {
  const row = await sql.get<{ id: number | null }>('SELECT max(id) AS id FROM job');
  return row?.id ? row.id + 1 : null;
}

/** `held`: null where what it matches stays as it is. */
async function putRow(
  sql: Sql,
  id: number,
  issue: Kept,
  held: { revision: number; doneTo: number | null } | null,
): Promise<void> {
  const text = (value: string | null) => (value === null ? null : toStored(value));
  const columns: Record<string, Value> = {
    ...{ title: toStored(issue.title), url: text(issue.url), source: text(issue.source), project: text(issue.project) },
    ...{ device_type: text(issue.deviceType), suite: text(issue.suite), name: text(issue.name) },
    ...{ error_pattern: text(issue.errorPattern), log_pattern: text(issue.logPattern) },
    culprit: issue.culprit === null ? null : CULPRITS.indexOf(issue.culprit),
    intermittent: issue.intermittent ? 1 : 0,
    ...{ expires_at: issue.expiresAt, fixed_at: issue.fixedAt, at: issue.at, login: toStored(issue.login) },
    ...(held ? { revision: held.revision, done_to: held.doneTo } : {}),
  };
  const names = Object.keys(columns);
  await sql.run(
    `INSERT INTO known_issue (id, ${names.join(', ')}) VALUES (?, ${names.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    ...[id, ...Object.values(columns)],
  );
}
