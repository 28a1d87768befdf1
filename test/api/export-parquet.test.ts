/** Parquet, read back by another library. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { END_KEY } from '#api/export-parquet.ts';
import { addJob, startServer } from './server.ts';

type Line = Record<string, unknown>;

test('every row is one of NDJSON, in its order; the file says what it covers', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1, { metadata: {} }, ['PASS', 'FAIL', 'SKIP']);
  await addJob(server, 'alpha', 2, {}, new Array<string>(4_500).fill('PASS'));
  await addJob(server, 'alpha', 3, { isPublic: false });
  const ask = (path: string) => fetch(`${server.url}/export/results.${path}`);

  const response = await ask('parquet?withMetadata=true');
  const file = await response.arrayBuffer();
  const lines = (await (await ask('ndjson?withMetadata=true')).text())
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line));

  expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="results.parquet"');
  const rows = await parquetReadObjects({ file });
  const told = (value: unknown) => {
    if (value instanceof Date) return value.getTime();
    return typeof value === 'bigint' ? Number(value) : (value ?? null);
  };
  const timed = ['submitTime', 'loggedAt'];
  const plain = (row: Line) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        timed.includes(name) && typeof value === 'string' ? Date.parse(value) : told(value),
      ]),
    );
  expect(rows.map(plain)).toEqual(lines.slice(0, -1).map(plain));
  expect(rows).toHaveLength(4_503);
  const metadata = parquetMetadata(file);
  expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([2_000, 2_000, 503]);
  const end = metadata.key_value_metadata?.find(({ key }) => key === END_KEY)?.value;
  expect(JSON.parse(end ?? '')).toEqual(lines.at(-1)?.end);
});

test('without a result it is a file all the same; one that breaks has no end', async () => {
  const server = await startServer({ sources: ['alpha'] });

  const empty = await (await fetch(`${server.url}/export/results.parquet`)).arrayBuffer();

  expect(parquetMetadata(empty).num_rows).toBe(0n);
  expect(() => parquetMetadata(empty.slice(0, -1))).toThrow(/PAR1/);
});
