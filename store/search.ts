/**
 * Names by a part of them: test cases, jobs by description or number, boards, builds. Exact first, then prefix, then the
 * start of a word, then anywhere; inside a rank tests by name, all else the newest first. Pieces of three characters and more are found by
 * trigrams (see migrations), shorter ones as a prefix of a case's name.
 */
import type { Viewer } from '#schema/viewer.ts';
import { createCasesInSight } from './cases-in-sight.ts';
import type { Engine, Store, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { patternOf, TEXT_INDEX, trigramsOf } from './text-index.ts';
import { inSight, type Sight, sightOf } from './visibility.ts';

export type SearchKind = 'TEST' | 'JOB' | 'DEVICE' | 'BUILD';
export const SEARCH_KINDS: readonly SearchKind[] = ['TEST', 'JOB', 'DEVICE', 'BUILD'];

/** `within`: the suite of a case, the lab of a job or a board, the project of a build. */
export type Hit = { kind: SearchKind; id: number; text: string; within: string };

type Candidate = { id: number; text: string | null; within: string };
type CaseCandidate = Candidate & { suiteId: number };

/** Longer texts are no names; the rest is not looked at. */
const MAX_LENGTH = 200;
/** So many names in sight are looked at for a page, however many contain the text. */
const LOOKED_AT = 400;
/** Names are read that many times to find them among hidden ones. */
const SLICES = 10;

/** At most `limit` hits a kind, best first. Any text is a text: nothing in it is syntax. */
export async function search(
  store: Store,
  viewer: Viewer,
  text: string,
  { kinds = SEARCH_KINDS, limit }: { kinds?: readonly SearchKind[]; limit: number },
): Promise<Hit[]> {
  const wanted = [...text.trim()].slice(0, MAX_LENGTH).join('');
  if (wanted === '' || limit <= 0) return [];
  const sight = await sightOf(store, viewer);
  if (sight.sourceIds.length === 0) return [];
  const hits: Hit[] = [];
  for (const kind of SEARCH_KINDS.filter((k) => kinds.includes(k))) {
    const candidates = await FIND[kind](store, sight, wanted, limit);
    const best = rank(candidates, wanted).slice(0, limit);
    hits.push(...best.map(({ id, text, within }) => ({ kind, id, text, within: fromStored(within) })));
  }
  return hits;
}

type Ranked = Omit<Candidate, 'text'> & { text: string };

/** Of those that contain the text, best first, of one rank in the order they come in; each once. */
function rank(candidates: readonly Candidate[], wanted: string): Ranked[] {
  const needle = wanted.toLowerCase();
  const seen = new Set<number>();
  const found: (Ranked & { rank: number })[] = [];
  for (const candidate of candidates) {
    if (seen.has(candidate.id)) continue;
    seen.add(candidate.id);
    const text = fromStored(candidate.text ?? '');
    found.push({ ...candidate, text, rank: rankOf(text.toLowerCase(), needle) });
  }
  return found.filter((f) => f.rank < NO_MATCH).sort((a, b) => a.rank - b.rank);
}

const NO_MATCH = 4;

function rankOf(text: string, needle: string): number {
  if (text === needle) return 0;
  const at = text.indexOf(needle);
  if (at <= 0) return at === 0 ? 1 : NO_MATCH;
  for (let i = at; i > 0; i = text.indexOf(needle, i + 1)) if (!/[\p{L}\p{N}]/u.test(text[i - 1] ?? '')) return 2;
  return 3;
}

type Find = (store: Store, sight: Sight, wanted: string, limit: number) => Promise<Candidate[]>;

const FIND: Record<SearchKind, Find> = {
  TEST: findCases,
  async JOB(store, sight, wanted) {
    const { marks, values } = inSight(sight);
    const numbered = await store.sql.all<Candidate>(
      `SELECT j.id, j.external_id AS text, l.slug AS within FROM source l JOIN job j
         ON j.source_id = l.id AND j.epoch = l.epoch AND j.external_id = ?
       WHERE j.source_id IN (${marks}) AND (j.is_public = 1 OR ? = 1)`,
      toStored(wanted),
      ...values,
    );
    const described = await byTrigrams<Candidate>(store, toStored(wanted), {
      select: 'SELECT j.id, j.description AS text, l.slug AS within FROM',
      table: 'job c JOIN job j ON j.id = c.id JOIN source l ON l.id = j.source_id',
      column: 'c.description',
      trigrams: 'job_search',
      visible: `j.source_id IN (${marks}) AND (j.is_public = 1 OR ? = 1)`,
      values,
      skipped: 0,
    });
    return [...numbered, ...described];
  },
  DEVICE(store, sight, wanted) {
    const { marks, values } = inSight(sight);
    return store.sql.all<Candidate>(
      `SELECT d.id, d.hostname AS text, l.slug AS within FROM device d JOIN source l ON l.id = d.source_id
       WHERE instr(lower(d.hostname), lower(?)) > 0 AND d.source_id IN (${marks}) AND (d.is_public = 1 OR ? = 1)
       ORDER BY d.id DESC LIMIT ${LOOKED_AT}`,
      toStored(wanted),
      ...values,
    );
  },
  BUILD(store, sight, wanted) {
    const { marks, values } = inSight(sight);
    return store.sql.all<Candidate>(
      `SELECT b.id, b.version AS text, p.slug AS within FROM build b JOIN project p ON p.id = b.project_id
       WHERE instr(lower(b.version), lower(?)) > 0 AND EXISTS (SELECT 1 FROM job j WHERE j.build_id = b.id
         AND j.source_id IN (${marks}) AND (j.is_public = 1 OR ? = 1))
       ORDER BY b.id DESC LIMIT ${LOOKED_AT}`,
      toStored(wanted),
      ...values,
    );
  },
};

type Place = {
  select: string;
  /** The table with the text is `c`. */
  table: string;
  column: string;
  trigrams: string;
  visible: string;
  values: Value[];
  /** Rows before the slice. */
  skipped: number;
};

const CASES = {
  select: 'SELECT c.id, c.name AS text, s.name AS within, c.suite_id AS "suiteId" FROM',
  table: 'test_case c JOIN suite s ON s.id = c.suite_id',
  column: 'c.name',
};

/**
 * What begins with the text, by the index of prefixes; then what contains it. By name: hidden jobs take part in giving a
 * test its number, and its place must not tell of them.
 */
async function findCases(store: Store, sight: Sight, wanted: string, limit: number): Promise<CaseCandidate[]> {
  const text = toStored(wanted);
  const inSightOf = createCasesInSight(store, sight);
  const { select, table, column } = CASES;
  const { where, by, values: bounds } = TEXT_INDEX[store.engine].begins(column, text);
  const begins = await firstInSight(limit, inSightOf, (skipped) =>
    store.sql.all(
      `${select} ${table} WHERE ${where} ORDER BY ${by}, c.name, s.name, c.id LIMIT ${LOOKED_AT} OFFSET ?`,
      ...bounds,
      skipped,
    ),
  );
  if (begins.length >= limit) return begins;
  const contains = await firstInSight(LOOKED_AT, inSightOf, (skipped) =>
    byTrigrams(store, text, { ...CASES, trigrams: 'test_case_search', visible: '1 = 1', values: [], skipped }),
  );
  const compare = (a: string | null, b: string | null) => ((a ?? '') < (b ?? '') ? -1 : a === b ? 0 : 1);
  return [...begins, ...contains.sort((a, b) => compare(a.text, b.text) || compare(a.within, b.within))];
}

/** Slices are read until enough of them is in sight, so that hidden names take no visible one's place. */
async function firstInSight(
  wanted: number,
  inSightOf: (cases: readonly CaseCandidate[]) => Promise<CaseCandidate[]>,
  slice: (skipped: number) => Promise<CaseCandidate[]>,
): Promise<CaseCandidate[]> {
  const found: CaseCandidate[] = [];
  for (let n = 0; n < SLICES; n++) {
    const cases = await slice(n * LOOKED_AT);
    for (let at = 0; at < cases.length; at += wanted) {
      found.push(...(await inSightOf(cases.slice(at, at + wanted))));
      if (found.length >= wanted) return found.slice(0, wanted);
    }
    if (cases.length < LOOKED_AT) break;
  }
  return found;
}

/** What contains the text, newest first; nothing for a text without a trigram. */
async function byTrigrams<Row extends Candidate>(store: Store, text: string, place: Place): Promise<Row[]> {
  if ([...text].length < 3) return [];
  const { sql, values } = CONTAINS[store.engine](text, place);
  return store.sql.all(`${sql} LIMIT ${LOOKED_AT} OFFSET ?`, ...values, place.skipped);
}

/** What contains all trigrams of the text, or the text, newest first. */
const CONTAINS: Record<Engine, (text: string, place: Place) => { sql: string; values: Value[] }> = {
  sqlite: (text, { select, table, trigrams, visible, values }) => ({
    sql: `${select} ${trigrams} f CROSS JOIN ${table} WHERE f.${trigrams} MATCH ? AND c.id = f.rowid AND ${visible}
       ORDER BY f.rowid DESC`,
    values: [trigramsOf(text), ...values],
  }),
  postgres: (text, { select, table, column, visible, values }) => ({
    sql: `${select} ${table} WHERE lower(${column} COLLATE "und-x-icu") LIKE lower(CAST(? AS TEXT) COLLATE "und-x-icu")
         AND ${visible} ORDER BY c.id DESC`,
    values: [patternOf(text), ...values],
  }),
};
