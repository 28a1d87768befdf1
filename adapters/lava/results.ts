/** Suites and cases of a job, by the cheapest way that is complete: as one table, or as lists. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MAX_NUMBER, type Rejected, type SuiteRecord } from '#schema/records.ts';
import { GrowingCases } from '../case-list.ts';
import type { Client } from './client.ts';
import { readCaseMetadata } from './definition.ts';
import { type Exported, readExport } from './export.ts';
import { keepNotes, STEPS_SUITE, toCaseRecord } from './map.ts';
import type { CaseRow, JobRow, SuiteRow } from './schema.ts';
import { call, orNull } from './xml-rpc.ts';

export type Results = {
  suites: SuiteRecord[];
  rejected: Rejected[];
  /** As long as `mark` says the same, nothing came since. */
  mark: string;
};

/** Whether tables are read: they were found to say what the lists say. */
type Verdict = 'yes' | 'no' | 'undecided';

/** Every so many jobs the table is compared with the lists again. */
const SAMPLED = 200;
/** A probe reads no larger job, twice, only to compare. */
const SAMPLE_CASES = 1000;
/** A smaller one tells little. */
const TELLING_CASES = 20;
/** A job with a longer table is read in pages. */
const TABLE_BYTES = 32 * 1024 * 1024;
/** So many cases of a job are held as they came before they are packed. */
const OPEN_CASES = 4096;
/** Of a suite without a case; it comes after the others. */
const NO_CASE = MAX_NUMBER;
/** So many tables in a row that are none: the master has them no more. */
const MISSED_IN_A_ROW = 3;

export type ResultsReader = {
  /** The user of the token: who may call may be given the table. */
  setUser(user: string | null): void;
  /** Whether results are read as tables by a call, where that is possible; else by lists. */
  usesCalls(): boolean;
  /** Compares the ways by one of these jobs, if that has not been done and there is a small one. @throws SourceError */
  decideBy(rows: readonly JobRow[], signal: AbortSignal): Promise<void>;
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
  let calls: Verdict = 'undecided';
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
    };
  };

  /** Null where the table is not understood. */
  const understand = async (row: JobRow, csv: string, signal: AbortSignal): Promise<Results | null> => {
    const read = readExport(csv, row.id);
    const table = read && (hasEverySuite(row, read) ? read : await withListedSuites(row, read, signal));
    const grouped = table && group(row, table, redact);
    return grouped && { ...grouped, mark: hashOf(csv) };
  };

  /** Null where there is no table, or one that is not understood. */
  const fromCall = async (row: JobRow, signal: AbortSignal, given?: string | null): Promise<Results | null> => {
    const csv = given === undefined ? await callForTable(row.id, signal) : given;
    const table = csv === null ? null : await understand(row, csv, signal);
    // What this user may not see of one job says nothing of the others.
    if (given !== null) missed = table ? 0 : missed + 1;
    if (missed >= MISSED_IN_A_ROW) calls = 'no';
    return table;
  };

  const withListedSuites = async (row: JobRow, { cases }: Exported, signal: AbortSignal): Promise<Exported | null> => {
    const suites = (await client.suites(row.id, signal))?.rows ?? [];
    const ids = new Map(suites.map(({ id, name }) => [name, id]));
    const isWhole = ids.size === suites.length && cases.every(({ suiteName }) => ids.has(suiteName));
    return isWhole ? { suites, cases: cases.map((one) => ({ ...one, suite: ids.get(one.suiteName) ?? 0 })) } : null;
  };

  const callForTable = async (jobId: number, signal: AbortSignal): Promise<string | null> => {
    if (user === null) return null;
    const asked = { method: 'results.get_testjob_results_csv', args: [jobId] } as const;
    const options = { maxBytes: TABLE_BYTES, signal };
    const csv = await orNull(call(client.http, slug, user, asked, options), signal);
    return typeof csv === 'string' ? csv : null;
  };

  const byCall = async (row: JobRow, signal: AbortSignal, given?: string | null): Promise<Results | null> => {
    const table = await fromCall(row, signal, given);
    if (!table) return fromLists(row, signal);
    sinceSample += 1;
    if (calls === 'yes' && sinceSample < SAMPLED) return table;
    sinceSample = 0;
    const lists = await fromLists(row, signal);
    if (lists && hasCases(lists)) calls = (await isSame(row, table, lists, signal)) ? 'yes' : 'no';
    // As other jobs are read, so that a job read again is the same to the letter.
    return calls === 'yes' ? table : lists;
  };

  /** A table that came before the lists may lack what has come since: then one that comes after them tells. */
  const isSame = async (row: JobRow, table: Results, lists: Results, signal: AbortSignal): Promise<boolean> => {
    if (areEqual(table.suites, lists.suites)) return true;
    const again = await fromCall(row, signal);
    return again !== null && areEqual(again.suites, lists.suites);
  };

  return {
    setUser(found) {
      user = found;
      missed = 0;
      if (calls === 'no') calls = 'undecided';
    },
    usesCalls: () => user !== null && calls === 'yes',
    async decideBy(rows, signal) {
      if (user === null || calls !== 'undecided') return;
      const row = await sampleOf(client, rows, signal);
      const lists = row && (await fromLists(row, signal));
      if (!lists || !hasCases(lists)) return;
      const table = await fromCall(row, signal);
      if (table) calls = areEqual(table.suites, lists.suites) ? 'yes' : 'no';
    },
    read: (row, signal, table) =>
      user === null || calls === 'no' ? fromLists(row, signal) : byCall(row, signal, table),
    async mark({ id }, signal, given) {
      const csv = user !== null && calls === 'yes' && given === undefined ? await callForTable(id, signal) : given;
      if (csv != null) return hashOf(csv);
      const cases = await client.count(id, 'tests', signal);
      const suites = await client.count(id, 'suites', signal);
      return cases === null || suites === null ? null : countsOf(cases, suites);
    },
  };
}

/** One that has a good deal of cases, else one that has few. */
async function sampleOf(client: Client, rows: readonly JobRow[], signal: AbortSignal): Promise<JobRow | null> {
  let small: JobRow | null = null;
  for (const row of rows) {
    const cases = await orNull(client.count(row.id, 'tests', signal), signal);
    if (cases === null || cases > SAMPLE_CASES) continue;
    if (cases >= TELLING_CASES) return row;
    small ??= row;
  }
  return small;
}

function hasCases({ suites }: Results): boolean {
  return suites.some(({ cases }) => cases.length > 0);
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
  const suites = new Map<number, Omit<SuiteRecord, 'cases'> & { growing: GrowingCases }>();
  for (const { id, name } of suiteRows)
    suites.set(id, { externalId: NO_CASE, name, isSteps: name === STEPS_SUITE, growing: new GrowingCases() });
  const rejected: Rejected[] = [];
  let isWhole = true;
  let open = 0;
  return {
    add(caseRow: CaseRow & { set?: string | null }): void {
      const suite = suites.get(caseRow.suite);
      if (!suite) {
        isWhole = false;
        return;
      }
      const { record, notes } = toCaseRecord(caseRow, String(row.id));
      suite.externalId = Math.min(suite.externalId, record.externalId);
      suite.growing.add({ ...record, setExternalId: null });
      rejected.push(...keepNotes(notes, caseRow, redact));
      open += 1;
      if (open < OPEN_CASES) return;
      for (const { growing } of suites.values()) growing.pack();
      open = 0;
    },
    done(): Grouped | null {
      const all = [...suites.values()].map(({ growing, ...suite }) => ({ ...suite, cases: growing.list() }));
      const inOrder = all.sort((a, b) => a.externalId - b.externalId || (a.name < b.name ? -1 : 1));
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
      cases: Array.from(cases, ({ metadata, startLogLine, endLogLine, ...rest }) => ({
        ...rest,
        unit: rest.unit ?? '',
        startLogLine: startLogLine || null,
        endLogLine: endLogLine || null,
        metadata: metadata === null ? null : readCaseMetadata(metadata),
      })),
    }));
}
