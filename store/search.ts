/**
 * Names by a part of them: test cases, jobs by description or number, boards, builds. Exact first, then prefix, then the
 * start of a word, then anywhere; inside a rank the newest first. Pieces of three characters and more are found by
 * trigrams (see migrations), shorter ones as a prefix of a case's name.
 */
import type { Viewer } from '#schema/viewer.ts';
import { unpackShape } from './shape-codec.ts';
import type { Engine, Store, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { patternOf, TEXT_INDEX, trigramsOf } from './text-index.ts';
import { type Sight, sightOf } from './visibility.ts';

export type SearchKind = 'TEST' | 'JOB' | 'DEVICE' | 'BUILD';
export const SEARCH_KINDS: readonly SearchKind[] = ['TEST', 'JOB', 'DEVICE', 'BUILD'];

/** `within`: the suite of a case, the lab of a job or a board, the project of a build. */
export type Hit = { kind: SearchKind; id: number; text: string; within: string };

type Candidate = { id: number; text: string | null; within: string; suiteId?: number };

/** Longer texts are no names; the rest is not looked at. */
const MAX_LENGTH = 200;
/** So many names are looked at for a page, however many contain the text. */
const LOOKED_AT = 400;

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
    const candidates = await FIND[kind](store, sight, wanted);
    const ranked = rank(candidates, wanted);
    const visible = kind === 'TEST' ? await casesInSight(store, sight, ranked, limit) : ranked.slice(0, limit);
    hits.push(...visible.map(({ id, text, within }) => ({ kind, id, text, within: fromStored(within) })));
  }
  return hits;
}

type Ranked = Omit<Candidate, 'text'> & { text: string };

/** Of those that contain the text, best first; each once. */
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
  return found.filter((f) => f.rank < NO_MATCH).sort((a, b) => a.rank - b.rank || b.id - a.id);
}

const NO_MATCH = 4;

function rankOf(text: string, needle: string): number {
  if (text === needle) return 0;
  const at = text.indexOf(needle);
  if (at <= 0) return at === 0 ? 1 : NO_MATCH;
  for (let i = at; i > 0; i = text.indexOf(needle, i + 1)) if (!/[\p{L}\p{N}]/u.test(text[i - 1] ?? '')) return 2;
  return 3;
}

const FIND: Record<SearchKind, (store: Store, sight: Sight, wanted: string) => Promise<Candidate[]>> = {
  TEST: (store, _, wanted) =>
    byText(store, wanted, {
      select: 'SELECT c.id, c.name AS text, s.name AS within, c.suite_id AS "suiteId" FROM',
      table: 'test_case c JOIN suite s ON s.id = c.suite_id',
      column: 'c.name',
      trigrams: 'test_case_search',
      visible: '1 = 1',
      values: [],
    }),
  async JOB(store, sight, wanted) {
    const { marks, values } = inSight(sight);
    const numbered = await store.sql.all<Candidate>(
      `SELECT j.id, j.external_id AS text, l.slug AS within FROM source l JOIN job j
         ON j.source_id = l.id AND j.epoch = l.epoch AND j.external_id = ?
       WHERE j.source_id IN (${marks}) AND (j.is_public = 1 OR ? = 1)`,
      toStored(wanted),
      ...values,
    );
    const described = await byTrigrams(store, toStored(wanted), {
      select: 'SELECT j.id, j.description AS text, l.slug AS within FROM',
      table: 'job c JOIN job j ON j.id = c.id JOIN source l ON l.id = j.source_id',
      column: 'c.description',
      trigrams: 'job_search',
      visible: `j.source_id IN (${marks}) AND (j.is_public = 1 OR ? = 1)`,
      values,
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

function inSight({ sourceIds, seesPrivate }: Sight): { marks: string; values: Value[] } {
  return { marks: sourceIds.map(() => '?').join(', '), values: [...sourceIds, seesPrivate ? 1 : 0] };
}

type Place = {
  select: string;
  /** The table with the text is `c`. */
  table: string;
  column: string;
  trigrams: string;
  visible: string;
  values: Value[];
};

/** What begins with the text, by the index of prefixes; then what contains it. */
async function byText(store: Store, wanted: string, place: Place): Promise<Candidate[]> {
  const { select, table, column, visible, values } = place;
  const text = toStored(wanted);
  const { where, by, values: bounds } = TEXT_INDEX[store.engine].begins(column, text);
  const begins = await store.sql.all<Candidate>(
    `${select} ${table} WHERE ${where} AND ${visible} ORDER BY ${by} LIMIT ${LOOKED_AT}`,
    ...bounds,
    ...values,
  );
  return [...begins, ...(await byTrigrams(store, text, place))];
}

/** What contains the text, newest first; nothing for a text without a trigram. */
async function byTrigrams(store: Store, text: string, place: Place): Promise<Candidate[]> {
  return [...text].length < 3 ? [] : CONTAINS[store.engine](store, text, place);
}

/** What contains all trigrams of the text, or the text, newest first. */
const CONTAINS: Record<Engine, (store: Store, text: string, place: Place) => Promise<Candidate[]>> = {
  sqlite: (store, text, { select, table, trigrams, visible, values }) =>
    store.sql.all(
      `${select} ${trigrams} f CROSS JOIN ${table} WHERE f.${trigrams} MATCH ? AND c.id = f.rowid AND ${visible}
       ORDER BY f.rowid DESC LIMIT ${LOOKED_AT}`,
      trigramsOf(text),
      ...values,
    ),
  postgres: (store, text, { select, table, column, visible, values }) =>
    store.sql.all(
      `${select} ${table} WHERE lower(${column} COLLATE "und-x-icu") LIKE lower(CAST(? AS TEXT) COLLATE "und-x-icu")
         AND ${visible} ORDER BY c.id DESC LIMIT ${LOOKED_AT}`,
      patternOf(text),
      ...values,
    ),
};

/**
 * Cases that occur in a run of an environment in sight: a name that only hidden jobs use is not told. Shapes are read
 * newest first, each at most once, and none once the page is full.
 */
async function casesInSight(store: Store, sight: Sight, ranked: readonly Ranked[], limit: number): Promise<Ranked[]> {
  const { marks, values } = inSight(sight);
  const open = new Set(ranked.map((c) => c.id));
  const seen = new Set<number>();
  const unread = new Map<number, number[]>();
  const shapesOf = async (suiteId: number) => {
    const known = unread.get(suiteId);
    if (known) return known;
    const rows = await store.sql.all<{ id: number }>(
      `SELECT id FROM shape s WHERE suite_id = ? AND EXISTS (SELECT 1 FROM suite_run r JOIN env e ON e.id = r.env_id
         WHERE r.shape_id = s.id AND e.source_id IN (${marks}) AND (e.is_public = 1 OR ? = 1)) ORDER BY id`,
      suiteId,
      ...values,
    );
    const ids = rows.map((row) => row.id);
    unread.set(suiteId, ids);
    return ids;
  };
  const found: Ranked[] = [];
  for (const candidate of ranked) {
    if (found.length >= limit) break;
    const shapes = await shapesOf(candidate.suiteId ?? 0);
    while (!seen.has(candidate.id)) {
      const id = shapes.pop();
      if (id === undefined) break;
      const shape = await store.sql.get<{ size: number; cases: Buffer }>(
        'SELECT size, cases FROM shape WHERE id = ?',
        id,
      );
      if (!shape) throw new Error(`shape ${id} is gone`);
      for (const caseId of unpackShape(shape.cases, shape.size).ids) if (open.delete(caseId)) seen.add(caseId);
    }
    if (seen.has(candidate.id)) found.push(candidate);
  }
  return found;
}
