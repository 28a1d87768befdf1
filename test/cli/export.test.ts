/** `basalt export`, as an admin runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { olderJobs } from '../store/older/jobs.ts';
import { fileIn, temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');

async function archive(): Promise<string> {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], fileIn(folder));
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  await writer.store.close();
  writeFileSync(join(folder, 'basalt.yaml'), 'sources: [{ slug: alpha, url: http://127.0.0.1:9/ }]\n');
  return folder;
}

async function basalt(folder: string, ...args: string[]) {
  const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
  const child = spawn(process.execPath, [entry, 'export', ...args], { env });
  const [out, err]: string[][] = [[], []];
  child.stdout.on('data', (data) => out?.push(String(data)));
  child.stderr.on('data', (data) => err?.push(String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' };
}

test('results go to standard output, what they cover to standard error; who has the store sees all of it', async () => {
  const folder = await archive();
  const { code, out, err } = await basalt(folder, 'result=FAIL', 'result=SKIP', 'suite=smoke');

  expect(code).toBe(0);
  const found = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(found.slice(0, -1).map(({ job, name, result }) => `${job} ${name} ${result}`)).toEqual([
    '12 case1 FAIL',
    '12 case2 SKIP',
    '6 case1 FAIL',
    '6 case2 SKIP',
    '3 case2 SKIP',
    '4 case1 FAIL',
    '2 case1 FAIL',
  ]);
  expect(found.at(-1).end).toMatchObject({ results: 7, jobs: 5 });
  expect(err).toMatch(/^7 results of 5 jobs\ncoverage is incomplete as of .*: alpha PENDING\n$/);
});

test('a file is there once it is whole, and not at all when the filter is wrong', async () => {
  const folder = await archive();
  const file = join(folder, 'out.csv');

  expect((await basalt(folder, '-o', file, 'job=6')).code).toBe(78);
  expect(existsSync(file)).toBe(false);
  expect(await basalt(folder, '-o', file, 'source=alpha', 'job=6')).toMatchObject({ code: 0, out: '' });
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(rows).toHaveLength(6);
  expect(rows[1]).toMatch(/^alpha,6,.*,lava,,case0,0,PASS,1\.5000000000,seconds,0,3,/);
  expect(existsSync(`${file}.part`)).toBe(false);
});

test('a file that ends in .xml is JUnit, as is --format junit', async () => {
  const folder = await archive();
  const file = join(folder, 'out.xml');

  expect(await basalt(folder, '-o', file, 'source=alpha', 'job=6')).toMatchObject({ code: 0, out: '' });
  const { out } = await basalt(folder, '--format', 'junit', 'source=alpha', 'job=6');
  const withoutAge = (text: string) => text.replace(/as of [^;]*/, '');
  expect(withoutAge(readFileSync(file, 'utf8'))).toBe(withoutAge(out));
  expect(out).toMatch(/<testsuite name="alpha\/6\/lava" [^>]*tests="\d" /);
  expect(out).toMatch(/<!-- end: 4 results of 1 jobs; .* -->\n<\/testsuites>\n$/);
});

test.each([
  [['nonsense'], /"nonsense" is no NAME=VALUE/],
  [['nonsense=1'], /nonsense: not among source/],
  [['--format', 'xml'], /"xml" is no format: write ndjson, csv, junit, parquet/],
  [['source=alpha', 'job=77'], /alpha has no job 77/],
])('%j is refused in words', async (args, words) => {
  const { code, err } = await basalt(await archive(), ...args);

  expect(code).toBe(78);
  expect(err).toMatch(words);
});

test('a reader that has had enough ends it quietly', async () => {
  const folder = await archive();
  const env = { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder };
  const child = spawn(process.execPath, [entry, 'export'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const errors: string[] = [];
  child.stderr.on('data', (data) => errors.push(String(data)));

  expect((await once(child, 'close'))[0]).toBe(0);
  expect(errors.join('')).not.toContain('EPIPE');
});
