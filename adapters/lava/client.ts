/** A master's REST v0.2, page by page. Filters are checked against the answer: a master ignores those it does not know. */
import type { z } from 'zod';
import type { Micros, Rejected, RequestKind } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Http } from '../http.ts';
import type { Pieces } from '../pieces.ts';
import { createLists, type Page, type Query } from './list.ts';
import { QUEUE_PATH } from './queue.ts';
import { CaseRow, JobRow, JobTraits, Keyed, SuiteRow } from './schema.ts';
import { fromMicros } from './time.ts';

const API = 'api/v0.2/';
/** Definitions make a row of jobs 4 kB. */
const JOBS = 100;
const OTHERS = 1000;
const LATE = 10;
const XZ = '\ufffd7zXZ\0';
const OPEN_STATES = 'Submitted,Scheduling,Scheduled,Running,Canceling';

/** All that is ever asked. `jobs/<id>/cancel/` cancels on GET: nothing outside this list leaves the machine. */
export const ALLOWED: readonly RegExp[] = [
  /^api\/v0\.2\/system\/(version|whoami|master_config)\/$/,
  /^api\/v0\.2\/(workers|devices|devicetypes|aliases|tags|jobs)\/$/,
  /^api\/v0\.2\/jobs\/\d+\/(suites\/|tests\/|logs\/)?$/,
  QUEUE_PATH,
];

/** Which of the jobs that were there before are read first. */
export type HistoryOrder = 'newest' | 'oldest';

/** What a path is asked for; a look at a job of one's own is a list's. */
export function kindOf(path: string): RequestKind {
  if (path.endsWith('/logs/')) return 'LOG';
  if (path === 'RPC2' || /\/(suites|tests)\/$/.test(path)) return 'RESULTS';
  if (path.startsWith(`${API}system/`)) return 'PROBE';
  return path.startsWith(`${API}jobs/`) ? 'LIST' : 'FLEET';
}

/**
 * `brokeOff`: another answer may have more; `isCounted`: the master said beforehand how long it would be; `isPacked`: it is no
 * text, but as it lies on the master's disk (before 2026.07).
 */
export type Log = { bytes: Pieces; brokeOff: boolean; isCounted: boolean; isPacked: boolean };

export type Client = ReturnType<typeof createClient>;

export function createClient(slug: string, http: Http) {
  const { page, byId, whole, wrongShape, missing, ignored, noneOf } = createLists(slug, http);

  async function* jobs(
    from: number,
    query: Query,
    holds: (row: JobRow) => boolean,
    filter: string,
    signal: AbortSignal,
  ) {
    const path = `${API}jobs/`;
    for await (const got of byId(path, JobRow, 'job', from, { query: { limit: JOBS, ...query }, signal })) {
      if (!got) throw missing(path);
      if (!got.rows.every(holds)) throw ignored(filter, path);
      yield got;
    }
  }

  return {
    http,
    slug,

    /** Every row of a small list, in the order of its key; null when the master has no such list. */
    async all<Row>(
      name: string,
      schema: z.ZodType<Row>,
      stage: Rejected['stage'],
      ordering: string,
      signal: AbortSignal,
      more: Query = {},
      anonymous = false,
    ) {
      const path = `${API}${name}/`;
      const rows: Row[] = [];
      const rejected: Rejected[] = [];
      for (let offset = 0; ; ) {
        const got = await page(path, schema, stage, {
          query: { ...more, ordering, limit: OTHERS, offset },
          signal,
          anonymous,
        });
        if (!got) return null;
        rows.push(...got.rows);
        rejected.push(...got.rejected);
        offset += got.read;
        if (offset === got.count) return { rows, rejected };
        if (got.read === 0 || offset > got.count) {
          throw new SourceError(
            'SERVER_ERROR',
            slug,
            `gave ${offset} of ${got.count} records at /${path}: the list changed meanwhile`,
          );
        }
      }
    },

    missing: (name: string) => missing(`${API}${name}/`),

    system: (name: 'version' | 'whoami' | 'master_config', signal: AbortSignal) =>
      http.getJson(`${API}system/${name}/`, { signal }),

    /** What one row of jobs tells of the token and of the version. */
    async jobTraits(signal: AbortSignal) {
      const got = await page(`${API}jobs/`, JobTraits, 'job', { query: { ordering: 'id', limit: 1 }, signal });
      if (!got) throw missing(`${API}jobs/`);
      const [row] = got.rows;
      return {
        isSuperuser: row?.token !== undefined,
        hasMetadata: row?.metadata !== undefined,
        count: got.count,
        first: row,
      };
    },

    /** Late jobs that have finished, the latest first. */
    async finishedJobs(signal: AbortSignal): Promise<JobRow[]> {
      const query = { state: 'Finished', ordering: '-id', limit: LATE };
      const got = await page(`${API}jobs/`, JobRow, 'job', { query, signal });
      return got?.rows.filter(({ state }) => state === 'Finished') ?? [];
    },

    /** Jobs after an id, oldest first. */
    jobsAfter: (id: number, signal: AbortSignal) => jobs(id, {}, () => true, 'id__gt', signal),

    /**
     * A page of the jobs between two ids, from the newest down or from the oldest up; `last` is the id farthest from
     * where it begins.
     */
    async jobsBetween(
      { above, below }: { above: number; below: number },
      order: HistoryOrder,
      signal: AbortSignal,
    ): Promise<Omit<Page<JobRow>, 'next'> & { last: number | null }> {
      const path = `${API}jobs/`;
      const isDown = order === 'newest';
      const query = { ordering: isDown ? '-id' : 'id', id__gt: above, id__lt: below, limit: JOBS };
      const got = await page(path, JobRow, 'job', { query, signal });
      if (!got) throw missing(path);
      if (got.read === 0 && got.count > 0) throw noneOf(got.count, path);
      const ids = [...got.rows.map((row) => row.id), ...got.rejected.map(({ externalId }) => Number(externalId))];
      let [least, most] = [above, below];
      for (const { id } of got.rows) {
        if (id <= least || id >= most) throw ignored(isDown ? 'id__lt' : 'id__gt', path);
        if (isDown) most = id;
        else least = id;
      }
      if (got.read > 0 && !ids.some(Number.isInteger)) throw wrongShape(path, 'a list of records with ids');
      const farthest = isDown ? Math.min : Math.max;
      return { ...got, last: got.read === 0 ? null : farthest(...ids.filter(Number.isInteger)) };
    },

    newestId: (signal: AbortSignal) => firstId({ ordering: '-id' }, signal),

    /** The first job that was submitted at an instant or later. */
    async firstSince(since: Micros, signal: AbortSignal): Promise<number | null> {
      const path = `${API}jobs/`;
      const query = { ordering: 'id', submit_time__gt: fromMicros(since - 1), limit: 1 };
      const got = await page(path, JobTraits, 'job', { query, signal });
      if (!got) throw missing(path);
      const [row] = got.rows;
      if (row && !((row.submit_time ?? 0) >= since)) throw ignored('submit_time__gt', path);
      return row?.id ?? null;
    },

    firstAfter: (id: number, signal: AbortSignal) => firstId({ ordering: 'id', id__gt: id }, signal),

    /** Every job that has not finished. */
    openJobs: (signal: AbortSignal) =>
      jobs(0, { state__in: OPEN_STATES }, (row) => row.state !== 'Finished', 'state__in', signal),

    async *jobsById(ids: readonly number[], signal: AbortSignal) {
      for (let i = 0; i < ids.length; i += JOBS) {
        const wanted = ids.slice(i, i + JOBS);
        yield* jobs(0, { id__in: wanted.join(',') }, (row) => wanted.includes(row.id), 'id__in', signal);
      }
    },

    /** Jobs that ended after an instant, in the order of their end. By offset: later ends only join at the end. */
    async *jobsEndedAfter(since: number, signal: AbortSignal) {
      const path = `${API}jobs/`;
      for (let offset = 0; ; ) {
        const query = { ordering: 'end_time,id', end_time__gt: fromMicros(since), limit: JOBS, offset };
        const got = await page(path, JobRow, 'job', { query, signal });
        if (!got) throw missing(path);
        if (!got.rows.every((row) => (row.end_time ?? 0) > since)) throw ignored('end_time__gt', path);
        yield got;
        offset += got.read;
        if (got.read === 0 || offset >= got.count) return;
      }
    },

    /** Whether the token may still see the job. */
    async isThere(id: number, signal: AbortSignal): Promise<boolean> {
      return (await http.get(`${API}jobs/${id}/`, { signal })) !== null;
    },

    /** All suites of a job, or null when what came is not all there is. */
    async suites(jobId: number, signal: AbortSignal) {
      const rows: SuiteRow[] = [];
      const found = await whole(`${API}jobs/${jobId}/suites/`, SuiteRow, 'suite', jobId, signal, (row) =>
        rows.push(row),
      );
      return found && { ...found, rows };
    },

    /** Gives all cases of a job in the order of their ids; null when what came is not all there is. */
    cases: (jobId: number, signal: AbortSignal, take: (row: CaseRow) => void) =>
      whole(`${API}jobs/${jobId}/tests/`, CaseRow, 'case', jobId, signal, take),

    /** Whether the job has a page of its own for this user. */
    isShown: async (jobId: number, signal: AbortSignal): Promise<boolean> =>
      (await http.get(`${API}jobs/${jobId}/`, { signal })) !== null,

    /** How many suites or cases a job has just now. */
    async count(jobId: number, what: 'suites' | 'tests', signal: AbortSignal): Promise<number | null> {
      const got = await page(`${API}jobs/${jobId}/${what}/`, Keyed, 'case', {
        query: { ordering: 'id', limit: 1 },
        signal,
      });
      return got?.count ?? null;
    },

    /** The log as it is served, from a line on; null when there is none. */
    async log(jobId: number, fromLine: number, signal: AbortSignal, maxBytes?: number): Promise<Log | null> {
      const path = `${API}jobs/${jobId}/logs/`;
      const query: Query = fromLine === 0 ? {} : { start: fromLine };
      const most = maxBytes === undefined ? {} : { maxBytes };
      const reply = await http.get(path, { query, signal, allowTruncated: true, ...most });
      if (reply?.contentType.includes('json')) throw wrongShape(path, 'a log');
      if (!reply || reply.body.length === 0) return null;
      const { body: bytes, truncated, isCounted } = reply;
      return { bytes, brokeOff: truncated, isCounted, isPacked: bytes.beginning(6) === XZ };
    },
  };

  /** The id of the first job of a list; null when there is none. */
  async function firstId(query: Query, signal: AbortSignal): Promise<number | null> {
    const path = `${API}jobs/`;
    const got = await page(path, Keyed, 'job', { query: { ...query, limit: 1 }, signal });
    if (!got) throw missing(path);
    return got.rows[0]?.id ?? null;
  }
}
