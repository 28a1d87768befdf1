/** Which test cases occur in a run of an environment in sight: a name that only hidden jobs use is not told. */
import { setImmediate } from 'node:timers/promises';
import { selectIn } from './many-rows.ts';
import { unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';
import { inSight, type Sight } from './visibility.ts';

type CaseOfSuite = { id: number; suiteId: number };
type Shape = { id: number; suiteId: number; size: number };
/** Shapes in sight of a suite, and the cases of those that were read. */
type Suite = { unread: Shape[]; read: Int32Array[] };

/** Cases of the shapes read at a time: one may have half a million. */
const CASES_AT_ONCE = 500_000;

/**
 * Of some cases after others, those in sight. Shapes are read newest first, each at most once, of all suites together:
 * one each, then two each, then four.
 */
export function createCasesInSight(store: Store, sight: Sight) {
  const suites = new Map<number, Suite>();
  const { marks, values } = inSight(sight);

  async function meet(suiteIds: readonly number[]): Promise<void> {
    const fresh = suiteIds.filter((id) => !suites.has(id));
    const shapes = await selectIn<Shape>(
      store.sql,
      `SELECT s.id, s.suite_id AS "suiteId", s.size FROM shape s
       WHERE EXISTS (SELECT 1 FROM suite_run r JOIN env e ON e.id = r.env_id
         WHERE r.shape_id = s.id AND e.source_id IN (${marks}) AND (e.is_public = 1 OR ? = 1)) AND s.suite_id`,
      values,
      fresh,
    );
    const bySuite = Map.groupBy(shapes, ({ suiteId }) => suiteId);
    for (const id of fresh) {
      suites.set(id, { unread: (bySuite.get(id) ?? []).sort((a, b) => a.id - b.id), read: [] });
    }
  }

  async function readShapes(shapes: readonly Shape[]): Promise<void> {
    const suiteOf = new Map(shapes.map(({ id, suiteId }) => [id, suites.get(suiteId)]));
    for (let at = 0; at < shapes.length; ) {
      let end = at;
      for (let cases = 0; end < shapes.length && cases < CASES_AT_ONCE; end++) cases += shapes[end]?.size ?? 0;
      const ids = shapes.slice(at, end).map(({ id }) => id);
      for (const shape of await unpackShapes(store.sql, ids)) suiteOf.get(shape.id)?.read.push(shape.ids);
      at = end;
      if (at < shapes.length) await setImmediate();
    }
  }

  return async <Case extends CaseOfSuite>(cases: readonly Case[]): Promise<Case[]> => {
    const open = Map.groupBy(cases, ({ suiteId }) => suiteId);
    await meet([...open.keys()]);
    const seen = new Set<number>();
    const looked = new Map<number, number>();
    for (let each = 1; open.size > 0; each *= 2) {
      for (const [suiteId, wanted] of open) {
        const { read = [], unread = [] } = suites.get(suiteId) ?? {};
        const left = new Set(wanted.map(({ id }) => id));
        for (const ids of read.slice(looked.get(suiteId) ?? 0)) {
          for (const id of ids) if (left.delete(id)) seen.add(id);
        }
        looked.set(suiteId, read.length);
        if (left.size === 0 || unread.length === 0) open.delete(suiteId);
        else
          open.set(
            suiteId,
            wanted.filter(({ id }) => left.has(id)),
          );
      }
      await readShapes([...open.keys()].flatMap((suiteId) => suites.get(suiteId)?.unread.splice(-each) ?? []));
    }
    return cases.filter(({ id }) => seen.has(id));
  };
}
