/** Which failure groups are part of which: rules of people, followed to their ends. */
import type { Viewer } from '#schema/viewer.ts';
import { listEnvironments } from './environment.ts';
import { MAPPED } from './id-list.ts';
import { selectIn } from './many-rows.ts';
import type { Store, Value } from './store.ts';

export type Merges = {
  isNone: boolean;
  /** The group that a group is shown as: itself unless it was merged. */
  intoOf(id: number): number;
  /** The group and all that are shown as it. */
  membersOf(id: number): number[];
  /** The joined table `m` and the group of an occurrence `p` in it. */
  joined: { text: string; group: string; values: Value[] };
};

/**
 * As they hold for the viewer: what is merged into a group of which one sees no job is told by its own name, and not by that.
 */
export async function readMerges(store: Store, viewer: Viewer): Promise<Merges> {
  const { sql, engine } = store;
  const all = await sql.all<{ id: number; target: number }>(
    `SELECT f.id, t.id AS target FROM group_rule r JOIN failure_group f ON f.fingerprint = r.fingerprint
     JOIN failure_group t ON t.fingerprint = r.target WHERE r.kind = 'MERGE'`,
  );
  const seen = await groupsInSight(store, viewer, [...new Set(all.map(({ target }) => target))]);
  const rules = all.filter(({ target }) => seen.has(target));
  const next = new Map(rules.map(({ id, target }) => [id, target]));
  // No circle can be made (see mergeGroups); of one that was, nothing is merged.
  const endOf = (id: number) => {
    let end = id;
    for (let steps = 0; steps <= next.size; steps++) {
      const further = next.get(end);
      if (further === undefined) return end;
      end = further;
    }
    return id;
  };
  const ends = new Map([...next.keys()].map((id) => [id, endOf(id)]));
  return {
    isNone: ends.size === 0,
    intoOf: (id) => ends.get(id) ?? id,
    membersOf: (id) => [id, ...[...ends].flatMap(([one, end]) => (end === id && one !== id ? [one] : []))],
    joined:
      ends.size === 0
        ? { text: '', group: 'p.group_id', values: [] }
        : {
            text: `LEFT JOIN ${MAPPED[engine]} m ON m.id = p.group_id`,
            group: 'coalesce(m."intoId", p.group_id)',
            values: [JSON.stringify([...ends])],
          },
  };
}

/** Of the groups, each as it was before any merge, those of which the viewer sees a job: their fingerprints. */
export async function groupsInSight(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await ofGroups<{ id: number; fingerprint: string }>(
    ...[store, viewer, groupIds],
    (seen) => `SELECT g.id, g.fingerprint FROM failure_group g WHERE EXISTS (SELECT 1 ${seen}) AND g.id`,
  );
  return new Map(rows.map(({ id, fingerprint }) => [id, fingerprint]));
}

/** Jobs that the viewer sees, of those of the groups of which there are any; each group as it was before any merge. */
export async function countInSight(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await ofGroups<{ id: number; count: number }>(
    ...[store, viewer, groupIds],
    (seen) => `SELECT g.id, (SELECT count(*) ${seen}) AS count FROM failure_group g WHERE g.id`,
  );
  return new Map(rows.flatMap(({ id, count }) => (count > 0 ? [[id, count]] : [])));
}

/** `query` is given what stands after SELECT of the occurrences in sight of a group `g`, and ends where IN follows. */
async function ofGroups<Row>(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
  query: (seen: string) => string,
): Promise<Row[]> {
  if (groupIds.length === 0) return [];
  const environments = await listEnvironments(store, viewer, {});
  if (environments.length === 0) return [];
  const marks = environments.map(() => '?').join(', ');
  return selectIn<Row>(
    store.sql,
    query(`FROM failure_occurrence o WHERE o.group_id = g.id AND o.env_id IN (${marks})`),
    environments.map(({ id }) => id),
    groupIds,
  );
}
