/** A master's REST v0.2, page by page. Filters are checked against the answer: a master ignores those it does not know. */
import { z } from 'zod';
import type { Rejected } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';
import { rawRecord } from './raw-record.ts';
import { CaseRow, Envelope, JobRow, SuiteRow } from './schema.ts';

const API = 'api/v0.2/';
const PAGE = 50;
const CASE_PAGE = 1000;
const LIST_LIMIT = 1000;

/** All that is ever asked. `jobs/<id>/cancel/` cancels on GET: nothing outside this list leaves the machine. */
export const ALLOWED: readonly RegExp[] = [
  /^api\/v0\.2\/system\/(version|whoami|master_config)\/$/,
  /^api\/v0\.2\/(workers|devices|devicetypes|aliases|tags|jobs)\/$/,
  /^api\/v0\.2\/jobs\/\d+\/(suites\/|tests\/|logs\/)?$/,
];

export type Parsed<Row> = { rows: Row[]; rejected: Rejected[]; count: number; rawCount: number };

type Query = Record<string, string | number>;

export type Client = ReturnType<typeof createClient>;

export function createClient(slug: string, http: Http) {
  const wrongShape = (path: string, what: string) =>
    new SourceError('BAD_PAYLOAD', slug, `the answer at /${path} is not ${what}: is this a LAVA master of 2020 or later?`);

  /** One page, record by record: a bad one is set aside with its bytes, the others go on. */
  async function page<Row>(
    path: string,
    query: Query,
    schema: z.ZodType<Row>,
    stage: Rejected['stage'],
    signal: AbortSignal,
    anonymous = false,
  ): Promise<Parsed<Row> | null> {
    const reply = await http.get(path, { query, signal, anonymous });
    if (!reply) return null;
    const text = reply.body.toString('utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new SourceError('BAD_PAYLOAD', slug, `the answer at /${path} is not JSON; it begins ${JSON.stringify(text.slice(0, 40))}`, { cause });
    }
    const envelope = Envelope.safeParse(json);
    if (!envelope.success) throw wrongShape(path, 'a list with "count" and "results"');
    const rows: Row[] = [];
    const rejected: Rejected[] = [];
    for (const [i, item] of envelope.data.results.entries()) {
      const parsed = schema.safeParse(item);
      if (parsed.success) rows.push(parsed.data);
      else rejected.push(reject(stage, item, path, i, parsed.error, http.redact(rawRecord(text, i))));
    }
    return { rows, rejected, count: envelope.data.count, rawCount: envelope.data.results.length };
  }

  /** Every row of a small list, by offset, in a stable order; the number of rows must be the count. */
  async function all<Row>(path: string, schema: z.ZodType<Row>, stage: Rejected['stage'], signal: AbortSignal, query: Query = {}, anonymous = false) {
    const rows: Row[] = [];
    const rejected: Rejected[] = [];
    for (let offset = 0; ; offset += LIST_LIMIT) {
      const got = await page(path, { ...query, limit: LIST_LIMIT, offset }, schema, stage, signal, anonymous);
      if (!got) throw new SourceError('UNSUPPORTED', slug, `has nothing at /${path}: check the address; a LAVA master of 2020 or later is needed`);
      rows.push(...got.rows);
      rejected.push(...got.rejected);
      if (offset + got.rawCount >= got.count || got.rawCount === 0) return { rows, rejected };
    }
  }

  /** @throws SourceError when the answer does not satisfy the filter: the master ignored it. */
  function verify(rows: readonly JobRow[], holds: (row: JobRow) => boolean, filter: string): void {
    if (!rows.every(holds)) throw new SourceError('UNSUPPORTED', slug, `ignored the filter ${filter} on its jobs: this version cannot be read`);
  }

  return {
    http,
    all: <Row>(name: string, schema: z.ZodType<Row>, stage: Rejected['stage'], signal: AbortSignal, query: Query = {}, anonymous = false) =>
      all(`${API}${name}/`, schema, stage, signal, query, anonymous),

    async system(name: 'version' | 'whoami' | 'master_config', signal: AbortSignal): Promise<unknown> {
      return http.getJson(`${API}system/${name}/`, { signal });
    },

    /** Jobs after an id, oldest first. */
    async jobsAfter(id: number, signal: AbortSignal, limit = PAGE): Promise<Parsed<JobRow>> {
      const got = await page(`${API}jobs/`, { ordering: 'id', id__gt: id, limit }, JobRow, 'job', signal);
      if (!got) throw new SourceError('UNSUPPORTED', slug, `has no jobs at /${API}jobs/: check the address; LAVA's REST v0.2 is needed`);
      let last = id;
      verify(
        got.rows,
        (row) => {
          const ascending = row.id > last;
          last = row.id;
          return ascending;
        },
        'id__gt',
      );
      return got;
    },

    /** Every job that has not finished. */
    async openJobs(signal: AbortSignal): Promise<Parsed<JobRow>> {
      const states = 'Submitted,Scheduling,Scheduled,Running,Canceling';
      const found: Parsed<JobRow> = { rows: [], rejected: [], count: 0, rawCount: 0 };
      for (let after = 0; ; ) {
        const got = await page(`${API}jobs/`, { ordering: 'id', id__gt: after, state__in: states, limit: 200 }, JobRow, 'job', signal);
        if (!got) return found;
        verify(got.rows, (row) => row.state !== 'Finished' && row.id > after, 'state__in');
        found.rows.push(...got.rows);
        found.rejected.push(...got.rejected);
        after = got.rows.at(-1)?.id ?? after;
        if (got.rawCount < 200 || got.rows.length === 0) return found;
      }
    },

    async jobsById(ids: readonly number[], signal: AbortSignal): Promise<Parsed<JobRow>> {
      const found: Parsed<JobRow> = { rows: [], rejected: [], count: 0, rawCount: 0 };
      for (let i = 0; i < ids.length; i += PAGE) {
        const wanted = ids.slice(i, i + PAGE);
        const got = await page(`${API}jobs/`, { ordering: 'id', id__in: wanted.join(','), limit: PAGE }, JobRow, 'job', signal);
        if (!got) continue;
        verify(got.rows, (row) => wanted.includes(row.id), 'id__in');
        found.rows.push(...got.rows);
        found.rejected.push(...got.rejected);
      }
      return found;
    },

    async jobsEndedAfter(instant: string, holds: (row: JobRow) => boolean, offset: number, signal: AbortSignal): Promise<Parsed<JobRow> | null> {
      const query = { ordering: 'end_time,id', end_time__gt: instant, limit: PAGE, offset };
      const got = await page(`${API}jobs/`, query, JobRow, 'job', signal);
      if (got) verify(got.rows, holds, 'end_time__gt');
      return got;
    },

    async suites(jobId: number, signal: AbortSignal): Promise<Parsed<SuiteRow> | null> {
      return page(`${API}jobs/${jobId}/suites/`, { ordering: 'id', limit: CASE_PAGE }, SuiteRow, 'suite', signal);
    },

    /** Every case of a job by id, or null when what came is not all there is: read again. */
    async cases(jobId: number, signal: AbortSignal): Promise<Parsed<CaseRow> | null> {
      const rows: CaseRow[] = [];
      const rejected: Rejected[] = [];
      let raw = 0;
      let total: number | null = null;
      for (let after = 0; ; ) {
        const got = await page(`${API}jobs/${jobId}/tests/`, { ordering: 'id', id__gt: after, limit: CASE_PAGE }, CaseRow, 'case', signal);
        if (!got) return null;
        total ??= got.count;
        raw += got.rawCount;
        for (const row of got.rows) {
          if (row.id <= after) throw new SourceError('UNSUPPORTED', slug, `ignored the filter id__gt on the tests of job ${jobId}`);
          after = row.id;
          rows.push(row);
        }
        for (const bad of got.rejected) rejected.push({ ...bad, externalId: String(jobId) });
        if (got.rawCount < CASE_PAGE) break;
        if (got.rows.length === 0) throw wrongShape(`${API}jobs/${jobId}/tests/`, 'a list of test cases');
      }
      return raw === total ? { rows, rejected, count: raw, rawCount: raw } : null;
    },

    async caseCount(jobId: number, signal: AbortSignal): Promise<number | null> {
      const got = await page(`${API}jobs/${jobId}/tests/`, { ordering: 'id', limit: 1 }, CaseRow, 'case', signal);
      return got?.count ?? null;
    },

    async log(jobId: number, signal: AbortSignal): Promise<{ bytes: Uint8Array; truncated: boolean } | null> {
      const reply = await http.get(`${API}jobs/${jobId}/logs/`, { signal, allowTruncated: true });
      return reply && reply.body.length > 0 ? { bytes: reply.body, truncated: reply.truncated } : null;
    },
  };
}

function reject(stage: Rejected['stage'], item: unknown, path: string, index: number, error: z.ZodError, raw: string): Rejected {
  const named = z.object({ id: z.int().optional(), hostname: z.string().optional(), name: z.string().optional() }).safeParse(item);
  const key = named.success ? (named.data.id ?? named.data.hostname ?? named.data.name ?? null) : null;
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') || 'record';
  return {
    stage,
    externalId: key === null ? null : String(key),
    path: `${path} results[${index}].${place}`,
    reason: `${place}: ${issue?.message ?? 'not as expected'}; the record is kept here and the others went on`,
    raw,
  };
}
