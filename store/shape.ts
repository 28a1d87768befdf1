/**
 * Shapes: the ordered cases of a suite run, stored once for all runs that have the same. Where the names of a suite
 * hold pids, addresses or times, a name that passes and was never seen is kept in the shape alone ("loose") instead of
 * in the dictionary. Such a shape has one run. What holds for its series is unchanged: before a loose name, and after
 * it, nothing but passes is known of the case; as soon as that is no longer so, `holds` gives it an id.
 */
import type { CaseList } from '#schema/records.ts';
import { type CaseName, caseKey, eachNonPass, PASS, unpackVerdicts, type Verdict, worseOf } from './codec.ts';
import type { Dictionary } from './dictionary.ts';
import { WriteCollision } from './error.ts';
import { packShape, unpackShape } from './shape-codec.ts';
import type { Sql } from './store.ts';

export type Shape = {
  id: number;
  suiteId: number;
  /** 0 where the name is loose. */
  cases: Int32Array;
  /** The distinct cases that have an id. */
  members: ReadonlySet<number>;
  /** It keeps names of its own. */
  isLoose: boolean;
  looseNames(): readonly CaseName[];
  looseKeys(): ReadonlySet<string>;
};

/** A run on its way into the store. */
export type NewRun = {
  envId: number;
  suiteId: number;
  /** shapeHash of the cases. */
  shapeHash: Buffer;
  cases: CaseList;
  verdicts: Uint8Array;
};

export type Shapes = {
  /** The shape of the run, stored if it is new. */
  ensure(run: NewRun): Promise<Shape>;
  get(id: number): Promise<Shape>;
  /** Does the shape have the case? A loose name that turns out to be the case gets its id. */
  holds(shape: Shape, caseId: number): Promise<boolean>;
  /** Names at positions that are loose get their ids: they no longer do nothing but pass. */
  settleAt(id: number, positions: readonly number[]): Promise<void>;
  /** Its run has gone: a shape with names of its own goes too. */
  release(id: number): Promise<void>;
  forget(): void;
};

const CACHED_HASHES = 5_000;
/** Of all shapes in the cache together: about 20 MB. */
const CACHED_CASES = 400_000;
/** Names of a suite repeat as long as there are at most so many of them. */
export type NamesRepeat = (names: number, largestRun: number) => boolean;
const namesRepeat: NamesRepeat = (names, largestRun) => names <= 256 + 2 * largestRun;

type Row = { id: number; suiteId: number; size: number; cases: Buffer };
const LARGEST = 'SELECT max(size) AS n FROM shape WHERE suite_id = ?';
const SELECT = 'SELECT id, suite_id AS "suiteId", size, cases FROM shape';

export function createShapes(sql: Sql, dictionary: Dictionary, repeat: NamesRepeat = namesRepeat): Shapes {
  const byHash = new Map<string, number>();
  /** Those asked for last. Shapes without loose names never change. */
  const byId = new Map<number, Shape>();
  let cachedCases = 0;
  const largest = new Map<number, number>();

  const drop = (id: number) => {
    cachedCases -= byId.get(id)?.cases.length ?? 0;
    byId.delete(id);
  };
  const keep = (shape: Shape) => {
    if (shape.isLoose) return shape;
    drop(shape.id);
    byId.set(shape.id, shape);
    cachedCases += shape.cases.length;
    for (const id of byId.keys()) {
      if (cachedCases <= CACHED_CASES) break;
      drop(id);
    }
    return shape;
  };
  const get = async (id: number) => {
    const known = byId.get(id);
    if (known) return keep(known);
    const row = await sql.get<Row>(`${SELECT} WHERE id = ?`, id);
    if (!row) throw new Error(`shape ${id} is gone`);
    return keep(toShape(row));
  };

  /** Gives the loose names their ids, in order; 0 leaves one loose. */
  const settle = async (id: number, idsOfNames: (names: readonly CaseName[]) => Promise<number[]>) => {
    const shape = await get(id);
    const names = shape.looseNames();
    const given = await idsOfNames(names);
    let next = 0;
    const ids = shape.cases.map((caseId) => (caseId === 0 ? (given[next++] ?? 0) : caseId));
    if (next !== names.length) throw new RangeError(`shape ${id} has ${names.length} names for ${next} places`);
    const loose = names.filter((_, i) => given[i] === 0);
    const settled = await sql.get(
      `UPDATE shape SET cases = ?, loose = ?, env_id = CASE WHEN ? = 0 THEN NULL ELSE env_id END
       WHERE id = ? AND loose = ? RETURNING id`,
      packShape(ids, loose),
      loose.length,
      loose.length,
      id,
      names.length,
    );
    if (!settled) throw new WriteCollision(`another writer gave ids to names of shape ${id}`);
    drop(id);
    return get(id);
  };

  const repeats = async (suiteId: number, size: number) => {
    const before = largest.get(suiteId) ?? (await sql.get<{ n: number | null }>(LARGEST, suiteId))?.n ?? 0;
    largest.set(suiteId, Math.max(before, size));
    const row = await sql.get<{ n: number }>('SELECT count(*) AS n FROM test_case WHERE suite_id = ?', suiteId);
    return repeat(row?.n ?? 0, Math.max(before, size));
  };

  /** Loose names of the suite's newest shape that has any: what comes twice in a row repeats after all. */
  const recent = async (suiteId: number) => {
    const row = await sql.get<Row>(`${SELECT} WHERE suite_id = ? AND loose > 0 ORDER BY id DESC LIMIT 1`, suiteId);
    return row ? toShape(row) : null;
  };

  const idsOf = async ({ suiteId, cases, verdicts }: NewRun) => {
    if (await repeats(suiteId, cases.length)) {
      return { ids: Int32Array.from(await dictionary.testCases(suiteId, cases)), loose: [] };
    }
    const failing = new Set<string>();
    const verdictAt = unpackVerdicts(verdicts, cases.length);
    let position = 0;
    for (const name of cases) if (verdictAt[position++] !== PASS) failing.add(caseKey(name));
    const last = await recent(suiteId);
    const repeated = new Set<string>();
    const ids = Int32Array.from(await dictionary.knownTestCases(suiteId, cases));
    const wanted: CaseName[] = [];
    const places: number[] = [];
    const loose: CaseName[] = [];
    let i = -1;
    for (const { set, name } of cases) {
      i += 1;
      const key = caseKey({ set, name });
      const repeats = last?.looseKeys().has(key) ?? false;
      if (repeats) repeated.add(key);
      if (ids[i] !== 0) continue;
      if (repeats || failing.has(key)) {
        places.push(i);
        wanted.push({ set, name });
      } else loose.push({ set, name });
    }
    const given = await dictionary.testCases(suiteId, wanted);
    for (const [n, place] of places.entries()) ids[place] = given[n] ?? 0;
    if (last && repeated.size > 0) {
      await settle(last.id, async (names) => {
        const known = await dictionary.testCases(
          suiteId,
          names.filter((name) => repeated.has(caseKey(name))),
        );
        return names.map((name) => (repeated.has(caseKey(name)) ? (known.shift() ?? 0) : 0));
      });
    }
    return { ids, loose };
  };

  const insert = async (run: NewRun) => {
    const { ids, loose } = await idsOf(run);
    const row = await sql.get<Row>(
      `INSERT INTO shape (suite_id, hash, size, cases, loose, env_id) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO NOTHING RETURNING id, suite_id AS "suiteId", size, cases`,
      run.suiteId,
      run.shapeHash,
      ids.length,
      packShape(ids, loose),
      loose.length,
      loose.length === 0 ? null : run.envId,
    );
    // Another ingester has just stored the same.
    return row ? keep(toShape(row)) : ensure(run);
  };

  const ensure = async (run: NewRun): Promise<Shape> => {
    const key = run.shapeHash.toString('latin1');
    const known = byHash.get(key);
    if (known !== undefined) return get(known);
    const row = await sql.get<{ id: number; loose: number }>(
      'SELECT id, loose FROM shape WHERE hash = ?',
      run.shapeHash,
    );
    // Names that come a second time do repeat.
    if (row && row.loose > 0) return settle(row.id, (names) => dictionary.testCases(run.suiteId, names));
    const shape = row ? await get(row.id) : await insert(run);
    if (!shape.isLoose) {
      if (byHash.size >= CACHED_HASHES) byHash.clear();
      byHash.set(key, shape.id);
    }
    return shape;
  };

  return {
    get,
    ensure,
    async holds(shape, caseId) {
      if (shape.members.has(caseId)) return true;
      if (!shape.isLoose) return false;
      const key = caseKey(await dictionary.caseName(caseId));
      if (!shape.looseKeys().has(key)) return false;
      await settle(shape.id, async (names) => names.map((name) => (caseKey(name) === key ? caseId : 0)));
      return true;
    },
    async settleAt(id, positions) {
      const { suiteId, cases, looseNames } = await get(id);
      const loose = [...cases.keys()].filter((position) => cases[position] === 0);
      const names = looseNames();
      const wanted = positions.flatMap((position) => names[loose.indexOf(position)] ?? []);
      if (wanted.length === 0) return;
      const ids = await dictionary.testCases(suiteId, wanted);
      const idOf = new Map(wanted.map((name, i) => [caseKey(name), ids[i] ?? 0]));
      await settle(id, async (all) => all.map((name) => idOf.get(caseKey(name)) ?? 0));
    },
    async release(id) {
      if (!(await get(id)).isLoose) return;
      await sql.run('DELETE FROM shape WHERE id = ?', id);
    },
    forget() {
      byHash.clear();
      byId.clear();
      cachedCases = 0;
      largest.clear();
    },
  };
}

function toShape({ id, suiteId, size, cases }: Row): Shape {
  const { ids, looseNames } = unpackShape(cases, size);
  const isLoose = ids.includes(0);
  let members: Set<number> | undefined;
  let keys: ReadonlySet<string> | undefined;
  return {
    id,
    suiteId,
    cases: ids,
    isLoose,
    get members() {
      if (!members) {
        members = new Set(ids);
        members.delete(0);
      }
      return members;
    },
    looseNames,
    looseKeys() {
      keys ??= new Set(looseNames().map(caseKey));
      return keys;
    },
  };
}

/** The worst verdict of each case that did not pass; a case that occurs more than once counts by its worst. */
export function nonPassByCase(shape: Shape, verdicts: Uint8Array): Map<number, Verdict> {
  const worst = new Map<number, Verdict>();
  eachNonPass(verdicts, (position, verdict) => {
    const caseId = shape.cases[position];
    if (!caseId) throw new RangeError(`verdict at ${position} of a shape of ${shape.cases.length}`);
    const before = worst.get(caseId);
    worst.set(caseId, before === undefined ? verdict : worseOf(before, verdict));
  });
  return worst;
}
