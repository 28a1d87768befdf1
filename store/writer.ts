/** What the write side keeps between two writes. One writer per store. */
import type { MappingRule } from '#analysis/build-mapping.ts';
import { createDictionary, type Dictionary } from './dictionary.ts';
import { WriteCollision } from './error.ts';
import { createFreshTexts, type FreshTexts } from './fresh-texts.ts';
import { createIssueRules, type IssueRules } from './issue-rules.ts';
import { syncFolder } from './log-file.ts';
import { createRules, type Rules } from './mapping-rules.ts';
import { createSums, type Sums, writeSums } from './rollup.ts';
import { createShapes, type NamesRepeat, type Shapes } from './shape.ts';
import { createSplitRules, type SplitRules } from './split-rules.ts';
import type { Store, TransactionOptions } from './store.ts';

const TRIES = 5;

export type Writer = {
  store: Store;
  dictionary: Dictionary;
  shapes: Shapes;
  /** The mapping rules in force; call inside a transaction. */
  rules(): Promise<Rules>;
  /** Known issues that jobs are held against as they are written. */
  issues: IssueRules;
  /** Splits by which failures are put into groups as they are written. */
  splits: SplitRules;
  /** What the transaction adds to rollups and takes from them: written before it ends. */
  sums: Sums;
  /** Rows of the transaction whose texts are to be found from its end on. */
  freshTexts: FreshTexts;
  /** Where logs lie that the transaction names: synced once before it ends, however many there are in one. */
  logFolders: Set<string>;
  /**
   * One transaction; when it fails, what the caches learned in it is forgotten. The body may run again: two writers that
   * wait for each other are told apart by ending one of them.
   */
  transaction<T>(body: () => Promise<T>, options?: TransactionOptions): Promise<T>;
};

/** `configured`: the mapping rules of the configuration. */
export function createWriter(store: Store, configured: readonly MappingRule[], namesRepeat?: NamesRepeat): Writer {
  const freshTexts = createFreshTexts(store);
  const dictionary = createDictionary(store.sql, freshTexts);
  const sums = createSums();
  const logFolders = new Set<string>();
  const issues = createIssueRules(store.sql);
  const splits = createSplitRules(store.sql);
  const shapes = createShapes(store.sql, dictionary, namesRepeat);
  return {
    store,
    dictionary,
    shapes,
    rules: createRules(store.sql, configured),
    issues,
    splits,
    sums,
    freshTexts,
    logFolders,
    async transaction(body, options) {
      const whole = async () => {
        issues.forget();
        splits.forget();
        const value = await body();
        await writeSums(store.sql, sums);
        await freshTexts.index();
        for (const folder of logFolders) syncFolder(folder);
        logFolders.clear();
        sums.clear();
        return value;
      };
      for (let tries = 1; ; tries++) {
        try {
          return await store.transaction(whole, options);
        } catch (cause) {
          dictionary.forget();
          shapes.forget();
          sums.clear();
          freshTexts.forget();
          logFolders.clear();
          if (!(cause instanceof WriteCollision) || tries === TRIES) throw cause;
        }
      }
    },
  };
}
