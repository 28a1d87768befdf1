/** A file that is not what was written is refused with a sentence, whatever has happened to it. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkStore } from '#store/check.ts';
import { StoreDamaged } from '#store/error.ts';
import { openStore } from '#store/open.ts';
import { olderJobs } from './older/jobs.ts';
import { fileIn, temporaryFolder, temporaryWriter, write } from './temporary.ts';

async function newFile(): Promise<string> {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], fileIn(folder));
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  await writer.store.close();
  return folder;
}

function spoil(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

const DAMAGES: [string, (path: string) => void, RegExp][] = [
  ['cut in half', (path) => truncateSync(path, statSync(path).size / 2), /bytes are missing/],
  ['cut inside a page', (path) => truncateSync(path, statSync(path).size - 1), /last 1 bytes are missing/],
  ['of something else', (path) => writeFileSync(path, Buffer.alloc(65_536, 'x')), /not a database/],
  ['with a spoiled header', (path) => spoil(path, 0, Buffer.from('SQLite formal 3')), /not a database/],
  ['with a page of zeroes', (path) => spoil(path, 16_384 * 3, Buffer.alloc(16_384)), /damaged/],
];

test.each(DAMAGES)('T-56: a file %s', async (_, damage, said) => {
  const folder = await newFile();
  damage(join(folder, 'basalt.db'));
  const before = readFileSync(join(folder, 'basalt.db'));

  for (const mode of ['write', 'read'] as const) {
    const opening = openStore({ ...fileIn(folder), mode });
    await expect(opening).rejects.toThrow(StoreDamaged);
    await expect(opening).rejects.toThrow(said);
    await expect(opening).rejects.toThrow(/^[^\n]*restore the last backup[^\n]*$/);
  }
  expect(readFileSync(join(folder, 'basalt.db')).equals(before)).toBe(true);
});

test('a file that is spoiled while it is open', async () => {
  const folder = await newFile();
  const store = await openStore({ ...fileIn(folder), mode: 'read' });
  const path = join(folder, 'basalt.db');
  spoil(path, 16_384, Buffer.alloc(statSync(path).size - 16_384));
  const problems = await checkStore(store);
  expect(problems).toEqual([expect.stringMatching(/^the file is damaged \([^\n]*\): restore the last backup$/)]);
  await expect(store.sql.all('SELECT * FROM job')).rejects.toThrow(StoreDamaged);
  await store.close();
});

test('T-56: the command line ends with 74 and the sentence alone', async () => {
  const folder = await newFile();
  truncateSync(join(folder, 'basalt.db'), 40_000);
  const config = join(folder, 'basalt.yaml');
  writeFileSync(config, 'sources: [{ slug: alpha, url: http://127.0.0.1:9/ }]\n');
  const env = { ...process.env, BASALT_CONFIG: config, BASALT_DATA: folder };
  for (const command of [['serve'], ['sync', '--once'], ['migrate']]) {
    const basalt = join(import.meta.dirname, '../../cli/basalt.js');
    const { status, stderr } = spawnSync(process.execPath, [basalt, ...command], { env, encoding: 'utf8' });
    expect([status, stderr.trim().split('\n')]).toEqual([74, [expect.stringContaining('restore the last backup')]]);
  }
});

test('an empty file is a new store, and one with a write-ahead log beside it is whole', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'basalt.db'), '');
  const store = await openStore({ ...fileIn(folder), mode: 'write' });
  await store.transaction(() => store.sql.run("INSERT INTO submitter (name) VALUES ('somebody')"));
  const copy = temporaryFolder();
  for (const name of ['basalt.db', 'basalt.db-wal']) writeFileSync(join(copy, name), readFileSync(join(folder, name)));
  await store.close();
  const other = await openStore({ ...fileIn(copy), mode: 'write' });
  expect(await other.sql.all('SELECT name FROM submitter')).toEqual([{ name: 'somebody' }]);
  await other.close();
});
