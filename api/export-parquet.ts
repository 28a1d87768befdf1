/** Results as Parquet: the columns of CSV, times as instants and counts as integers; a measurement stays the exact text. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { NamedJob } from '#store/job-head.ts';
import type { TestCaseRow } from '#store/test-case.ts';
import { type Cell, type Column, caseColumns, JOB } from './export-format.ts';
import type { Writer } from './export-summary.ts';

/** Rows that are held, and written at a time: while they are, others wait. */
const GROUP_ROWS = 2_000;
/** Where the file says, as JSON, what the last line of NDJSON says. */
export const END_KEY = 'basalt.end';

const INTEGERS: ReadonlySet<string> = new Set(['externalId', 'occurrence', 'startLogLine', 'endLogLine']);

type Value = string | bigint | null;
type Typed<Of> = { element: SchemaElement; read: (of: Of) => Value };

const integer = (value: Cell) => (value === null ? null : BigInt(value));
const text = (value: Cell) => (value === null ? null : String(value));

function typed<Of>([name, read]: Column<Of>): Typed<Of> {
  return INTEGERS.has(name)
    ? { element: { name, type: 'INT64', repetition_type: 'OPTIONAL' }, read: (of) => integer(read(of)) }
    : {
        element: { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        read: (of) => text(read(of)),
      };
}

/** In microseconds, as they are stored. */
function instant<Of>(name: string, read: (of: Of) => number | null): Typed<Of> {
  const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } as const;
  const element: SchemaElement = { name, type: 'INT64', logical_type, repetition_type: 'OPTIONAL' };
  return { element, read: (of) => integer(read(of)) };
}

export function parquet(withMetadata: boolean): Writer<Buffer> {
  const ofJob = JOB.map((column) =>
    column[0] === 'submitTime' ? instant<NamedJob>('submitTime', (job) => job.submitAt) : typed(column),
  );
  const ofCase = caseColumns(withMetadata).map((column) =>
    column[0] === 'loggedAt' ? instant<TestCaseRow>('loggedAt', (row) => row.loggedAt) : typed(column),
  );
  const elements = [...ofJob, ...ofCase].map(({ element }) => element);
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'results', num_children: elements.length }, ...elements],
    createdBy: 'Basalt',
  });
  let held: Value[][] = elements.map(() => []);

  const taken = (): Buffer => {
    const piece = Buffer.from(bytes.getBytes());
    bytes.index = 0;
    return piece;
  };
  const write = () => {
    const columnData = elements.map(({ name }, i) => ({ name, data: held[i] ?? [] }));
    file.write({ columnData, rowGroupSize: GROUP_ROWS });
    held = elements.map(() => []);
  };
  return {
    head: taken(),
    lines(job, rows) {
      const start = ofJob.map(({ read }) => read(job));
      for (const row of rows) {
        for (const [i, value] of start.entries()) held[i]?.push(value);
        for (const [i, { read }] of ofCase.entries()) held[start.length + i]?.push(read(row));
      }
      if ((held[0]?.length ?? 0) < GROUP_ROWS) return taken();
      write();
      return taken();
    },
    end(summary) {
      if (held[0]?.length) write();
      file.kvMetadata = [{ key: END_KEY, value: JSON.stringify(summary) }];
      file.finish();
      return taken();
    },
  };
}
