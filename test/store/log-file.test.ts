import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary.ts';

/** Files end at 32 KiB: the first write is cut short there, as on a disk that becomes full in the middle. */
const LIMIT = 'ulimit -f 64; exec "$0" "$@"';
const WRITE = `
  import { randomBytes } from 'node:crypto';
  import { writeLogFile } from '${join(import.meta.dirname, '../../store/log-file.ts')}';
  writeLogFile(process.argv[1], [randomBytes(Number(process.argv[2]))]);
`;

function writeOf(folder: string, bytes: number): { status: number | null; stderr: string } {
  const node = [process.execPath, '--input-type=module', '-e', WRITE, folder, String(bytes)];
  return spawnSync('/bin/sh', ['-c', LIMIT, ...node], { encoding: 'utf8' });
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test('a log that does not fit on the disk is an error and leaves no file', () => {
  const folder = temporaryFolder();
  const { status, stderr } = writeOf(folder, 200_000);
  expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')]);
  expect(filesIn(folder)).toEqual([]);

  expect(writeOf(folder, 20_000).status).toBe(0);
  expect(filesIn(folder)).toHaveLength(1);
});
