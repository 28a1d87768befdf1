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
  const rows = tableOf(csv);
  if (!rows?.every((row) => row.job === jobId)) return null;
  const suites = new Map<string, number>();
  for (const { suite, id } of rows) suites.set(suite, Math.min(id, suites.get(suite) ?? id));
  const cases: ExportedCase[] = [];
  for (const row of rows) {
    const one = caseOf(row, suites.get(row.suite) ?? row.id);
    if (!one) return null;
    cases.push(one);
  }
  return {
    suites: [...suites].map(([name, id]) => ({ id, name })).sort((a, b) => a.id - b.id),
    cases: cases.sort((a, b) => a.id - b.id),
  };
}

/** A table without a row has its head all the same: an answer that has none is no table. */
function tableOf(csv: string): ExportRow[] | null {
  let hasHead = false;
  const columns = (head: string[]): string[] => {
    hasHead = Object.keys(ExportRow.shape).every((name) => head.includes(name));
    return head;
  };
  try {
    const rows = z.array(ExportRow).parse(parse(csv, { columns }));
    return hasHead ? rows : null;
  } catch {
    return null;
  }
}

function caseOf(row: ExportRow, suite: number): ExportedCase | null {
  const metadata = metadataOf(row.metadata);
  const logged = toMicros(row.logged.replace(' ', 'T'));
  const measurement = row.measurement === 'None' ? null : toPlaces(row.measurement, PLACES);
  if (metadata === undefined || logged === null || (measurement === null && row.measurement !== 'None')) return null;
  return {
    id: row.id,
    name: row.name,
    result: row.result,
    suite,
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
