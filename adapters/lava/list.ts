/** Lists of a master's REST v0.2: record by record, verified, whole. */
import type { z } from 'zod';
import type { Rejected } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import { type Http, parseJson } from '../http.ts';
import { rawRecord } from './raw-record.ts';
import { Envelope, Keyed } from './schema.ts';

/** A case costs a master of 2023 an SQL statement. */
const CASES = 1000;

/** `next` continues the list after this page; null when it is the last one. */
export type Page<Row> = {
  rows: Row[];
  rejected: Rejected[];
  count: number;
  read: number;
  next: number | null;
};

export type Query = Record<string, string | number>;
type ListOptions = { query?: Query; anonymous?: boolean; signal: AbortSignal };

export function createLists(slug: string, http: Http) {
  const wrongShape = (path: string, what: string) =>
    new SourceError(
      'BAD_PAYLOAD',
      slug,
      `the answer at /${path} is not ${what}: is this a LAVA master of 2020 or later?`,
      { reason: 'NOT_A_MASTER' },
    );
  const missing = (path: string) =>
    new SourceError(
      'UNSUPPORTED',
      slug,
      `has nothing at /${path}: check the address; a LAVA master of 2020 or later is needed`,
      { reason: 'NOT_A_MASTER' },
    );
  const ignored = (filter: string, path: string) =>
    new SourceError(
      'UNSUPPORTED',
      slug,
      `ignored the filter ${filter} at /${path}: this version of LAVA cannot be read`,
    );

  const noneOf = (count: number, path: string) =>
    new SourceError('SERVER_ERROR', slug, `gave none of ${count} records at /${path}`);

  /** One page, record by record: a bad one is set aside with its bytes, the others go on. Null for 404. */
  async function page<Row>(
    path: string,
    schema: z.ZodType<Row>,
    stage: Rejected['stage'],
    list: ListOptions,
  ): Promise<Page<Row> | null> {
    const reply = await http.get(path, list);
    if (!reply) return null;
    const text = reply.body.text();
    const envelope = Envelope.safeParse(parseJson(slug, `/${path}`, text, http.redact));
    if (!envelope.success) throw wrongShape(path, 'a list with "count" and "results"');
    const { count, results } = envelope.data;
    const rows: Row[] = [];
    const rejected: Rejected[] = [];
    let last: number | null = null;
    for (const [i, item] of results.entries()) {
      const key = Keyed.safeParse(item).data ?? {};
      if (key.id !== undefined) last = Math.max(last ?? 0, key.id);
      const parsed = schema.safeParse(item);
      if (parsed.success) rows.push(parsed.data);
      else rejected.push(reject(stage, key, `${path} results[${i}]`, parsed.error, http.redact(rawRecord(text, i))));
    }
    const isLast = results.length >= count || results.length === 0;
    const next = isLast ? null : (last ?? Number.NaN);
    return { rows, rejected, count, read: results.length, next };
  }

  /** A keyset walk over ids, verified: ids ascend beyond the one asked for. Null for 404. */
  async function* byId<Row extends { id: number }>(
    path: string,
    schema: z.ZodType<Row>,
    stage: Rejected['stage'],
    from: number,
    { query, signal }: ListOptions,
  ): AsyncGenerator<Page<Row> | null> {
    for (let after: number | null = from; after !== null; ) {
      const got: Page<Row> | null = await page(path, schema, stage, {
        query: { ...query, ordering: 'id', id__gt: after },
        signal,
      });
      if (got && got.read === 0 && got.count > 0) throw noneOf(got.count, path);
      let before = after;
      for (const { id } of got?.rows ?? []) {
        if (id <= before) throw ignored('id__gt', path);
        before = id;
      }
      if (got?.next !== null && got?.next !== undefined && !(got.next > after))
        throw wrongShape(path, 'a list of records with ids');
      yield got;
      after = got?.next ?? null;
    }
  }

  /** Every record of a list; null when what came is not all there is. */
  async function whole<Row extends { id: number }>(
    path: string,
    schema: z.ZodType<Row>,
    stage: Rejected['stage'],
    jobId: number,
    signal: AbortSignal,
    take: (row: Row) => void,
  ): Promise<{ rejected: Rejected[]; count: number } | null> {
    const rejected: Rejected[] = [];
    let count: number | null = null;
    let read = 0;
    for await (const got of byId(path, schema, stage, 0, { query: { limit: CASES }, signal })) {
      if (!got) return null;
      count ??= got.count;
      read += got.read;
      got.rows.forEach(take);
      for (const bad of got.rejected) rejected.push({ ...bad, externalId: String(jobId) });
    }
    return read === count ? { rejected, count: read } : null;
  }

  return { page, byId, whole, wrongShape, missing, ignored, noneOf };
}

function reject(stage: Rejected['stage'], key: Keyed, path: string, error: z.ZodError, raw: string): Rejected {
  const known = key.id ?? key.hostname ?? key.name ?? null;
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return {
    stage,
    externalId: known === null ? null : String(known),
    path: place ? `${path}.${place}` : path,
    reason: `${place || 'the record'}: ${issue?.message ?? 'not as expected'}; it is kept here with its bytes and the others went on`,
    raw,
  };
}
