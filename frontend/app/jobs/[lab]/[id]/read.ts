import { cache } from 'react';
import { ask, askAt } from '@/api-client.ts';
import { LEVELS } from '@/features/log/levels.ts';
import { BLOCK, windowStart } from '@/features/log/line-range.ts';
import { JobPageDocument, type JobPageQuery, LogLinesDocument, type TestResult } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';

const RESULTS: readonly TestResult[] = ['FAIL', 'PASS', 'SKIP', 'UNKNOWN'];

/** Address and query as variables; what they cannot mean is left out. */
function variablesOf(lab: string, id: string, params: SearchParams) {
  const one = (key: string) => [params[key]].flat()[0] || undefined;
  const number = (key: string) => (/^\d{1,9}$/.test(one(key) ?? '') ? Number(one(key)) : undefined);
  const result = [params.result ?? []]
    .flat()
    .flatMap((value) => RESULTS.find((known) => known === value.toUpperCase()) ?? []);
  const level = [params.level ?? []].flat().filter((value) => LEVELS.includes(value));
  const line = level.length === 0 ? number('line') : undefined;
  const from = number('from');
  return {
    line,
    isPlaced: line !== undefined || from !== undefined || level.length > 0,
    asked: {
      source: lab,
      externalId: id,
      result: result.length > 0 ? result : undefined,
      suite: one('suite'),
      casesAfter: one('cases'),
      fromLine: line === undefined ? Math.floor((from ?? 0) / BLOCK) * BLOCK : windowStart(line),
      limit: 2 * BLOCK,
      level: level.length > 0 ? level : undefined,
    },
  };
}

/** Lines worth a look: errors, and where failing cases begin. */
export function stopsOf(job: JobPageQuery['job']): number[] {
  const total = job?.log?.totalLines ?? 0;
  const cases = job?.failing.nodes.flatMap(({ startLogLine }) => startLogLine ?? []) ?? [];
  return [...new Set([...(job?.log?.errorLines ?? []), ...cases])].filter((n) => n < total).sort((a, b) => a - b);
}

/** A job with a window of its log: at the line of the address, else where the first thing went wrong. */
export const readJob = cache(async (lab: string, id: string, query: string) => {
  const { line, isPlaced, asked } = variablesOf(lab, id, JSON.parse(query));
  const data = await askAt(JobPageDocument, asked, {
    isPlaced: Boolean(asked.casesAfter),
    start: `${jobPath(lab, id)}#cases`,
  });
  const log = data.job?.log ?? null;
  const [firstStop = null] = stopsOf(data.job);
  const isBeyond = log !== null && asked.fromLine > 0 && asked.fromLine >= log.matchingLines;
  const focus = isPlaced && !isBeyond ? (line ?? null) : firstStop;
  const opening = asked.level ? 0 : windowStart(firstStop ?? 0);
  const start = isBeyond || !isPlaced ? opening : asked.fromLine;
  if (!log || start === asked.fromLine) return { data, asked, log, start, focus };
  // Where the window must lie is only known once the log has been asked for.
  const { job } = await ask(LogLinesDocument, { ...asked, fromLine: start });
  return { data, asked, log: job?.log ?? null, start, focus };
});
