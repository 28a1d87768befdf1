/**
 * Failure groups that people made one. A rule names two fingerprints and is applied when groups are read: no row of a job
 * changes, so that any order of arrival, a rebuild and an undo leave what they would without it.
 */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { countInSight, groupsInSight, readMerges } from './merged-groups.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { triagerOf } from './visibility.ts';

/** A group that is part of another. */
export type GroupMerge = {
  ruleId: number;
  fingerprint: string;
  title: string;
  login: string;
  at: Micros;
  /** Jobs of it in sight. */
  count: number;
};

type Named = { id: number; kind: number; title: string; why: string };

/**
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where the viewer sees no job of one of them.
 * @throws Conflict where one is part of the other, or of a third.
 */
export async function mergeGroups(
  store: Store,
  viewer: Viewer,
  { fingerprint, into }: { fingerprint: string; into: string },
  at: Micros,
): Promise<void> {
  const login = triagerOf(viewer);
  await store.transaction(
    async () => {
      const { sql } = store;
      const merges = await readMerges(store, { kind: 'everything' });
      const [group, target] = [await findGroup(store, viewer, fingerprint), await findGroup(store, viewer, into)];
      if (group.id === target.id) throw new Conflict('A failure cannot be merged into itself.');
      if (merges.intoOf(group.id) !== group.id)
        throw new Conflict(`“${group.title}” is merged into another failure already: undo that first.`);
      if (merges.intoOf(target.id) === group.id)
        throw new Conflict(`“${target.title}” is merged into “${group.title}”: undo that first.`);
      await sql.run(
        "INSERT INTO group_rule (kind, fingerprint, target, at, login) VALUES ('MERGE', ?, ?, ?, ?)",
        ...[toStored(fingerprint), toStored(into), at, toStored(login)],
      );
      await recordEvent(sql, {
        ...{ at, actor: login, action: 'failure-group.merge', target: fingerprint },
        ...{ before: null, after: { into } },
      });
    },
    // Two merges at once could make a circle that neither sees.
    { alone: true },
  );
}

/**
 * Makes the group its own again, and gives its fingerprint.
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where there is no such merge of a group that the viewer sees a job of.
 */
export async function undoMerge(store: Store, viewer: Viewer, ruleId: number, at: Micros): Promise<string> {
  const login = triagerOf(viewer);
  return store.transaction(
    async () => {
      const { sql } = store;
      const rule = await sql.get<{ fingerprint: string; target: string }>(
        "SELECT fingerprint, target FROM group_rule WHERE id = ? AND kind = 'MERGE'",
        ruleId,
      );
      if (!rule) throw new NotFound('There is no such merge.');
      const fingerprint = fromStored(rule.fingerprint);
      await findGroup(store, viewer, fingerprint);
      await sql.run('DELETE FROM group_rule WHERE id = ?', ruleId);
      await recordEvent(sql, {
        ...{ at, actor: login, action: 'failure-group.unmerge', target: fingerprint },
        ...{ before: { into: fromStored(rule.target) }, after: null },
      });
      return fingerprint;
    },
    { alone: true },
  );
}

/** What was merged into each group, by its number: of that, what the viewer sees a job of. */
export async function getGroupMerges(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
): Promise<Map<number, GroupMerge[]>> {
  const { sql } = store;
  const merges = await readMerges(store, viewer);
  const members = groupIds.flatMap((id) => merges.membersOf(id).filter((one) => one !== id));
  if (members.length === 0) return new Map();
  const counts = await countInSight(store, viewer, members);
  const rules = await sql.all<Omit<GroupMerge, 'count'> & { id: number }>(
    `SELECT r.id AS "ruleId", r.fingerprint, g.id, g.title, r.login, r.at
     FROM group_rule r JOIN failure_group g ON g.fingerprint = r.fingerprint WHERE r.kind = 'MERGE' ORDER BY r.at, r.id`,
  );
  const found = rules.flatMap(({ id, ...rule }) => {
    const count = counts.get(id);
    return count === undefined
      ? []
      : [{ into: merges.intoOf(id), merge: { ...rule, login: fromStored(rule.login), count } }];
  });
  return new Map(
    [...Map.groupBy(found, ({ into }) => into)].map(([into, some]) => [into, some.map(({ merge }) => merge)]),
  );
}

/** @throws NotFound where the viewer sees no job of it. */
export async function findGroup(store: Store, viewer: Viewer, fingerprint: string): Promise<Named> {
  const { sql } = store;
  const row = await sql.get<Named>(
    'SELECT id, kind, title, why FROM failure_group WHERE fingerprint = ?',
    toStored(fingerprint),
  );
  if (!row || !(await groupsInSight(store, viewer, [row.id])).has(row.id))
    throw new NotFound(`There is no failure group "${fingerprint}".`);
  return row;
}
