/** Results as a stream: what is in it, who may have it, and how it ends. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createWriter } from '#api/export-format.ts';
import { ANONYMOUS } from '#schema/viewer.ts';
import { listNamedJobs } from '#store/job-head.ts';
import { listJobCases } from '#store/test-case.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { addJob, type Server, startServer } from './server.ts';

const ROOT = { login: 'root', token: 'secret', teams: [], role: 'admin' as const };

async function ask(server: Server, path: string, token?: string) {
  const response = await fetch(`${server.url}/export/results.${path}`, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const LINES = { withMetadata: false, origin: '', tellsJobs: false };

type Line = Record<string, unknown> & { end?: { results: number; jobs: number; jobsWithoutResults: number } };

async function lines(server: Server, query: string, token?: string): Promise<Line[]> {
  const { status, text } = await ask(server, `ndjson${query}`, token);
  expect(status).toBe(200);
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** Cells of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1) value += text[at];
      at += 1;
    } else while (at < text.length && !',\n'.includes(text[at] ?? '')) value += text[at++];
    rows.at(-1)?.push(value);
    if (text[at] === '\n' && at + 1 < text.length) rows.push([]);
    at += 1;
  }
  return rows;
}

test('every line is a result of the list of the API, in its order, and the last says how many there were', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let n = 1; n <= 8; n++) await addJob(server, n % 2 ? 'alpha' : 'beta', n, {}, ['PASS', 'FAIL', 'SKIP']);
  const filter = '{result: [FAIL, SKIP], job: {scope: {sources: ["alpha"]}}}';
  const { testCases } = await server.data<{ testCases: { nodes: object[] } }>(
    `{ testCases(filter: ${filter}) { nodes { suite set name occurrence result measurement units startLogLine endLogLine loggedAt } } }`,
  );

  const found = await lines(server, '?source=alpha&result=FAIL&result=SKIP');

  expect(found.slice(0, -1)).toMatchObject(testCases.nodes);
  expect(found[0]).toMatchObject({ source: 'alpha', job: '7', deviceType: 'qemu', device: 'alpha-board', build: 'v1' });
  expect(found.at(-1)?.end).toMatchObject({
    ...{ results: 8, jobs: 4, jobsWithoutResults: 0 },
    coverage: { complete: false, sources: [{ source: 'alpha', status: 'PENDING', asOf: null, openGaps: 0 }] },
  });
});

test('a build, a job with its steps, a period and failures are each what was asked for', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (let n = 1; n <= 3; n++) {
    await addJob(server, 'alpha', n, { metadata: { 'git-tree': 'mainline', 'git-describe': `v${n}` } });
  }
  const step = { externalId: 1, name: 'job', set: null, setExternalId: null, result: 'FAIL' as const };
  const detail = { measurement: null, unit: null, startLogLine: null, endLogLine: null, loggedAt: null };
  const cases = [{ ...step, ...detail, metadata: 'case: job\n' }];
  const job = jobOf({ externalId: '4', healthCheck: true, submitAt: 1_770_000_000_000_000 });
  await write(server.writer, 'alpha', changeOf(job, [{ externalId: 1, name: 'lava', isSteps: true, cases }]));
  const jobsOf = async (query: string) => (await lines(server, query)).slice(0, -1).map((line) => line.job);

  expect(await jobsOf('?project=mainline&build=v2')).toEqual(['2', '2']);
  expect(await jobsOf('?result=FAIL')).toEqual(['3', '2', '1']);
  expect(await jobsOf('?healthChecks=true&suite=lava')).toEqual(['4']);
  expect(await jobsOf('?source=alpha&job=4')).toEqual(['4']);
  expect(await jobsOf('?since=2026-01-01T00:00:00Z&until=2026-05-28T20:26:42Z')).toEqual(['1', '1']);
  expect((await lines(server, '?source=alpha&job=4&withMetadata=true'))[0]).toMatchObject({ metadata: 'case: job\n' });
});

test('S-03: of what a viewer may not see there is no line, no count and no word', async () => {
  const server = await startServer({ sources: ['alpha'], access: [ROOT] });
  await addJob(server, 'alpha', 1);
  await addJob(server, 'alpha', 2, { isPublic: false });

  expect((await lines(server, '')).map(({ job, end }) => job ?? end?.results)).toEqual(['1', '1', 2]);
  expect((await lines(server, '', 'secret')).at(-1)?.end?.results).toBe(4);
  const [hidden, absent] = [await ask(server, 'csv?source=alpha&job=2'), await ask(server, 'csv?source=alpha&job=9')];
  expect([hidden.status, hidden.text.replace('2', '9')]).toEqual([absent.status, absent.text]);
  expect(absent.status).toBe(404);
  expect((await ask(server, 'csv?source=alpha&job=2', 'secret')).status).toBe(200);
});

test.each([
  ['nonsense=1', /nonsense: not among source, label, job/],
  ['result=GOOD', /result: Invalid option: expected one of "PASS"/],
  ['build=v1', /"build" needs "project"/],
  ['job=1', /"job" needs one "source"/],
  ['source=a&source=b&job=1', /"job" needs one "source"/],
  ['since=yesterday', /since: "yesterday" is no instant/],
  ['metadata=tree', /metadata: "tree" is no KEY=VALUE/],
  ['suite=a&suite=b', /suite: too many values/],
])('%s is refused in words', async (query, words) => {
  const server = await startServer({ sources: ['alpha'] });
  const { status, text } = await ask(server, `csv?${query}`);

  expect(status).toBe(400);
  expect(JSON.parse(text).errors[0].message).toMatch(words);
});

test('a file to save, with what it covers said ahead', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1);
  const { headers, text } = await ask(server, 'csv?project=mainline&build=v1');

  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(headers.get('content-disposition')).toBe('attachment; filename="results-mainline-v1.csv"');
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(JSON.parse(headers.get('x-basalt-coverage') ?? '')).toEqual({ complete: false, asOf: '1970-01-01T00:00:00Z' });
  const [head, ...rows] = parseCsv(text);
  expect(head?.slice(0, 2)).toEqual(['source', 'job']);
  expect(rows.slice(0, -1).map((row) => row.length)).toEqual([head?.length, head?.length]);
  expect(rows.at(-1)?.[0]).toMatch(/^# end: 2 results of 1 jobs; .* coverage incomplete .* alpha is PENDING/);
});

test('S-35, T-18: any text comes back from CSV, and none is a formula; a negative number stays one', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1);
  const page = { limit: 1, after: null, before: null, backward: false };
  const {
    jobs: [job],
  } = await listNamedJobs(server.store, ANONYMOUS, {}, page);
  const [row] = (await listJobCases(server.store, ANONYMOUS, 1, {}, page)).rows;
  if (!job || !row) throw new Error('no case');
  const writer = createWriter('csv', LINES);
  const names = writer.head.trimEnd().split(',');
  const cellsOf = (name: string, measurement: string) => {
    const [cells = []] = parseCsv(writer.lines(job, [{ ...row, name, measurement }]));
    return [cells[names.indexOf('name')] ?? '', cells[names.indexOf('measurement')] ?? ''] as const;
  };
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'=+-@"\',;\t\r\n a1') }),
    fc.constantFrom('=1+1', '+1', '-x', '@a', '\t=1', '\uff1d1', '"', 'a\nb', '-1.5'),
  );
  fc.assert(
    fc.property(text, (name) => {
      const [cell] = cellsOf(name, '1.5000000000');
      expect([name, `'${name}`]).toContain(cell);
      if (!/^-?\d/.test(cell)) expect(cell).not.toMatch(/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/);
    }),
    { numRuns: 500 },
  );
  expect(cellsOf('a', '-1.5000000000')[1]).toBe('-1.5000000000');
  expect(cellsOf('a', '0E-10')[1]).toBe('0E-10');
});

async function addLargeJob(server: Server, number: number): Promise<void> {
  await addJob(server, 'alpha', number, {}, new Array<string>(40_000).fill('PASS'));
}

test('a stream that breaks has no last line and does not end well', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addLargeJob(server, 1);
  await server.writer.store.sql.run('UPDATE job_detail SET codec = 99 WHERE first > 20000');

  const response = await fetch(`${server.url}/export/results.ndjson`);
  const parts: string[] = [];
  const read = async () => {
    for await (const part of response.body ?? []) parts.push(Buffer.from(part).toString());
  };

  expect(response.status).toBe(200);
  await expect(read()).rejects.toThrow();
  expect(parts.join('')).not.toContain('"end"');
});

test('whoever does not read holds the work up, whoever goes away ends it, and few run at once', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (let n = 1; n <= 3; n++) await addLargeJob(server, n);
  const open = async (): Promise<IncomingMessage> => {
    const request = get(`${server.url}/export/results.ndjson`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  const statements = () => server.store.statementCount();
  await lines(server, '');
  const before = statements();
  await lines(server, '');
  const whole = statements() - before;

  const running: IncomingMessage[] = [];
  for (let i = 0; i < 4; i++) running.push(await open());
  expect(running.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  const fifth = await open();
  expect([fifth.statusCode, fifth.headers['retry-after']]).toEqual([429, '30']);
  fifth.resume();
  // 45 MB each is more than sockets hold: none has come to the last job.
  expect((await quiet(statements)) - before - whole).toBeLessThan(4 * whole);

  for (const response of running) response.destroy();
  await vi.waitFor(async () => {
    const again = await open();
    again.destroy();
    expect(again.statusCode).toBe(200);
  });
});

/** The number once it has come twice in a row, a turn of the clock apart. */
async function quiet(read: () => number): Promise<number> {
  let before = -1;
  await vi.waitFor(
    () => {
      const now = read();
      const same = now === before;
      before = now;
      expect(same).toBe(true);
    },
    { interval: 200, timeout: 10_000 },
  );
  return before;
}
