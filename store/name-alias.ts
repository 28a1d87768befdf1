/** Names that mean the same, as admins say: a device type of a lab, a submitter. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, NotFound } from './error.ts';
import { holdTypesAnew } from './save-known-issue.ts';
import { splitTypesAnew } from './split-rules.ts';
import type { Sql, Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { applyTypeAliases } from './type-alias.ts';
import { adminOf } from './visibility.ts';

export type AliasKind = 'DEVICE_TYPE' | 'SUBMITTER';
/** `source`: slug, '' for all. `name` is what it is called there, `alias` what it is called here. */
export type Alias = { kind: AliasKind; source: string; name: string; alias: string };
export type AliasRow = Alias & { at: Micros; login: string };

/** By kind, alias, name and source. Few: people write them. */
export async function readAliases(sql: Sql, kind: AliasKind): Promise<AliasRow[]> {
  const rows = await sql.all<AliasRow>(
    'SELECT kind, source, name, alias, at, login FROM name_alias WHERE kind = ? ORDER BY alias, name, source',
    kind,
  );
  return rows.map((row) => ({
    ...row,
    source: fromStored(row.source),
    name: fromStored(row.name),
    alias: fromStored(row.alias),
    login: fromStored(row.login),
  }));
}

/** @throws Forbidden for everybody but an admin. */
export async function listAliases(store: Store, viewer: Viewer): Promise<AliasRow[]> {
  adminOf(viewer);
  return [...(await readAliases(store.sql, 'DEVICE_TYPE')), ...(await readAliases(store.sql, 'SUBMITTER'))];
}

const nameOf = ({ source, name }: Pick<Alias, 'source' | 'name'>) => `"${name}"${source ? ` of ${source}` : ''}`;

/** Why it cannot be added, in a sentence: a name stands for one thing, and what it stands for is no alias again. */
export async function obstacleOf(sql: Sql, given: Alias): Promise<string | null> {
  const { kind, source, name, alias } = given;
  const others = await readAliases(sql, kind);
  const same = others.find((one) => one.name === name && one.source === source);
  if (same) return `${nameOf(same)} is called "${same.alias}" here already: take that back first`;
  const further = others.find((one) => one.name === alias);
  if (further) return `${nameOf(further)} is itself called "${further.alias}" here: take that name instead`;
  const before = others.find((one) => one.alias === name);
  return before
    ? `${nameOf(before)} is called "${name}" here: take that back first, then give both the new name`
    : null;
}

/**
 * Jobs, histories and sums follow at once, those of jobs that come later too.
 * @throws Forbidden for everybody but an admin.
 * @throws Conflict with the reason why not.
 */
export async function addAlias(store: Store, viewer: Viewer, given: Alias, at: Micros): Promise<void> {
  const login = adminOf(viewer);
  await change(store, given, async () => {
    const obstacle = await obstacleOf(store.sql, given);
    if (obstacle) throw new Conflict(`${obstacle}.`);
    const { kind, source, name, alias } = given;
    await store.sql.run(
      'INSERT INTO name_alias (kind, source, name, alias, at, login) VALUES (?, ?, ?, ?, ?, ?)',
      ...[kind, toStored(source), toStored(name), toStored(alias), at, toStored(login)],
    );
    await recordEvent(store.sql, {
      at,
      actor: login,
      action: 'alias.add',
      target: targetOf(given),
      before: null,
      after: alias,
    });
  });
}

/** @throws Forbidden for everybody but an admin. @throws NotFound when there is none. */
export async function removeAlias(store: Store, viewer: Viewer, key: Omit<Alias, 'alias'>, at: Micros): Promise<void> {
  const actor = adminOf(viewer);
  await change(store, key, async () => {
    const gone = await store.sql.get<{ alias: string }>(
      'DELETE FROM name_alias WHERE kind = ? AND source = ? AND name = ? RETURNING alias',
      ...[key.kind, toStored(key.source), toStored(key.name)],
    );
    if (!gone) throw new NotFound(`${nameOf(key)} has no other name here.`);
    const before = fromStored(gone.alias);
    await recordEvent(store.sql, { at, actor, action: 'alias.remove', target: targetOf(key), before, after: null });
  });
}

const targetOf = ({ kind, source, name }: Omit<Alias, 'alias'>) => `alias:${JSON.stringify([kind, source, name])}`;

async function change({ sql, transaction }: Store, { kind }: Pick<Alias, 'kind'>, work: () => Promise<void>) {
  await transaction(
    async () => {
      await work();
      if (kind !== 'DEVICE_TYPE') return;
      await applyTypeAliases(sql);
      await holdTypesAnew(sql);
      await splitTypesAnew(sql);
    },
    { alone: true },
  );
}

/** Which of `own` is called what here: of a source, or of any where there is no alias for it alone. */
export function calledHere(aliases: readonly Alias[], source: string, own: string): string {
  const found = aliases.filter((one) => one.name === own && (one.source === source || one.source === ''));
  return (found.find((one) => one.source !== '') ?? found[0])?.alias ?? own;
}
