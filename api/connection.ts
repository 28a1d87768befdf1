/** Relay connections over keyset pages. */
import { z } from 'zod';
import type { AuditDayRow, AuditedDays } from '#store/audit-day.ts';
import type { BuildRow, ProjectRow } from '#store/build.ts';
import type { TestChangeRow } from '#store/compare-changes.ts';
import { InvalidInput } from '#store/error.ts';
import type { FailingTestRow } from '#store/failing-test.ts';
import type { DeviceRow, DeviceTypeRow, WorkerRow } from '#store/fleet.ts';
import type { JobRow } from '#store/job.ts';
import type { Key, Page, PageRequest, Total } from '#store/page.ts';
import type { ProjectSuiteRow } from '#store/project-suite.ts';
import type { LetterRow } from '#store/quarantined.ts';
import type { Hit } from '#store/search.ts';
import type { SourceFilter, SourceRow } from '#store/source.ts';
import type { SyncRunRow } from '#store/sync-run.ts';
import type { TestCaseRow } from '#store/test-case.ts';

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
/** Of the results of one build or one job: a build in one request. */
export const MAX_CASES = 10_000;

export type PageArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

export type Connection<Row, Count = number | null> = {
  edges: { cursor: string; node: Row }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  /** Which sources the list is about. */
  scope: SourceFilter;
  count: () => Promise<Count>;
};

export type SourceList = Connection<SourceRow>;
export type SyncRunList = Connection<SyncRunRow>;
export type AuditDayList = Connection<AuditDayRow, AuditedDays>;
export type DeadLetterList = Connection<LetterRow, number>;
export type WorkerList = Connection<WorkerRow>;
export type DeviceList = Connection<DeviceRow>;
export type DeviceTypeList = Connection<DeviceTypeRow>;
export type JobList = Connection<JobRow, Total>;
export type TestCaseList = Connection<TestCaseRow>;
export type ProjectList = Connection<ProjectRow>;
export type ProjectSuiteList = Connection<ProjectSuiteRow, number>;
export type BuildList = Connection<BuildRow, Total>;
export type FailingTestList = Connection<FailingTestRow, null>;
export type SearchList = Connection<Hit>;
export type TestChangeList = Connection<TestChangeRow>;

/** An id is a number of the store; other numbers are instants and places. */
type Shape = readonly ('text' | 'number' | 'id')[];

const PART = { text: z.string(), number: z.int(), id: z.int32() } as const;

/** @throws InvalidInput that says which argument is wrong and how. */
export function readPage(args: PageArguments, shape: Shape, most = MAX_PAGE): PageRequest {
  const { first, last } = args;
  if (first != null && last != null) throw new InvalidInput('Ask for "first" or for "last", not for both.');
  for (const [name, value] of Object.entries({ first, last })) {
    if (value == null) continue;
    if (value < 0) throw new InvalidInput(`"${name}" is ${value}: ask for 0 to ${most}.`);
    if (value > most)
      throw new InvalidInput(
        `"${name}" is ${value}: a page holds at most ${most}; go on with "${name === 'first' ? 'after' : 'before'}".`,
      );
  }
  return {
    limit: first ?? last ?? DEFAULT_PAGE,
    after: readCursor('after', args.after, shape),
    before: readCursor('before', args.before, shape),
    backward: last != null,
  };
}

function readCursor(name: string, cursor: string | null | undefined, shape: Shape): Key | null {
  if (cursor == null) return null;
  try {
    const parts = z.array(z.unknown()).length(shape.length);
    const key = parts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return shape.map((part, i) => PART[part].parse(key[i]));
  } catch {
    // what cannot be read is told below
  }
  throw new InvalidInput(
    `"${name}" is no cursor of this list: take endCursor or startCursor from an answer to the same field.`,
  );
}

export function toCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

export function toConnection<Row, Count>(
  { rows, hasNext, hasPrevious }: Page<Row>,
  keyOf: (row: Row) => Key,
  scope: SourceFilter,
  count: () => Promise<Count>,
): Connection<Row, Count> {
  const edges = rows.map((node) => ({ cursor: toCursor(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    scope,
    count,
  };
}

/** Where a page stopped before it was full is where the next one goes on, or the one before. */
export function goingOnAt<List extends Connection<unknown, unknown>>(
  connection: List,
  stoppedAt: Key | null,
  { last }: PageArguments,
): List {
  if (!stoppedAt) return connection;
  const cursor = { [last == null ? 'endCursor' : 'startCursor']: toCursor(stoppedAt) };
  return { ...connection, pageInfo: { ...connection.pageInfo, ...cursor } };
}
