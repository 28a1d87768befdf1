/**
 * A job's results as one table, for a fixed number of SQL statements where the lists cost one a case. What the table does
 * not say as REST would is not taken from it: then there is null, and the lists are read.
 */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { toPlaces } from './decimal.ts';
import { PythonNumber, type PythonValue, readPythonLiteral } from './python-literal.ts';
import { toYaml } from './python-yaml.ts';
import type { CaseRow, SuiteRow } from './schema.ts';
import { toMicros } from './time.ts';

const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const line = z.literal('').transform(() => null);

const ExportRow = z.object({
  job: number,
  suite: z.string(),
  result: z.string(),
  measurement: z.string(),
  unit: z.string(),
  logged: z.string(),
  metadata: z.string(),
  name: z.string(),
  id: number,
  log_start_line: line.or(number),
  log_end_line: line.or(number),
});
type ExportRow = z.infer<typeof ExportRow>;

/** `set`: a set's name; the table has no numbers of sets. */
export type ExportedCase = CaseRow & { set: string | null; suiteName: string };
/** Numbers of suites are those of their first case. */
export type Exported = { suites: SuiteRow[]; cases: ExportedCase[] };

const PLACES = 10;

export function readExport(csv: string, jobId: number): Exported | null {
  const cases = casesOf(csv, jobId);
  if (!cases) return null;
  const suites = new Map<string, number>();
  for (const { suiteName, id } of cases) suites.set(suiteName, Math.min(id, suites.get(suiteName) ?? id));
  for (const one of cases) one.suite = suites.get(one.suiteName) ?? one.id;
  return {
    suites: [...suites].map(([name, id]) => ({ id, name })).sort((a, b) => a.id - b.id),
    cases: cases.sort((a, b) => a.id - b.id),
  };
}

/** Row by row: a table is held once and not once more as its rows. One without a row has its head all the same. */
function casesOf(csv: string, jobId: number): ExportedCase[] | null {
  const cases: ExportedCase[] = [];
  let hasHead = false;
  const columns = (head: string[]): string[] => {
    hasHead = Object.keys(ExportRow.shape).every((name) => head.includes(name));
    return head;
  };
  const take = (record: unknown): null => {
    const row = ExportRow.parse(record);
    const one = row.job === jobId ? caseOf(row) : null;
    if (!one) throw new RangeError(`case ${row.id} is not understood`);
    cases.push(one);
    return null;
  };
  try {
    parse(csv, { columns, on_record: take });
    return hasHead ? cases : null;
  } catch {
    return null;
  }
}

/** With the number of its own as that of its suite. */
function caseOf(row: ExportRow): ExportedCase | null {
  const metadata = metadataOf(row.metadata);
  const logged = toMicros(row.logged.replace(' ', 'T'));
  const measurement = row.measurement === 'None' ? null : toPlaces(row.measurement, PLACES);
  if (metadata === undefined || logged === null || (measurement === null && row.measurement !== 'None')) return null;
  return {
    id: row.id,
    name: row.name,
    result: row.result,
    suite: row.id,
    suiteName: row.suite,
    set: setOf(metadata),
    measurement,
    unit: row.unit,
    metadata: metadata && toYaml(metadata),
    start_log_line: row.log_start_line,
    end_log_line: row.log_end_line,
    logged,
  };
}

type Metadata = { [key: string]: PythonValue };

/** Undefined when it is not understood. */
function metadataOf(text: string): Metadata | null | undefined {
  try {
    const value = readPythonLiteral(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof PythonNumber)
      return undefined;
    return Object.keys(value).length === 0 ? null : value;
  } catch {
    return undefined;
  }
}

/** A master makes no set of a name that an address would have to escape. */
function setOf(metadata: Metadata | null): string | null {
  const set = metadata?.set;
  return typeof set === 'string' && /^[A-Za-z0-9_.~/-]+$/.test(set) ? set : null;
}
