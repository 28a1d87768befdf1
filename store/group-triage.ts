/** What people say of failure groups. It is kept by fingerprint, so that it outlives the rows of the groups and every rebuild. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { getIssuesById, type IssueRow } from './known-issue.ts';
import { selectIn } from './many-rows.ts';
import { groupsInSight } from './merged-groups.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { triagerOf } from './visibility.ts';

export const TRIAGE_STATES = ['BUG', 'INFRASTRUCTURE', 'FLAKY', 'CODE', 'IGNORED'] as const;
export type TriageState = (typeof TRIAGE_STATES)[number];

export type Triage = {
  state: TriageState;
  knownIssueId: number | null;
  comment: string | null;
  at: Micros;
  login: string;
};

/** `state` null takes back what was said. */
export type Judgement = Pick<Triage, 'knownIssueId' | 'comment'> & { state: TriageState | null };

/** A triage as it is shown: with its known issue, where the viewer may see that. */
export type GroupTriage = Triage & { issue: IssueRow | null };

const ACTION = 'failure-group.triage';
const COLUMNS = 't.state, t.known_issue_id AS "knownIssueId", t.comment, t.at, t.login';

/**
 * All of the groups, or none. Gives the numbers of the events, by which it can be undone.
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where a group is none that the viewer sees.
 */
export async function setTriage(
  store: Store,
  viewer: Viewer,
  fingerprints: readonly string[],
  { state, knownIssueId, comment }: Judgement,
  at: Micros,
): Promise<number[]> {
  const login = triagerOf(viewer);
  return store.transaction(
    async () => {
      await assertSeen(store, viewer, fingerprints);
      const after: Triage | null = state && { state, knownIssueId, comment, at, login };
      const events: number[] = [];
      for (const fingerprint of new Set(fingerprints)) {
        const before = await readTriage(store.sql, fingerprint);
        if (before === null && after === null) continue;
        events.push(await change(store.sql, { fingerprint, before, after, at, login }));
      }
      return events;
    },
    { alone: true },
  );
}

/**
 * Makes of each group what it was before the event, whatever that was; an undo can be undone.
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where an event is none of a group that the viewer sees.
 * @throws Conflict where something else was said since.
 */
export async function undoTriage(
  store: Store,
  viewer: Viewer,
  eventIds: readonly number[],
  at: Micros,
): Promise<{ fingerprints: string[]; events: number[] }> {
  const login = triagerOf(viewer);
  return store.transaction(
    async () => {
      const { sql } = store;
      const found = await selectIn<{ id: number; target: string; before: string | null; after: string | null }>(
        sql,
        'SELECT id, target, before, after FROM audit_event WHERE action = ? AND id',
        [ACTION],
        [...new Set(eventIds)],
      );
      if (found.length < new Set(eventIds).size) throw new NotFound('There is no such change of a failure group.');
      const fingerprints = found.map(({ target }) => fromStored(target));
      await assertSeen(store, viewer, fingerprints);
      const events: number[] = [];
      for (const { target, ...event } of found) {
        const fingerprint = fromStored(target);
        const now = await readTriage(sql, fingerprint);
        if (JSON.stringify(now) !== JSON.stringify(parsed(event.after)))
          throw new Conflict(
            now
              ? `${now.login} has said something else of it since.`
              : 'What was said of it has been taken back since.',
          );
        events.push(await change(sql, { fingerprint, before: now, after: parsed(event.before), at, login }));
      }
      return { fingerprints, events };
    },
    { alone: true },
  );
}

/** By the number of the group, of those that the viewer sees; with its known issue where the viewer sees that. */
export async function getTriages(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
): Promise<Map<number, GroupTriage>> {
  const seen = await groupsInSight(store, viewer, groupIds);
  const rows = await selectIn<Triage & { id: number }>(
    store.sql,
    `SELECT g.id, ${COLUMNS} FROM failure_group g JOIN group_triage t ON t.fingerprint = g.fingerprint WHERE g.id`,
    [],
    [...seen.keys()],
  );
  const issues = await getIssuesById(store, viewer, [
    ...new Set(rows.flatMap(({ knownIssueId }) => knownIssueId ?? [])),
  ]);
  return new Map(
    rows.map(({ id, ...row }) => [id, { ...unpacked(row), issue: issues.get(row.knownIssueId ?? 0) ?? null }]),
  );
}

type Change = { fingerprint: string; before: Triage | null; after: Triage | null; at: Micros; login: string };

async function change(sql: Sql, { fingerprint, before, after, at, login }: Change): Promise<number> {
  const target = toStored(fingerprint);
  await sql.run('DELETE FROM group_triage WHERE fingerprint = ?', target);
  if (after) {
    const comment = after.comment === null ? null : toStored(after.comment);
    await sql.run(
      'INSERT INTO group_triage (fingerprint, state, known_issue_id, comment, at, login) VALUES (?, ?, ?, ?, ?, ?)',
      ...[target, after.state, after.knownIssueId, comment, after.at, toStored(after.login)],
    );
  }
  return recordEvent(sql, { at, actor: login, action: ACTION, target: fingerprint, before, after });
}

async function readTriage(sql: Sql, fingerprint: string): Promise<Triage | null> {
  const row = await sql.get<Triage>(
    `SELECT ${COLUMNS} FROM group_triage t WHERE fingerprint = ?`,
    toStored(fingerprint),
  );
  return row ? unpacked(row) : null;
}

function unpacked({ state, knownIssueId, comment, at, login }: Triage): Triage {
  return { state, knownIssueId, comment: comment === null ? null : fromStored(comment), at, login: fromStored(login) };
}

function parsed(stored: string | null): Triage | null {
  return stored === null ? null : JSON.parse(fromStored(stored));
}

async function assertSeen(store: Store, viewer: Viewer, fingerprints: readonly string[]): Promise<void> {
  const rows = await selectIn<{ id: number }>(
    store.sql,
    'SELECT id FROM failure_group WHERE fingerprint',
    [],
    [...new Set(fingerprints)].map(toStored),
  );
  const seen = await groupsInSight(
    store,
    viewer,
    rows.map(({ id }) => id),
  );
  const known = new Set(seen.values());
  const missing = fingerprints.find((one) => !known.has(one));
  if (missing !== undefined) throw new NotFound(`There is no failure group "${missing}".`);
}
