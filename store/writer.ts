/** What the write side keeps between two writes. One writer per store. */
import type { MappingRule } from '#analysis/build-mapping.ts';
import { createDictionary, type Dictionary } from './dictionary.ts';
import { createShapes, type NamesRepeat, type Shapes } from './shape.ts';
import type { Store } from './store.ts';

export type Writer = {
  store: Store;
  dictionary: Dictionary;
  shapes: Shapes;
  rules: readonly MappingRule[];
  /** One transaction; when it fails, what the caches learned in it is forgotten. */
  transaction<T>(body: () => Promise<T>): Promise<T>;
};

export function createWriter(store: Store, rules: readonly MappingRule[], namesRepeat?: NamesRepeat): Writer {
  const dictionary = createDictionary(store.sql);
  const shapes = createShapes(store.sql, dictionary, namesRepeat);
  return {
    store,
    dictionary,
    shapes,
    rules,
    async transaction(body) {
      try {
        return await store.transaction(body);
      } catch (cause) {
        dictionary.forget();
        shapes.forget();
        throw cause;
      }
    },
  };
}
