/**
 * Ids of names that repeat: device types, suites, builds ... Read through a cache that lives as long as the writer;
 * a rolled back transaction must `forget`, because ids given in it do not exist.
 */
import { type CaseName, caseHash, digest } from './codec.ts';
import type { FreshTexts } from './fresh-texts.ts';
import { insertRowsReturning, selectIn } from './many-rows.ts';
import type { Sql, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { TYPE_HERE } from './type-alias.ts';

const CACHE_LIMIT = 200_000;
/** A suite may have hundreds of thousands of cases: so many at a time, because of what a name costs meanwhile. */
const NAMES_AT_A_TIME = 10_000;

const KINDS = {
  deviceType: ['SELECT id FROM device_type WHERE name = ?', 'INSERT INTO device_type (name) VALUES (?)'],
  env: [
    'SELECT id FROM env WHERE own_device_type_id = ? AND source_id = ? AND is_public = ?',
    `INSERT INTO env (own_device_type_id, source_id, is_public, device_type_id)
     SELECT v.own, v.source, v.public, ${TYPE_HERE('v.own', 'v.source')}
     FROM (SELECT CAST(? AS INTEGER) AS own, CAST(? AS INTEGER) AS source, CAST(? AS INTEGER) AS public) v WHERE 1 = 1`,
  ],
  project: [
    'SELECT id FROM project WHERE slug = ?',
    'INSERT INTO project (slug, name) SELECT v.slug, v.slug FROM (SELECT CAST(? AS TEXT) AS slug) v WHERE 1 = 1',
  ],
  branch: [
    'SELECT id FROM branch WHERE project_id = ? AND name = ?',
    'INSERT INTO branch (project_id, name) VALUES (?, ?)',
  ],
  build: [
    'SELECT id FROM build WHERE project_id = ? AND branch_id = ? AND version = ?',
    'INSERT INTO build (project_id, branch_id, version) VALUES (?, ?, ?)',
  ],
  submitter: ['SELECT id FROM submitter WHERE name = ?', 'INSERT INTO submitter (name) VALUES (?)'],
  suite: ['SELECT id FROM suite WHERE name = ?', 'INSERT INTO suite (name) VALUES (?)'],
  worker: [
    'SELECT id FROM worker WHERE source_id = ? AND hostname = ?',
    "INSERT INTO worker (source_id, hostname, state, health) VALUES (?, ?, '', '')",
  ],
} as const;

const FIND_CASES = 'SELECT id, hash FROM test_case WHERE suite_id = ? AND hash';

type Kind = keyof typeof KINDS;
type CaseRow = { id: number; hash: Buffer };

export type Dictionary = {
  id(kind: Kind, ...key: (string | number)[]): Promise<number>;
  label(key: string, value: string): Promise<number>;
  /** By its fingerprint; the rest follows from that: kind, class, title, why. */
  failureGroup(fingerprint: string, rest: readonly [number, number, string, string]): Promise<number>;
  /** Ids of cases of a suite, in their order. */
  testCases(suiteId: number, names: Iterable<CaseName>): Promise<number[]>;
  /** The same; 0 for a case that has none. */
  knownTestCases(suiteId: number, names: Iterable<CaseName>): Promise<number[]>;
  caseName(id: number): Promise<CaseName>;
  /** The board, created without state when only a job has named it so far; its type as the source calls it. */
  device(sourceId: number, hostname: string, ownTypeId: number, isPublic: boolean): Promise<number>;
  forget(): void;
};

export function createDictionary(sql: Sql, freshTexts: FreshTexts): Dictionary {
  const cache = new Map<string, number>();
  const remember = async (key: string, find: string, findBy: Value[], insert: string, insertBy: Value[]) => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    // Another ingester may give the id between the two: then it is found after all.
    const row =
      (await sql.get<{ id: number }>(find, ...findBy)) ??
      (await sql.get<{ id: number }>(`${insert} ON CONFLICT DO NOTHING RETURNING id`, ...insertBy)) ??
      (await sql.get<{ id: number }>(find, ...findBy));
    if (!row) throw new Error(`no id for ${key}`);
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(key, row.id);
    return row.id;
  };
  const caseKeyOf = (suiteId: number, hash: Buffer) => `case\n${suiteId}\n${hash.toString('latin1')}`;
  const keepCases = (suiteId: number, rows: readonly CaseRow[]) => {
    if (cache.size + rows.length >= CACHE_LIMIT) cache.clear();
    for (const { id, hash } of rows) cache.set(caseKeyOf(suiteId, hash), id);
  };
  /** Ids by the hashes' order, 0 where there is none. */
  const findCases = async (suiteId: number, hashes: readonly Buffer[]) => {
    const keys = hashes.map((hash) => caseKeyOf(suiteId, hash));
    const ids = keys.map((key) => cache.get(key) ?? 0);
    const unknown = new Map(hashes.flatMap((hash, i) => (ids[i] === 0 ? [[keys[i] ?? '', hash] as const] : [])));
    if (unknown.size === 0) return ids;
    const rows = await selectIn<CaseRow>(sql, FIND_CASES, [suiteId], [...unknown.values()]);
    keepCases(suiteId, rows);
    const found = new Map(rows.map(({ id, hash }) => [caseKeyOf(suiteId, hash), id]));
    return ids.map((id, i) => id || (found.get(keys[i] ?? '') ?? 0));
  };
  const giveCases = async (suiteId: number, names: readonly CaseName[]) => {
    const hashes = names.map(caseHash);
    const ids = await findCases(suiteId, hashes);
    const fresh = new Map<string, Value[]>();
    for (const [i, { set, name }] of names.entries()) {
      const hash = hashes[i];
      if (!hash || ids[i] !== 0) continue;
      fresh.set(hash.toString('latin1'), [suiteId, hash, set === null ? null : toStored(set), toStored(name)]);
    }
    if (fresh.size === 0) return ids;
    const given = await insertRowsReturning<CaseRow>(
      sql,
      'INSERT INTO test_case (suite_id, hash, set_name, name)',
      [...fresh.values()],
      'ON CONFLICT DO NOTHING RETURNING id, hash',
    );
    keepCases(suiteId, given);
    freshTexts.add(
      'test_case',
      given.map(({ id }) => id),
    );
    const all = await findCases(suiteId, hashes);
    if (all.includes(0)) throw new Error(`no id for a case of suite ${suiteId}`);
    return all;
  };
  return {
    id(kind, ...key) {
      const stored = key.map((part) => (typeof part === 'string' ? toStored(part) : part));
      const [find, insert] = KINDS[kind];
      return remember(`${kind}\n${stored.join('\n')}`, find, stored, insert, stored);
    },
    label(key, value) {
      const [k, v] = [toStored(key), toStored(value)];
      const hash = labelHash(key, value);
      return remember(
        `label\n${hash.toString('latin1')}`,
        'SELECT id FROM label WHERE hash = ?',
        [hash],
        'INSERT INTO label (hash, key, value) VALUES (?, ?, ?)',
        [hash, k, v],
      );
    },
    failureGroup(fingerprint, rest) {
      return remember(
        `failureGroup\n${fingerprint}`,
        'SELECT id FROM failure_group WHERE fingerprint = ?',
        [fingerprint],
        'INSERT INTO failure_group (fingerprint, kind, failure_class, title, why) VALUES (?, ?, ?, ?, ?)',
        [fingerprint, ...rest],
      );
    },
    testCases: (suiteId, names) => inParts(names, (part) => giveCases(suiteId, part)),
    knownTestCases: (suiteId, names) => inParts(names, (part) => findCases(suiteId, part.map(caseHash))),
    async caseName(id) {
      const row = await sql.get<CaseName>('SELECT set_name AS "set", name FROM test_case WHERE id = ?', id);
      if (!row) throw new Error(`test case ${id} is gone`);
      return { set: row.set === null ? null : fromStored(row.set), name: fromStored(row.name) };
    },
    async device(sourceId, hostname, ownTypeId, isPublic) {
      const name = toStored(hostname);
      const key = `device\n${sourceId}\n${name}\n${isPublic}`;
      const isNew = !cache.has(key);
      const id = await remember(
        key,
        'SELECT id FROM device WHERE source_id = ? AND hostname = ?',
        [sourceId, name],
        `INSERT INTO device (source_id, hostname, own_device_type_id, state, health, tags, is_public, device_type_id)
         SELECT v.source, v.name, v.own, '', '', '[]', v.public, ${TYPE_HERE('v.own', 'v.source')}
         FROM (SELECT CAST(? AS INTEGER) AS source, CAST(? AS TEXT) AS name, CAST(? AS INTEGER) AS own, CAST(? AS INTEGER) AS public) v
         WHERE 1 = 1`,
        [sourceId, name, ownTypeId, isPublic ? 1 : 0],
      );
      // Until the source lists its boards any public job makes one public, in whatever order they come.
      if (isNew && isPublic)
        await sql.run(`UPDATE device SET is_public = 1 WHERE id = ? AND state = '' AND is_public = 0`, id);
      return id;
    },
    forget: () => cache.clear(),
  };
}

async function inParts(
  names: Iterable<CaseName>,
  idsOf: (part: readonly CaseName[]) => Promise<number[]>,
): Promise<number[]> {
  const ids: number[] = [];
  let part: CaseName[] = [];
  for (const { set, name } of names) {
    part.push({ set, name });
    if (part.length < NAMES_AT_A_TIME) continue;
    ids.push(...(await idsOf(part)));
    part = [];
  }
  ids.push(...(await idsOf(part)));
  return ids;
}

/** By which an entry of a job's metadata is found. */
export function labelHash(key: string, value: string): Buffer {
  const [k, v] = [toStored(key), toStored(value)];
  return digest(`${k.length}:${k}${v}`);
}
