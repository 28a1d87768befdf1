/** Results as a stream: `GET /export/results.csv`, `.ndjson`, `.xml` and `.parquet`. What is read at a time is small, however large the answer. */
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Viewer } from '#schema/viewer.ts';
import { eachTestCase } from '#store/case-scan.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import { getJob } from '#store/job.ts';
import type { Store } from '#store/store.ts';
import { asOf, coverageOf, isComplete } from './coverage.ts';
import { type ExportRequest, readExportRequest } from './export-filter.ts';
import { CONTENT_TYPE, createWriter, EXTENSION, FORMATS, type Format } from './export-format.ts';
import { parquet } from './export-parquet.ts';
import type { Coverage, Summary, Writer } from './export-summary.ts';
import { originOf } from './public-origin.ts';
import { toInstant } from './scalars.ts';

export type Asker = {
  store: Store;
  viewer: Viewer;
  now: () => number;
  /** Before addresses of pages; empty where it is not known. */
  origin: string;
};

/** It is handed on in pieces of about so many bytes. */
const PIECE = 64 * 1024;
/** After so much work others have their turn. */
const TURN_MS = 3;
/** At once, for all who ask. */
const MAX_RUNNING = 4;
const RETRY_AFTER_SECONDS = 30;

/**
 * The text in pieces; the last line tells how many results there were and what they cover: without it the text is cut
 * off. `done` hears the same.
 * @throws NotFound when the job that is asked for is not there.
 */
export async function exportResults(
  asker: Asker,
  request: ExportRequest,
  format: Format,
  done: (summary: Summary) => void = () => undefined,
): Promise<AsyncGenerator<Buffer>> {
  const { store, viewer } = asker;
  const { job } = request;
  const found = job && (await getJob(store, viewer, job.source, job.externalId));
  if (job && !found) throw new NotFound(`${job.source} has no job ${job.externalId}`);
  return pieces(asker, request, format, found?.id ?? null, done);
}

async function* pieces(
  asker: Asker,
  { filter, withMetadata }: ExportRequest,
  format: Format,
  jobId: number | null,
  done: (summary: Summary) => void,
): AsyncGenerator<Buffer> {
  const tellsJobs = !filter.result && filter.suite == null && filter.name == null;
  const writer =
    format === 'parquet'
      ? parquet(withMetadata)
      : asBytes(createWriter(format, { withMetadata, origin: asker.origin, tellsJobs }));
  const counts = { results: 0, jobs: 0, jobsWithoutResults: 0 };
  let held = [writer.head];
  let length = 0;
  let last = 0;
  let since = performance.now();
  for await (const { job, rows } of eachTestCase(asker.store, asker.viewer, filter, jobId)) {
    if (performance.now() - since > TURN_MS) {
      await turn();
      since = performance.now();
    }
    if (job.resultsRemovedAt !== null) counts.jobsWithoutResults += 1;
    if (rows.length > 0) {
      if (job.id !== last) counts.jobs += 1;
      last = job.id;
      counts.results += rows.length;
    }
    const piece = writer.lines(job, rows);
    if (piece.length === 0) continue;
    held.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    yield Buffer.concat(held);
    held = [];
    length = 0;
  }
  const summary = { ...counts, coverage: await coverage(asker, filter) };
  yield Buffer.concat([...held, writer.end(summary)]);
  done(summary);
}

function asBytes({ head, lines, end }: Writer<string>): Writer<Buffer> {
  return {
    head: Buffer.from(head),
    lines: (job, rows) => Buffer.from(lines(job, rows)),
    end: (summary) => Buffer.from(end(summary)),
  };
}

async function coverage(asker: Asker, { job }: ExportRequest['filter']): Promise<Coverage> {
  const found = await coverageOf(job?.sources ?? {}, asker);
  return {
    complete: await isComplete(found, asker.store),
    asOf: toInstant(asOf(found, asker.now())),
    sources: found.sources.map(({ source, status, openGaps }) => ({
      source: source.slug,
      status,
      asOf: source.lastSuccessAt === null ? null : toInstant(source.lastSuccessAt),
      openGaps,
    })),
  };
}

type Options = { store: Store; now: () => number };

export function addExports(app: FastifyInstance, { store, now }: Options): void {
  let running = 0;
  for (const format of FORMATS) {
    app.get<{ Querystring: Record<string, unknown> }>(
      `/export/results.${EXTENSION[format]}`,
      { exposeHeadRoute: false },
      async (asked, reply) => {
        const { query, viewer } = asked;
        const refuse = (status: number, message: string, code: string) =>
          reply.code(status).send({ errors: [{ message, extensions: { code } }] });
        if (running >= MAX_RUNNING) {
          reply.header('retry-after', RETRY_AFTER_SECONDS);
          return refuse(429, `${running} exports are running: ask again when one has ended`, 'TOO_MANY_EXPORTS');
        }
        running += 1;
        reply.raw.once('close', () => {
          running -= 1;
        });
        const asker = { store, viewer, now, origin: originOf(asked) };
        try {
          const request = readExportRequest(query);
          const text = await exportResults(asker, request, format);
          const { sources: _, ...known } = await coverage(asker, request.filter);
          return reply
            .type(CONTENT_TYPE[format])
            .header('content-disposition', `attachment; filename="${nameOf(request)}.${EXTENSION[format]}"`)
            .header('cache-control', 'private, no-store')
            .header('x-basalt-coverage', JSON.stringify(known))
            .send(Readable.from(text, { objectMode: false }));
        } catch (cause) {
          if (cause instanceof InvalidInput) return refuse(400, cause.message, 'BAD_USER_INPUT');
          if (cause instanceof NotFound) return refuse(404, cause.message, 'NOT_FOUND');
          throw cause;
        }
      },
    );
  }
}

/** "results-alpha-298", "results-mainline-v6.12". */
function nameOf({ job, filter }: ExportRequest): string {
  const parts = job ? [job.source, job.externalId] : [filter.job?.project, filter.job?.build];
  return ['results', ...parts.flatMap((part) => part ?? [])].join('-').replace(/[^\w.-]+/g, '_');
}
