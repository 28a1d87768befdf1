/**
 * Rules by which jobs belong to builds: those of the configuration first, then those that people keep in the store, then
 * those that are known by themselves. What is kept is read anew in every transaction that places a job, so that no writer,
 * here or on another machine, places one by rules that are not in force any more.
 */
import { DEFAULT_RULES, type MappingRule, ruleProblem } from '#analysis/build-mapping.ts';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict } from './error.ts';
import { readState, saveState } from './state.ts';
import type { Sql, Store } from './store.ts';
import { fromStored } from './text.ts';
import { adminOf } from './visibility.ts';

const KEY = 'mapping';

export type KeptRules = { /** Grows with each change; 0 before the first. */ revision: number; rules: MappingRule[] };

export const NO_RULES: KeptRules = { revision: 0, rules: [] };

export function inForce(configured: readonly MappingRule[], kept: readonly MappingRule[]): MappingRule[] {
  return [...configured, ...kept, ...DEFAULT_RULES];
}

/** Those that cannot be run, as after another engine refuses an expression: no job is placed by them. */
export function brokenRules(rules: readonly MappingRule[]): { project: string; build: string; problem: string }[] {
  return rules.flatMap((rule) => {
    const problem = ruleProblem(rule);
    return problem === null ? [] : [{ project: rule.project, build: rule.build, problem }];
  });
}

export async function readKeptRules(sql: Sql): Promise<KeptRules> {
  return (await readState<KeptRules>(sql, KEY)) ?? NO_RULES;
}

export type Rules = { revision: number; rules: readonly MappingRule[] };

/** Gives the rules in force; call inside a transaction. They are put together anew only when those kept have changed. */
export function createRules(sql: Sql, configured: readonly MappingRule[]): () => Promise<Rules> {
  let known = { text: '', revision: 0, rules: inForce(configured, []) };
  return async () => {
    const row = await sql.get<{ value: string }>('SELECT value FROM store_state WHERE key = ?', KEY);
    if (row && row.value !== known.text) {
      const { revision, rules }: KeptRules = JSON.parse(row.value);
      known = { text: row.value, revision, rules: inForce(configured, rules) };
    }
    return known;
  };
}

/** The last change: who made it, and what it can be undone to. */
export type RulesChange = { at: Micros; login: string; before: MappingRule[] };

/** @throws Forbidden for everybody but an admin. */
export async function getKeptRules(store: Store, viewer: Viewer): Promise<KeptRules & { change: RulesChange | null }> {
  adminOf(viewer);
  const row = await store.sql.get<{ at: Micros; actor: string; before: string }>(
    'SELECT at, actor, before FROM audit_event WHERE target = ? ORDER BY id DESC LIMIT 1',
    KEY,
  );
  const change = row && { at: row.at, login: fromStored(row.actor), before: JSON.parse(fromStored(row.before)) };
  return { ...(await readKeptRules(store.sql)), change: change ?? null };
}

/**
 * Keeps these rules instead of those of `revision`; whoever reads sources moves the jobs.
 * @throws Forbidden for everybody but an admin.
 * @throws Conflict when somebody else has changed them meanwhile.
 */
export async function saveKeptRules(
  store: Store,
  viewer: Viewer,
  { revision, rules }: KeptRules,
  at: Micros,
): Promise<void> {
  const actor = adminOf(viewer);
  const save = async () => {
    const before = await readKeptRules(store.sql);
    if (before.revision !== revision)
      throw new Conflict(
        'The rules have been changed meanwhile: look at them again, then change what is to be changed',
      );
    await saveState(store.sql, KEY, { revision: revision + 1, rules } satisfies KeptRules);
    const event = { action: 'mapping.save', target: KEY, before: before.rules, after: rules };
    await recordEvent(store.sql, { at, actor, ...event });
  };
  // Of two that read the same revision the second would not see what the first keeps.
  await store.transaction(save, { alone: true });
}
