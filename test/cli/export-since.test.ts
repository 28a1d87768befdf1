/** `basalt export --since`, as cron runs it: killed, run again, and run twice at once. */
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openGrowing } from '#cli/remote/growing-file.ts';
import { addJob, startServer } from '../api/server.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { remote } from './remote.ts';

type Line = { source: string; job: string; epoch: number; changedAt: string; name?: string; result: string | null };

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
