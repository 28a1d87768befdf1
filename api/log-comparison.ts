import { setImmediate } from 'node:timers/promises';
import { alignLines, type Match } from '#analysis/align-lines.ts';
import { type LogRow, toRows } from '#analysis/log-rows.ts';
import { normaliseMessage } from '#analysis/normalise-message.ts';
import { parseLogLine } from '#schema/lava-log.ts';
import { InvalidInput } from '#store/error.ts';
import type { JobRow } from '#store/job.ts';
import { getLogSlice, type LogSliceRow } from '#store/log.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { jobOf } from './job-comparison.ts';

/** Lines of each log that are compared. */
const MOST_LINES = 5_000;
const MOST_ROWS = 2_000;
const MOST_CONTEXT = 100;
/** So many lines are read between two turns of others. */
const AT_ONCE = 500;

/** Of a line: the rest is not compared. */
const MOST_CHARACTERS = 4_096;

export type Log = LogSliceRow & { from: number };
export type LogComparisonParent = {
  base: JobRow;
  target: JobRow;
  baseLog: Log | null;
  targetLog: Log | null;
  matches: Match[];
};
export type LogRowParent = LogRow & Pick<LogComparisonParent, 'baseLog' | 'targetLog'>;

async function readLog(job: JobRow, from: number, { store, viewer }: Context): Promise<Log | null> {
  if (from < 0) throw new InvalidInput(`A log is compared from line ${from}: ask from line 0 on.`);
  const slice = await getLogSlice(store, viewer, job.id, { from, limit: MOST_LINES, levels: null });
  return slice && !slice.isLost ? { ...slice, from } : null;
}

async function normalise(log: Log | null, hostnames: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { raw } of log?.lines ?? []) {
    const { level, text } = parseLogLine(raw);
    lines.push(`${level} ${normaliseMessage(text.slice(0, MOST_CHARACTERS), hostnames)}`);
    if (lines.length % AT_ONCE === 0) await setImmediate();
  }
  return lines;
}

async function hostnamesOf(jobs: readonly JobRow[], { loaders }: Context): Promise<string[]> {
  const devices = await Promise.all(
    jobs.flatMap(({ deviceId }) => (deviceId === null ? [] : [loaders.device.load(deviceId)])),
  );
  return devices.flatMap((device) => device?.hostname ?? []);
}

function rowsOf({ baseLog, targetLog, matches }: LogComparisonParent, context: number): LogRow[] {
  if (context < 0 || context > MOST_CONTEXT)
    throw new InvalidInput(`"context" is ${context}: ask for 0 to ${MOST_CONTEXT}.`);
  return toRows(matches, baseLog?.lines.length ?? 0, targetLog?.lines.length ?? 0, context);
}

function lineOf(log: Log | null, i: number | null) {
  const line = i === null ? undefined : log?.lines[i];
  return line ? { n: line.n, ...parseLogLine(line.raw) } : null;
}

export const logComparison: Pick<Resolvers, 'Query' | 'LogComparison' | 'ComparedLog' | 'LogRow'> = {
  Query: {
    async compareLogs(_, { baseFrom, targetFrom, ...refs }, context) {
      const [base, target] = [await jobOf(refs.base, context), await jobOf(refs.target, context)];
      const baseLog = await readLog(base, baseFrom ?? 0, context);
      const targetLog = await readLog(target, targetFrom ?? 0, context);
      const hostnames = await hostnamesOf([base, target], context);
      const matches = alignLines(await normalise(baseLog, hostnames), await normalise(targetLog, hostnames));
      return { base, target, baseLog, targetLog, matches };
    },
  },
  LogComparison: {
    sameCount: ({ matches }) => matches.length,
    baseOnlyCount: ({ baseLog, matches }) => (baseLog?.lines.length ?? 0) - matches.length,
    targetOnlyCount: ({ targetLog, matches }) => (targetLog?.lines.length ?? 0) - matches.length,
    sideBySide: (parent, { context }) =>
      rowsOf(parent, context ?? 3)
        .slice(0, MOST_ROWS)
        .map((row) => ({ ...row, baseLog: parent.baseLog, targetLog: parent.targetLog })),
    isWhole: (parent, { context }) => rowsOf(parent, context ?? 3).length <= MOST_ROWS,
  },
  ComparedLog: { lineCount: ({ lines }) => lines.length },
  LogRow: {
    base: ({ baseLog, base }) => lineOf(baseLog, base),
    target: ({ targetLog, target }) => lineOf(targetLog, target),
  },
};
