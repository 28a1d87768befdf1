/** What the write side keeps between two writes. One writer per store. */
import type { MappingRule } from '#analysis/build-mapping.ts';
import { createDictionary, type Dictionary } from './dictionary.ts';
import { WriteCollision } from './error.ts';
import { createShapes, type NamesRepeat, type Shapes } from './shape.ts';
import type { Store, TransactionOptions } from './store.ts';

const TRIES = 5;

export type Writer = {
  store: Store;
  dictionary: Dictionary;
  shapes: Shapes;
  rules: readonly MappingRule[];
  /**
   * One transaction; when it fails, what the caches learned in it is forgotten. The body may run again: two writers that
   * wait for each other are told apart by ending one of them.
   */
  transaction<T>(body: () => Promise<T>, options?: TransactionOptions): Promise<T>;
};

export function createWriter(store: Store, rules: readonly MappingRule[], namesRepeat?: NamesRepeat): Writer {
  const dictionary = createDictionary(store.sql);
  const shapes = createShapes(store.sql, dictionary, namesRepeat);
  return {
    store,
    dictionary,
    shapes,
    rules,
    async transaction(body, options) {
      for (let tries = 1; ; tries++) {
        try {
          return await store.transaction(body, options);
        } catch (cause) {
          dictionary.forget();
          shapes.forget();
          if (!(cause instanceof WriteCollision) || tries === TRIES) throw cause;
        }
      }
    },
  };
}
