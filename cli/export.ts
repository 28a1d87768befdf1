/** `basalt export`: results of the store into a file or to standard output; everything is visible to who has the store. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportResults } from '#api/export.ts';
import { readExportRequest } from '#api/export-filter.ts';
import { EXTENSION, FORMATS, type Format } from '#api/export-format.ts';
import type { Summary } from '#api/export-summary.ts';
import { InvalidInput, NotFound } from '#store/error.ts';
import { assertStoreExists, openStore, storeName } from '#store/open.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';

export type ExportOptions = { format?: string; output?: string };

/** @throws InvalidInput for a format, a filter or a store that is not understood. */
export async function exportStore(
  config: Config,
  { format: asked, output }: ExportOptions,
  filter: readonly string[],
): Promise<number> {
  const named = FORMATS.find((one) => output?.endsWith(`.${EXTENSION[one]}`));
  const format = formatOf(asked ?? named ?? 'ndjson');
  const request = readExportRequest(toParameters(filter));
  assertStoreExists(config.store.url);
  const store = await openStore({ ...config.store, mode: 'read' });
  const aborter = new AbortController();
  const abort = () => aborter.abort();
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  try {
    const problem = await store.schemaProblem();
    if (problem) throw new InvalidInput(`${storeName(config.store.url)}: ${problem}`);
    const asker = { store, viewer: { kind: 'everything' as const }, now: () => Date.now() * 1000, origin: '' };
    await write(Readable.from(await exportResults(asker, request, format, tell)), output ?? null, aborter.signal);
    return EXIT.ok;
  } catch (cause) {
    if (cause instanceof NotFound) throw new InvalidInput(cause.message);
    if (aborter.signal.aborted) return EXIT.stopped;
    // Whoever read standard output has had enough.
    if (cause instanceof Error && 'code' in cause && cause.code === 'EPIPE') return EXIT.ok;
    throw cause;
  } finally {
    process.removeListener('SIGTERM', abort);
    process.removeListener('SIGINT', abort);
    await store.close();
  }
}

/** "result=FAIL" and again "result=SKIP". */
function toParameters(filter: readonly string[]): Record<string, string[]> {
  const given: Record<string, string[]> = {};
  for (const term of filter) {
    const equals = term.indexOf('=');
    if (equals < 1) throw new InvalidInput(`"${term}" is no NAME=VALUE`);
    const name = term.slice(0, equals);
    given[name] = [...(given[name] ?? []), term.slice(equals + 1)];
  }
  return given;
}

function formatOf(asked: string): Format {
  const format = FORMATS.find((one) => one === asked);
  if (!format) throw new InvalidInput(`"${asked}" is no format: write ${FORMATS.join(', ')}`);
  return format;
}

/** A file appears under its name once it is whole. */
async function write(text: Readable, output: string | null, signal: AbortSignal): Promise<void> {
  if (output === null) return pipeline(text, process.stdout, { end: false, signal });
  const part = `${output}.part`;
  try {
    await pipeline(text, createWriteStream(part), { signal });
    await rename(part, output);
  } catch (cause) {
    await rm(part, { force: true });
    throw cause;
  }
}

function tell({ results, jobs, jobsWithoutResults, coverage }: Summary): void {
  const number = (n: number) => n.toLocaleString('en');
  const gone =
    jobsWithoutResults > 0 ? `; retention has deleted the results of ${number(jobsWithoutResults)} more jobs` : '';
  process.stderr.write(`${number(results)} results of ${number(jobs)} jobs${gone}\n`);
  if (coverage.complete) return;
  const behind = coverage.sources.filter(({ status, openGaps }) => status !== 'HEALTHY' || openGaps !== 0);
  const names = behind.map(({ source, status }) => `${source} ${status}`).join(', ');
  process.stderr.write(`coverage is incomplete as of ${coverage.asOf}${names ? `: ${names}` : ''}\n`);
}
