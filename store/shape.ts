/** Shapes: the ordered cases of a suite run, stored once for all runs that have the same. */
import type { CaseRecord } from '#schema/records.ts';
import { eachNonPass, packCases, unpackCases, type Verdict, worseOf } from './codec.ts';
import type { Dictionary } from './dictionary.ts';
import type { Sql } from './open.ts';

export type Shape = {
  id: number;
  cases: Int32Array;
  /** The distinct cases. */
  members: ReadonlySet<number>;
};

export type Shapes = {
  /** The shape of these cases, stored if it is new; `hash` is their shapeHash. */
  ensure(suiteId: number, hash: Buffer, cases: readonly CaseRecord[]): Promise<Shape>;
  get(id: number): Promise<Shape>;
  forget(): void;
};

const CACHE_LIMIT = 5_000;

export function createShapes(sql: Sql, dictionary: Dictionary): Shapes {
  const byHash = new Map<string, number>();
  const byId = new Map<number, Shape>();
  const keep = (shape: Shape) => {
    if (byId.size >= CACHE_LIMIT) byId.clear();
    byId.set(shape.id, shape);
    return shape;
  };
  const get = async (id: number) => {
    const known = byId.get(id);
    if (known) return known;
    const row = await sql.get<{ size: number; cases: Buffer }>('SELECT size, cases FROM shape WHERE id = ?', id);
    if (!row) throw new Error(`shape ${id} is gone`);
    return keep(toShape(id, unpackCases(row.cases, row.size)));
  };
  const insert = async (suiteId: number, hash: Buffer, cases: readonly CaseRecord[]) => {
    const ids = new Int32Array(cases.length);
    for (const [i, { set, name }] of cases.entries()) ids[i] = await dictionary.testCase(suiteId, set, name);
    const row = await sql.get<{ id: number }>(
      'INSERT INTO shape (suite_id, hash, size, cases) VALUES (?, ?, ?, ?) RETURNING id',
      suiteId,
      hash,
      ids.length,
      packCases(ids),
    );
    if (!row) throw new Error('a shape was not stored');
    const shape = toShape(row.id, ids);
    return keep(shape);
  };
  return {
    get,
    async ensure(suiteId, hash, cases) {
      const key = hash.toString('latin1');
      let id = byHash.get(key) ?? (await sql.get<{ id: number }>('SELECT id FROM shape WHERE hash = ?', hash))?.id;
      const shape = id === undefined ? await insert(suiteId, hash, cases) : await get(id);
      id = shape.id;
      if (byHash.size >= CACHE_LIMIT) byHash.clear();
      byHash.set(key, id);
      return shape;
    },
    forget() {
      byHash.clear();
      byId.clear();
    },
  };
}

function toShape(id: number, cases: Int32Array): Shape {
  return { id, cases, members: new Set(cases) };
}

/** The worst verdict of each case that did not pass; a case that occurs more than once counts by its worst. */
export function nonPassByCase(shape: Shape, verdicts: Uint8Array): Map<number, Verdict> {
  const worst = new Map<number, Verdict>();
  eachNonPass(verdicts, (position, verdict) => {
    const caseId = shape.cases[position];
    if (caseId === undefined) throw new RangeError(`verdict at ${position} of a shape of ${shape.cases.length}`);
    const before = worst.get(caseId);
    worst.set(caseId, before === undefined ? verdict : worseOf(before, verdict));
  });
  return worst;
}
