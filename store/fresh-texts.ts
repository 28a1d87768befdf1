/** Texts that a transaction brought, taken into the index of trigrams at once: one by one each costs four times as much. */
import type { Store } from './store.ts';
import { type Indexed, TEXT_INDEX } from './text-index.ts';

export type FreshTexts = {
  add(table: Indexed, ids: readonly number[]): void;
  /** Call inside the transaction: before it ends, and before one of the rows changes or goes. */
  index(): Promise<void>;
  forget(): void;
};

export function createFreshTexts({ engine, sql }: Store): FreshTexts {
  const take = TEXT_INDEX[engine].take;
  const fresh = new Map<Indexed, number[]>();
  return {
    add(table, ids) {
      if (!take) return;
      const all = fresh.get(table) ?? [];
      for (const id of ids) all.push(id);
      fresh.set(table, all);
    },
    async index() {
      if (!take) return;
      for (const [table, ids] of fresh) await sql.run(take[table], JSON.stringify(ids));
      fresh.clear();
    },
    forget: () => fresh.clear(),
  };
}
