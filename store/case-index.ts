/** The cases of several shapes of one suite under small numbers of their own, so that they can be laid side by side. */
import { type CaseName, caseKey } from './codec.ts';
import { namesOf, unpackShapes } from './read-shape.ts';
import type { Store } from './store.ts';

export type CaseIndex = {
  /** Cases are numbered from 0 to here. */
  readonly size: number;
  /** Number of the case at each position of a shape. */
  casesOf(shapeId: number): Int32Array;
  /** In the order of the numbers asked for. */
  namesOf(cases: readonly number[]): Promise<CaseName[]>;
};

export async function indexCases(store: Store, shapeIds: readonly number[]): Promise<CaseIndex> {
  return indexShapes(store, await unpackShapes(store.sql, shapeIds));
}

/** Of one suite. */
export async function indexShapes(store: Store, shapes: Awaited<ReturnType<typeof unpackShapes>>): Promise<CaseIndex> {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { ids } of shapes) {
    for (const id of ids) {
      if (id === 0) continue;
      if (id < least) least = id;
      if (id > most) most = id;
    }
  }
  /** Number of the case with an id, and one; ids of a suite are near each other. */
  const numbers = new Int32Array(Math.max(0, most - least + 1));
  const idOf: number[] = [];
  const looseOf = new Map<number, CaseName>();
  const byShape = new Map<number, Int32Array>();
  for (const { id: shapeId, ids } of shapes) {
    byShape.set(
      shapeId,
      ids.map((id) => {
        if (id === 0) return -1;
        const known = numbers[id - least] ?? 0;
        if (known > 0) return known - 1;
        idOf.push(id);
        numbers[id - least] = idOf.length;
        return idOf.length - 1;
      }),
    );
  }
  let size = idOf.length;
  if (shapes.some(({ ids }) => ids.includes(0))) {
    const byName = new Map<string, number>();
    for (const [id, name] of await namesOf(store, idOf)) byName.set(caseKey(name), (numbers[id - least] ?? 0) - 1);
    for (const { id, looseNames } of shapes) {
      const cases = byShape.get(id);
      let at = -1;
      for (const name of looseNames()) {
        at = cases?.indexOf(-1, at + 1) ?? -1;
        const key = caseKey(name);
        const number = byName.get(key) ?? size++;
        byName.set(key, number);
        if (number >= idOf.length) looseOf.set(number, name);
        if (cases) cases[at] = number;
      }
    }
  }
  return {
    size,
    casesOf(shapeId) {
      const cases = byShape.get(shapeId);
      if (!cases) throw new Error(`shape ${shapeId} is gone`);
      return cases;
    },
    async namesOf(cases) {
      const names = await namesOf(store, [...new Set(cases.flatMap((n) => idOf[n] ?? []))]);
      return cases.map((n) => {
        const name = looseOf.get(n) ?? names.get(idOf[n] ?? 0);
        if (!name) throw new Error(`test case ${idOf[n]} is gone`);
        return name;
      });
    },
  };
}
