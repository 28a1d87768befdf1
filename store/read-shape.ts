/** Shapes as readers know them, the last ones kept: one whose cases all have an id never changes. */
import { LRUCache } from 'lru-cache';
import { type CaseName, caseKey } from './codec.ts';
import { selectIn } from './many-rows.ts';
import { type ShapeCases, unpackShape } from './shape-codec.ts';
import type { Sql, Store } from './store.ts';
import { fromStored } from './text.ts';

export type ReadShape = {
  /** Id of the case at each position; 0 where the shape alone keeps the name. */
  ids: Int32Array;
  /** How many cases before it have the same name; null when no name comes twice. */
  occurrences: Int32Array | null;
  /** Names that the shape alone keeps, by position. */
  looseNames: ReadonlyMap<number, CaseName>;
  /** Names by position that were asked for so far. */
  names: (CaseName | undefined)[];
};

/** What identifies a shape: ids come again when a shape with names of its own has gone, hashes do not. */
export type ShapeKey = { shapeId: number; shapeHash: Uint8Array; size: number };

const KEPT_BYTES = 32 * 1024 * 1024;
/** Names of larger shapes are read when they are asked for, page by page. */
const NAMES_KEPT = 50_000;
const NAME_BYTES = 100;

const caches = new WeakMap<Sql, LRUCache<string, ReadShape>>();

function cacheOf(sql: Sql): LRUCache<string, ReadShape> {
  const known = caches.get(sql);
  if (known) return known;
  const cache = new LRUCache<string, ReadShape>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ ids }) => ids.length * (ids.length > NAMES_KEPT ? 4 : 4 + NAME_BYTES) + 200,
  });
  caches.set(sql, cache);
  return cache;
}

/** By their numbers, in any order; not kept, for what goes through many of them once. */
export async function unpackShapes(sql: Sql, ids: readonly number[]): Promise<(ShapeCases & { id: number })[]> {
  const rows = await selectIn<{ id: number; size: number; cases: Buffer }>(
    sql,
    'SELECT id, size, cases FROM shape WHERE id',
    [],
    ids,
  );
  return rows.map(({ id, size, cases }) => ({ id, ...unpackShape(cases, size) }));
}

/** Reads shapes, each once; the function that is given back knows those that were asked for. */
export type ShapeReader = (keys: readonly ShapeKey[]) => Promise<(key: ShapeKey) => ReadShape>;

export function createShapeReader(sql: Sql): ShapeReader {
  const cache = cacheOf(sql);
  const shapes = new Map<number, ReadShape>();
  const shapeOf = ({ shapeId }: ShapeKey) => {
    const shape = shapes.get(shapeId);
    if (!shape) throw new Error(`shape ${shapeId} is gone`);
    return shape;
  };
  return async (keys) => {
    const missing = new Map<number, ShapeKey>();
    for (const key of keys) {
      if (shapes.has(key.shapeId)) continue;
      const known = cache.get(nameOf(key));
      if (known) shapes.set(key.shapeId, known);
      else missing.set(key.shapeId, key);
    }
    const rows = await selectIn<{ id: number; hash: Buffer; cases: Buffer }>(
      sql,
      'SELECT id, hash, cases FROM shape WHERE id',
      [],
      [...missing.keys()],
    );
    for (const { id, hash, cases } of rows) {
      const key = missing.get(id);
      if (!key || !hash.equals(key.shapeHash)) continue;
      const shape = toShape(unpackShape(cases, key.size));
      if (shape.looseNames.size === 0) cache.set(nameOf(key), shape);
      shapes.set(id, shape);
    }
    return shapeOf;
  };
}

function nameOf({ shapeHash }: ShapeKey): string {
  return Buffer.from(shapeHash).toString('latin1');
}

function toShape({ ids, looseNames }: ShapeCases): ReadShape {
  const names = looseNames();
  const positions = names.length === 0 ? [] : [...ids.keys()].filter((position) => ids[position] === 0);
  const loose = new Map(positions.flatMap((position, i) => (names[i] ? [[position, names[i]] as const] : [])));
  return { ids, occurrences: occurrencesOf(ids, loose), looseNames: loose, names: [] };
}

/** Null at once for what is usual: every case once. */
function occurrencesOf(ids: Int32Array, loose: ReadonlyMap<number, CaseName>): Int32Array | null {
  if (loose.size === 0 && !hasRepeats(ids)) return null;
  const seen = new Map<number | string, number>();
  return ids.map((id, position) => {
    const name = loose.get(position);
    const key = name ? caseKey(name) : id;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  });
}

function hasRepeats(ids: Int32Array): boolean {
  let last = 0;
  let most = 0;
  let rises = true;
  for (const id of ids) {
    if (id <= last) rises = false;
    if (id > most) most = id;
    last = id;
  }
  if (rises) return false;
  const seen = new Uint8Array((most >> 3) + 1);
  for (const id of ids) {
    const [byte, bit] = [id >> 3, 1 << (id & 7)];
    const before = seen[byte] ?? 0;
    if (before & bit) return true;
    seen[byte] = before | bit;
  }
  return false;
}

/** Names at positions of shapes; those of shapes that are not too large are kept with them. */
export async function readNames(
  store: Store,
  wanted: readonly { shape: ReadShape; positions: readonly number[] }[],
): Promise<(shape: ReadShape, position: number) => CaseName> {
  const unknown = new Set<number>();
  for (const { shape, positions } of wanted) {
    for (const position of positions) {
      const id = shape.ids[position] ?? 0;
      if (id !== 0 && !shape.names[position]) unknown.add(id);
    }
  }
  const read = await namesOf(store, [...unknown]);
  return ({ ids, names, looseNames }, position) => {
    const known = names[position] ?? looseNames.get(position);
    if (known) return known;
    const name = read.get(ids[position] ?? 0);
    if (!name) throw new Error(`test case ${ids[position]} is gone`);
    if (ids.length <= NAMES_KEPT) names[position] = name;
    return name;
  };
}

export async function namesOf({ sql }: Store, ids: readonly number[]): Promise<Map<number, CaseName>> {
  const rows = await selectIn<{ id: number; set: string | null; name: string }>(
    sql,
    'SELECT id, set_name AS "set", name FROM test_case WHERE id',
    [],
    ids,
  );
  return new Map(
    rows.map(({ id, set, name }) => [id, { set: set === null ? null : fromStored(set), name: fromStored(name) }]),
  );
}
