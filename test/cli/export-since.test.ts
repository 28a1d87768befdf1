/** `basalt export --since`, as cron runs it: killed, run again, and run twice at once. */
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { openGrowing } from '#cli/remote/growing-file.ts';
import { hideJob } from '#store/hide-job.ts';
import { retire } from '#store/retention.ts';
import { getSyncState, saveSources } from '#store/write-source.ts';
import { addJob, startServer } from '../api/server.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { temporaryFolder, write } from '../store/temporary.ts';
import { remote } from './remote.ts';

type Of = { source: string; job: string; epoch: number; changedAt: string };
type Line = Of & { name?: string; result: string | null; project: string | null; removed?: Of };

const linesOf = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Passes requests on; the nth since `arm` is not answered, but heard. */
async function between(url: string) {
  let [left, heard] = [Number.POSITIVE_INFINITY, () => undefined as unknown];
  const server = createServer(async (request, response) => {
    left -= 1;
    if (left === 0) return heard();
    const body = await text(request);
    const answer = await fetch(`${url}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(n: number, hear: () => unknown) {
      [left, heard] = [n, hear];
    },
  };
}

test('killed before any of its requests, and run again: nothing is missing, nothing twice; then only what has changed', {
  timeout: 120_000,
}, async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const many = Array.from({ length: 150 }, (_, i) => (i % 2 ? 'PASS' : 'FAIL'));
  for (let n = 1; n <= 60; n++)
    await addJob(server, n % 2 ? 'alpha' : 'beta', n, {}, n % 25 === 20 ? many : n === 7 ? [] : undefined);
  const proxy = await between(server.url);
  const { home, run, start } = remote(proxy.url);
  const [calm, file] = [join(home, 'calm.ndjson'), join(home, 'killed.ndjson')];
  expect(await run('export', '--since', '@last', '-o', calm)).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^414 results of 60 jobs that are new or have changed; /),
  });

  const left: [size: number, kept: number][] = [];
  for (let n = 1; ; n++) {
    const child = start('export', '--since', '@last', '-o', file);
    proxy.arm(n, () => child.kill('SIGKILL'));
    await new Promise((resolve) => child.once('close', resolve));
    if (child.exitCode === 0) break;
    expect(child.signalCode).toBe('SIGKILL');
    left.push([statSync(file).size, JSON.parse(readFileSync(`${file}.cursor`, 'utf8')).bytes]);
  }
  proxy.arm(Number.POSITIVE_INFINITY, () => undefined);
  expect(left.length).toBeGreaterThanOrEqual(3);
  expect(left.some(([size, kept]) => size > kept)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(calm, 'utf8'));
  expect(existsSync(`${file}.lock`)).toBe(false);
  expect(linesOf(file).filter(({ job }) => job === '7')).toMatchObject([{ source: 'alpha', epoch: 0, result: null }]);

  await addJob(server, 'alpha', 61, {}, ['SKIP']);
  expect((await run('export', '--since', '@last', '-o', file)).err).toMatch(/^1 results of 1 jobs/);
  expect(linesOf(file).at(-1)).toMatchObject({ job: '61', name: 'case0', result: 'SKIP' });
  expect(await run('export', '--since', '@last', '-o', file, 'result=FAIL')).toMatchObject({
    code: 2,
    err: expect.stringContaining('name another file'),
  });
  const fails = join(home, 'fails.ndjson');
  expect(await run('export', '--since', '2026-01-01', '-o', fails, 'result=FAIL', 'source=beta')).toMatchObject({
    code: 0,
  });
  expect(new Set(linesOf(fails).map(({ source, result }) => `${source} ${result}`))).toEqual(new Set(['beta FAIL']));
});

/** What a copy holds that takes each line as the page says: of each job the newest lines. */
function copyOf(path: string): Map<string, { changedAt: string; lines: number }> {
  const copy = new Map<string, { changedAt: string; lines: number }>();
  for (const line of linesOf(path)) {
    const { source, job, epoch, changedAt } = line.removed ?? line;
    const key = `${source}/${job}/${epoch}`;
    const before = copy.get(key);
    if (line.removed) copy.delete(key);
    else if (before?.changedAt === changedAt) before.lines += 1;
    else copy.set(key, { changedAt, lines: 1 });
  }
  return copy;
}

test('killed before any of its requests, jobs that are gone are told once, and a copy of the file is what may be seen', {
  timeout: 120_000,
}, async () => {
  let clock = 1_790_000_000_000_000 + 61_000_000;
  const server = await startServer({ sources: ['alpha', 'beta'], now: () => clock });
  const mainline = { metadata: { 'git-tree': 'next', 'git-describe': 'v1', 'git-branch': 'master' } };
  for (let n = 1; n <= 8; n++) await addJob(server, n % 2 ? 'alpha' : 'beta', n, n > 6 ? mainline : {});
  const proxy = await between(server.url);
  const { home, run, start } = remote(proxy.url);
  const [file, next] = [join(home, 'all.ndjson'), join(home, 'next.ndjson')];
  for (const [path, ...filter] of [[file], [next, 'project=next']] as const)
    await run('export', '--since', '@last', '-o', path, ...filter);
  expect(new Set(linesOf(next).map(({ project }) => project))).toEqual(new Set(['next']));

  const { writer } = server;
  const alpha = (await getSyncState(writer, 'alpha')) ?? expect.fail();
  const beta = (await getSyncState(writer, 'beta')) ?? expect.fail();
  const at = clock;
  for (const n of [1, 3, 7]) await writer.transaction(() => hideJob(writer, alpha, String(n), at + n));
  await write(writer, 'alpha', changeOf(jobOf({ externalId: '3', submitAt: 1_780_000_003_000_000 }), []), at + 10);
  await retire(writer, beta.id, { rollups: 1 }, () => at + 20);
  clock += 61_000_000;
  for (let n = 1; ; n++) {
    const child = start('export', '--since', '@last', '-o', file);
    proxy.arm(n, () => child.kill('SIGKILL'));
    await new Promise((resolve) => child.once('close', resolve));
    if (child.exitCode === 0) break;
  }
  proxy.arm(Number.POSITIVE_INFINITY, () => undefined);
  const removed = linesOf(file).flatMap((line) => (line.removed ? [line.removed] : []));
  expect(removed.map(({ source, job }) => `${source}/${job}`)).toEqual([
    'alpha/1',
    'alpha/7',
    'beta/2',
    'beta/4',
    'beta/6',
    'beta/8',
  ]);
  expect(removed[0]).toEqual({ source: 'alpha', job: '1', epoch: 0, changedAt: toInstant(at + 1) });
  expect([...copyOf(file)].map(([key, { lines }]) => `${key} ${lines}`).sort()).toEqual(['alpha/3/0 1', 'alpha/5/0 2']);

  expect((await run('export', '--since', '@last', '-o', next, 'project=next')).err).toContain('; 6 jobs are gone; ');
  expect([...copyOf(next).keys()]).toEqual([]);
  await saveSources(writer, [settings('alpha', { visibility: 'INTERNAL' }), settings('beta')]);
  expect(await run('export', '--since', '@last', '-o', file)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/begin anew.*\n.*all\.ndjson cannot go on: name another file/),
  });
});

test('what was not committed is cut off; a file of something else is left alone, and so is one that is being written', () => {
  const path = join(temporaryFolder(), 'out');
  const first = openGrowing(path, 'a', null);
  first.append('one\n');
  first.commit('c1');
  expect(() => openGrowing(path, 'a', null)).toThrow(`process ${process.pid} writes`);
  first.append('half');
  first.close();
  const second = openGrowing(path, 'a', null);
  expect(second.place.cursor).toBe('c1');
  second.append('zwei ä\n');
  second.commit('c2');
  second.close();
  expect(readFileSync(path, 'utf8')).toBe('one\nzwei ä\n');
  expect(() => openGrowing(path, 'b', null)).toThrow('is of a, not of b');
  expect(() => openGrowing(path, 'a', '2026-01-01T00:00:00.000Z')).toThrow('has begun');
  const other = join(temporaryFolder(), 'other');
  appendFileSync(other, 'mine\n');
  expect(() => openGrowing(other, 'a', null)).toThrow('is there, and');
  expect(() => openGrowing(join(other, 'below'), 'a', null)).toThrow('cannot be written');
});
