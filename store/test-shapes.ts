/** Where shapes of a suite have a test, by its name. */
import { setImmediate } from 'node:timers/promises';
import { unpackShapes } from './read-shape.ts';
import type { ShapeCases } from './shape-codec.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { TEXT_INDEX } from './text-index.ts';

/** A case of a shape. */
export type Member = { set: string | null; positions: number[] };

export type TestShapes = {
  /** Ends early once `caseCount` is beyond the limit. */
  read(shapeIds: readonly number[], limit: number): Promise<void>;
  /** Of a shape that was read, in its order; one for each set that has the name. */
  membersOf(shapeId: number): readonly Member[];
  /** Cases in all shapes read so far. */
  caseCount(): number;
};

/** Shapes unpacked at a time: one may have half a million cases. */
const AT_ONCE = 16;

/** Null when no shape of the suite has the test. */
export async function createTestShapes(
  store: Store,
  suiteId: number,
  { name, set }: { name: string; set?: string | null },
): Promise<TestShapes | null> {
  const { where, values } = TEXT_INDEX[store.engine].is('name', toStored(name));
  const rows = await store.sql.all<{ id: number; set: string | null }>(
    `SELECT id, set_name AS "set" FROM test_case WHERE suite_id = ? AND ${where}`,
    suiteId,
    ...values,
  );
  const isWanted = (other: string | null) => set == null || set === other;
  const sets = new Map(rows.map((row) => [row.id, row.set === null ? null : fromStored(row.set)]));
  for (const [id, other] of sets) if (!isWanted(other)) sets.delete(id);
  if (sets.size === 0) {
    const loose = await store.sql.get('SELECT 1 FROM shape WHERE suite_id = ? AND loose > 0 LIMIT 1', suiteId);
    if (!loose) return null;
  }
  const [least, most] = [Math.min(...sets.keys()), Math.max(...sets.keys())];
  const membersIn = ({ ids, looseNames }: ShapeCases): Member[] => {
    const members = new Map<string | null, number[]>();
    const add = (of: string | null, position: number) => members.set(of, [...(members.get(of) ?? []), position]);
    for (let position = 0; position < ids.length; position++) {
      const id = ids[position] ?? 0;
      if (id < least || id > most) continue;
      const of = sets.get(id);
      if (of !== undefined) add(of, position);
    }
    let position = -1;
    for (const loose of looseNames()) {
      position = ids.indexOf(0, position + 1);
      if (loose.name === name && isWanted(loose.set)) add(loose.set, position);
    }
    // Whether a name has an id may be another job's doing: order is by place.
    const inOrder = [...members].sort(([, [a = 0]], [, [b = 0]]) => a - b);
    return inOrder.map(([of, positions]) => ({ set: of, positions }));
  };
  const byShape = new Map<number, readonly Member[]>();
  let cases = 0;
  return {
    caseCount: () => cases,
    membersOf: (shapeId) => byShape.get(shapeId) ?? [],
    async read(shapeIds, limit) {
      const fresh = [...new Set(shapeIds)].filter((id) => !byShape.has(id));
      for (let at = 0; at < fresh.length && cases <= limit; at += AT_ONCE) {
        if (at > 0) await setImmediate();
        for (const shape of await unpackShapes(store.sql, fresh.slice(at, at + AT_ONCE))) {
          cases += shape.ids.length;
          byShape.set(shape.id, membersIn(shape));
        }
      }
    },
  };
}
