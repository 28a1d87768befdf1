/**
 * Failure groups that people took apart. A split is a rule on a fingerprint; writers put failures into its parts, and those
 * that are stored follow (split-stored.ts), so that parts are groups like others.
 */
import { DEEPEST, depthOf, partsBegin, type Split, splitKey, splitOfPart } from '#analysis/group-split.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { listEnvironments } from './environment.ts';
import { Conflict, NotFound } from './error.ts';
import { findGroup } from './group-merge.ts';
import { selectEach, selectIn } from './many-rows.ts';
import { countInSight } from './merged-groups.ts';
import { type KeptSplit, packSplit, readSplitState, splitAnew, unpackSplit } from './split-rules.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { isAdmin, triagerOf } from './visibility.ts';

/** Of one group: each is a pattern at most that a failure is held against when it is written. */
const MOST = 20;

export type SplitPart = { fingerprint: string; title: string /** Jobs in sight. */; count: number };

/** A split as the viewer is told of it. */
export type SplitRow = KeptSplit & {
  /** Of the group that was split, and the jobs in sight that are left in it. */
  fingerprint: string;
  title: string;
  left: number;
  key: string;
  login: string;
  at: Micros;
  /** Whether what is stored has followed. */
  isDone: boolean;
  /** Of which one sees a job, the most jobs first. */
  parts: SplitPart[];
};

/** Of a group: those that took failures out of it, the oldest first, and the one that made it. */
export type SplitsOfGroup = { splits: SplitRow[]; from: SplitRow | null };

type Rule = KeptSplit & { id: number; groupId: number; fingerprint: string; title: string; login: string; at: Micros };

/**
 * Gives the key of the split.
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where the viewer sees no job of the group, or nothing of the lab or device type.
 * @throws Conflict where it is split so already, or too often.
 */
export async function splitGroup(
  store: Store,
  viewer: Viewer,
  { fingerprint, ...split }: KeptSplit & { fingerprint: string },
  at: Micros,
): Promise<string> {
  const login = triagerOf(viewer);
  return store.transaction(
    async () => {
      const { sql } = store;
      const { title } = await findGroup(store, viewer, fingerprint);
      const names = await namesInSight(store, viewer);
      if (!names(split)) throw new NotFound(`There is no ${NOUN[split.by]} "${split.value}" here.`);
      if (depthOf(fingerprint) >= DEEPEST) throw new Conflict(`A part of a part is split ${DEEPEST} times at most.`);
      const rules = (await readRules(sql)).filter((rule) => rule.fingerprint === fingerprint);
      const key = splitKey(split);
      if (rules.some((rule) => splitKey(rule) === key))
        throw new Conflict(`“${title}” is split so already: undo that first.`);
      if (rules.length >= MOST) throw new Conflict(`“${title}” is split ${MOST} times: undo one of them first.`);
      await sql.run(
        "INSERT INTO group_rule (kind, fingerprint, split, at, login) VALUES ('SPLIT', ?, ?, ?, ?)",
        ...[toStored(fingerprint), packSplit(split), at, toStored(login)],
      );
      await splitAnew(sql, [fingerprint]);
      await recordEvent(sql, {
        ...{ at, actor: login, action: 'failure-group.split', target: fingerprint },
        ...{ before: null, after: split },
      });
      return key;
    },
    // No failure is written meanwhile, so that none is put where it does not belong any more.
    { alone: true },
  );
}

const NOUN = { SOURCE: 'lab', DEVICE_TYPE: 'device type', MESSAGE: 'message' } as const;

/**
 * The parts are in the group again.
 * @throws Forbidden unless a triager asks.
 * @throws NotFound where there is no such split that the viewer is told of.
 */
export async function undoSplit(
  store: Store,
  viewer: Viewer,
  { fingerprint, key }: Pick<SplitRow, 'fingerprint' | 'key'>,
  at: Micros,
): Promise<void> {
  const login = triagerOf(viewer);
  await store.transaction(
    async () => {
      const { sql } = store;
      const rule = (await readRules(sql)).find((one) => one.fingerprint === fingerprint && splitKey(one) === key);
      if (!rule || (await toldOf(store, viewer, [rule])).length === 0) throw new NotFound('There is no such split.');
      await sql.run('DELETE FROM group_rule WHERE id = ?', rule.id);
      await splitAnew(sql, [fingerprint]);
      const { by, value, reason } = rule;
      await recordEvent(sql, {
        ...{ at, actor: login, action: 'failure-group.unsplit', target: fingerprint },
        ...{ before: { by, value, reason, at: rule.at, login: rule.login }, after: null },
      });
    },
    { alone: true },
  );
}

/** By the number of the group. */
export async function getGroupSplits(
  store: Store,
  viewer: Viewer,
  groupIds: readonly number[],
): Promise<Map<number, SplitsOfGroup>> {
  const { sql } = store;
  const rules = await readRules(sql);
  if (rules.length === 0) return new Map();
  const groups = await selectIn<{ id: number; fingerprint: string }>(
    ...[sql, 'SELECT id, fingerprint FROM failure_group WHERE id', [], groupIds],
  );
  const made = (rule: Pick<Rule, 'fingerprint' | 'by' | 'value'>, fingerprint: string) => {
    const of = splitOfPart(fingerprint);
    return of !== null && of.parent === rule.fingerprint && of.key === splitKey(rule);
  };
  const about = rules.filter((rule) =>
    groups.some(({ fingerprint }) => rule.fingerprint === fingerprint || made(rule, fingerprint)),
  );
  const told = await toldOf(store, viewer, about);
  return new Map(
    groups.map(({ id, fingerprint }) => [
      id,
      {
        splits: told.filter((split) => split.fingerprint === fingerprint),
        from: told.find((split) => made(split, fingerprint)) ?? null,
      },
    ]),
  );
}

/** Those that took failures out of a group, also where none is left in it. */
export async function getSplitsOf(store: Store, viewer: Viewer, fingerprint: string): Promise<SplitRow[]> {
  const row = await store.sql.get<{ id: number }>(
    'SELECT id FROM failure_group WHERE fingerprint = ?',
    toStored(fingerprint),
  );
  return row ? ((await getGroupSplits(store, viewer, [row.id])).get(row.id)?.splits ?? []) : [];
}

/** Who sees a job of the group or of a part is told, unless the split names a lab or a device type that is hidden from him. */
async function toldOf(store: Store, viewer: Viewer, rules: readonly Rule[]): Promise<SplitRow[]> {
  if (rules.length === 0) return [];
  const { sql } = store;
  const parts = await selectEach<{ id: number; fingerprint: string; title: string }>(
    sql,
    'SELECT id, fingerprint, title FROM failure_group WHERE fingerprint LIKE ?',
    rules.map((rule) => [`${partsBegin(rule.fingerprint, rule)}%`]),
  );
  const counts = await countInSight(store, viewer, [...rules, ...parts].map(idOf));
  const names = await namesInSight(store, viewer);
  const { pending } = await readSplitState(sql);
  return rules.flatMap(({ id: _, groupId, ...rule }) => {
    const begin = partsBegin(rule.fingerprint, rule);
    const depth = depthOf(begin);
    const seen = parts
      .filter(({ fingerprint }) => fingerprint.startsWith(begin) && depthOf(fingerprint) === depth)
      .flatMap(({ id, ...part }) => ({ ...part, count: counts.get(id) ?? 0 }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1));
    const left = counts.get(groupId) ?? 0;
    const isDone = !pending.some((one) => one.fingerprint === rule.fingerprint);
    const isTold = names(rule) && (left > 0 || seen.length > 0);
    // An admin may undo one that takes nothing any more, or names what is not called so any more.
    return isTold || isAdmin(viewer) ? [{ ...rule, key: splitKey(rule), left, isDone, parts: seen }] : [];
  });
}

const idOf = (one: Rule | { id: number }) => ('groupId' in one ? one.groupId : one.id);

/** Whether the viewer may know the lab or the device type that a split names. */
async function namesInSight(store: Store, viewer: Viewer): Promise<(split: Split) => boolean> {
  const environments = await listEnvironments(store, viewer, {});
  return ({ by, value }) =>
    by === 'MESSAGE' ||
    value === null ||
    environments.some((one) => (by === 'SOURCE' ? one.slug : one.deviceType) === value);
}

async function readRules(sql: Sql): Promise<Rule[]> {
  const rows = await sql.all<Omit<Rule, keyof KeptSplit> & { split: string }>(
    `SELECT r.id, r.split, r.at, r.login, g.id AS "groupId", g.fingerprint, g.title
     FROM group_rule r JOIN failure_group g ON g.fingerprint = r.fingerprint WHERE r.kind = 'SPLIT' ORDER BY r.id`,
  );
  return rows.map(({ split, ...row }) => ({ ...row, ...unpackSplit(split), login: fromStored(row.login) }));
}
