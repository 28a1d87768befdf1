/** Suites and cases of a job, by the cheapest way that is complete: as one table, or as lists. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MAX_NUMBER, type Rejected, type SuiteRecord } from '#schema/records.ts';
import { SourceError } from '../error.ts';
import type { Client } from './client.ts';
import { readCaseMetadata } from './definition.ts';
import { type Exported, readExport } from './export.ts';
import { keepNotes, STEPS_SUITE, toCaseRecord } from './map.ts';
import type { CaseRow, JobRow, SuiteRow } from './schema.ts';
import { call, Fault } from './xml-rpc.ts';

export type Results = {
  suites: SuiteRecord[];
  rejected: Rejected[];
  /** As long as `mark` says the same, nothing came since. */
  mark: string;
  /** They came in one answer, and can have changed meanwhile in no other way. */
  isOneAnswer: boolean;
};

/** `table`: it was found to be equal to the lists; `lists`: it was not, or the master has none; `undecided`: nothing to compare yet. */
export type Way = 'table' | 'lists' | 'undecided';

/** Every so many jobs the table is compared with the lists again. */
const SAMPLED = 200;
/** A probe reads no larger job, twice, only to compare. */
const SAMPLE_CASES = 1000;
/** A job with a longer table is read in pages. */
const TABLE_BYTES = 32 * 1024 * 1024;
/** Of a suite without a case; it comes after the others. */
const NO_CASE = MAX_NUMBER;
/** So many tables in a row that are none: the master has them no more. */
const MISSED_IN_A_ROW = 3;

export type ResultsReader = {
  /** The user of the token: who may call may be given the table. */
  setUser(user: string | null): void;
  way(): Way;
  /** Compares the ways by a job, if that has not been done and it is a small one. @throws SourceError */
  decideBy(row: JobRow, signal: AbortSignal): Promise<void>;
  /**
   * Null when the lists changed while they were read. `table`: as it came with others; null where it was refused.
   * @throws SourceError
   */
  read(row: JobRow, signal: AbortSignal, table?: string | null): Promise<Results | null>;
  /** That of the results as they are now, for as little as it takes; null when they cannot be told. @throws SourceError */
  mark(row: JobRow, signal: AbortSignal, table?: string | null): Promise<string | null>;
};

export function createResultsReader(client: Client, slug: string): ResultsReader {
  const { redact } = client.http;
  let user: string | null = null;
  let way: Way = 'undecided';
  let sinceSample = 0;
  let missed = 0;

  const fromLists = async (row: JobRow, signal: AbortSignal): Promise<Results | null> => {
    const suites = await client.suites(row.id, signal);
    const grouping = createGrouping(row, suites?.rows ?? [], redact);
    const cases = suites && (await client.cases(row.id, signal, grouping.add));
    const grouped = grouping.done();
    if (!cases || !grouped) return null;
    return {
      suites: grouped.suites,
      rejected: [...suites.rejected, ...cases.rejected, ...grouped.rejected],
      mark: countsOf(cases.count, suites.count),
      isOneAnswer: false,
    };
  };

  /** Null where there is no table, or one that is not understood. */
  const fromTable = async (row: JobRow, signal: AbortSignal, given?: string | null): Promise<Results | null> => {
    const csv = given === undefined ? await readTable(row.id, signal) : given;
    const read = csv === null ? null : readExport(csv, row.id);
    const table = read && (hasEverySuite(row, read) ? read : await withListedSuites(row, read, signal));
    const grouped = table && group(row, table, redact);
    // What this user may not see of one job says nothing of the others.
    if (given !== null) missed = grouped ? 0 : missed + 1;
    if (missed >= MISSED_IN_A_ROW) way = 'lists';
    return csv !== null && grouped ? { ...grouped, mark: hashOf(csv), isOneAnswer: true } : null;
  };

  const withListedSuites = async (row: JobRow, { cases }: Exported, signal: AbortSignal): Promise<Exported | null> => {
    const suites = (await client.suites(row.id, signal))?.rows ?? [];
    const ids = new Map(suites.map(({ id, name }) => [name, id]));
    const isWhole = ids.size === suites.length && cases.every(({ suiteName }) => ids.has(suiteName));
    return isWhole ? { suites, cases: cases.map((one) => ({ ...one, suite: ids.get(one.suiteName) ?? 0 })) } : null;
  };

  const readTable = async (jobId: number, signal: AbortSignal): Promise<string | null> => {
    if (user === null) return null;
    try {
      const options = { maxBytes: TABLE_BYTES, signal };
      const asked = { method: 'results.get_testjob_results_csv', args: [jobId] } as const;
      const csv = await call(client.http, slug, user, asked, options);
      return typeof csv === 'string' ? csv : null;
    } catch (cause) {
      if (signal.aborted || !(cause instanceof SourceError || cause instanceof Fault)) throw cause;
      return null;
    }
  };

  const both = async (row: JobRow, signal: AbortSignal, given?: string | null): Promise<Results | null> => {
    const table = await fromTable(row, signal, given);
    const lists = await fromLists(row, signal);
    if (table && lists?.suites.some(({ cases }) => cases.length > 0))
      way = areEqual(table.suites, lists.suites) ? 'table' : 'lists';
    // As other jobs are read, so that a job read again is the same to the letter.
    return way === 'table' ? (table ?? lists) : lists;
  };

  return {
    setUser(found) {
      user = found;
      missed = 0;
      if (way === 'lists') way = 'undecided';
    },
    way: () => (user === null ? 'lists' : way),
    async decideBy(row, signal) {
      if (user === null || way !== 'undecided') return;
      const count = await client.count(row.id, 'tests', signal);
      if (count !== null && count <= SAMPLE_CASES) await both(row, signal);
    },
    async read(row, signal, table) {
      if (user === null || way === 'lists') return fromLists(row, signal);
      sinceSample += 1;
      if (way === 'undecided' || sinceSample >= SAMPLED) {
        sinceSample = 0;
        return both(row, signal, table);
      }
      return (await fromTable(row, signal, table)) ?? fromLists(row, signal);
    },
    async mark({ id }, signal, given) {
      const csv = way === 'table' && given === undefined ? await readTable(id, signal) : (given ?? null);
      if (csv !== null) return hashOf(csv);
      const cases = await client.count(id, 'tests', signal);
      const suites = await client.count(id, 'suites', signal);
      return cases === null || suites === null ? null : countsOf(cases, suites);
    },
  };
}

function countsOf(cases: number, suites: number): string {
  return `${cases} ${suites}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 22);
}

/** A table has no suite without a case: a job that broke off may have one, and one of which the master's steps tell. */
function hasEverySuite(row: JobRow, { suites, cases }: Exported): boolean {
  const named = new Set(suites.map(({ name }) => name));
  const steps = cases.filter(({ suiteName }) => suiteName === STEPS_SUITE);
  return row.health === 'Complete' && steps.every(({ name }) => !/^\d+_/.test(name) || named.has(name));
}

type Grouped = { suites: SuiteRecord[]; rejected: Rejected[] };

function group(row: JobRow, { suites, cases }: Exported, redact: (text: string) => string): Grouped | null {
  const grouping = createGrouping(row, suites, redact);
  cases.forEach(grouping.add);
  return grouping.done();
}

/**
 * Cases, given in the order of their ids, under their suites, suites in the order of their first cases; null when a case
 * names a suite that was not there yet. Numbers of suites and sets, which a table has not, are left out of both ways: the
 * same job reads the same. A suite has that of its first case.
 */
function createGrouping(row: JobRow, suiteRows: readonly SuiteRow[], redact: (text: string) => string) {
  const suites = new Map<number, SuiteRecord>();
  for (const { id, name } of suiteRows)
    suites.set(id, { externalId: NO_CASE, name, isSteps: name === STEPS_SUITE, cases: [] });
  const rejected: Rejected[] = [];
  let isWhole = true;
  return {
    add(caseRow: CaseRow & { set?: string | null }): void {
      const suite = suites.get(caseRow.suite);
      if (!suite) {
        isWhole = false;
        return;
      }
      const { record, notes } = toCaseRecord(caseRow, String(row.id));
      suite.externalId = Math.min(suite.externalId, record.externalId);
      suite.cases.push({ ...record, setExternalId: null });
      rejected.push(...keepNotes(notes, caseRow, redact));
    },
    done(): Grouped | null {
      const inOrder = [...suites.values()].sort((a, b) => a.externalId - b.externalId || (a.name < b.name ? -1 : 1));
      return isWhole ? { suites: inOrder, rejected } : null;
    },
  };
}

/** Whether both say the same, but for line 0, which the table has not, and quotes in the metadata. */
function areEqual(table: readonly SuiteRecord[], lists: readonly SuiteRecord[]): boolean {
  return isDeepStrictEqual(comparable(table), comparable(lists));
}

function comparable(suites: readonly SuiteRecord[]) {
  return suites
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, cases }) => ({
      name,
      cases: cases.map(({ metadata, startLogLine, endLogLine, ...rest }) => ({
        ...rest,
        unit: rest.unit ?? '',
        startLogLine: startLogLine || null,
        endLogLine: endLogLine || null,
        metadata: metadata === null ? null : readCaseMetadata(metadata),
      })),
    }));
}
