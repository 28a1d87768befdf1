/** A job's results as one table: equal to the lists, or not used. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toPlaces } from '#adapters/lava/decimal.ts';
import { readExport } from '#adapters/lava/export.ts';
import { PythonNumber, readPythonLiteral } from '#adapters/lava/python-literal.ts';
import { toYaml } from '#adapters/lava/python-yaml.ts';
import { addJob, type FakeMaster, send, startMaster, testCase } from './fake-master.ts';
import { giveTables, repr } from './fake-rpc.ts';
import { openLava } from './open-lava.ts';

const context = { now: () => Date.now() * 1000, signal: new AbortController().signal };
let master: FakeMaster;
beforeEach(async () => {
  master = await startMaster();
});
afterEach(() => master.close());

const called = () => master.asked.filter(({ path }) => path === '/RPC2').length;
const listed = () => master.asked.filter(({ path }) => path.endsWith('/tests/') && !path.includes('/jobs/0/')).length;

async function readAll(adapter = openLava(master).adapter, from: string | null = null) {
  const changes = [];
  for await (const delta of adapter.changes(from, context)) changes.push(...delta.changes);
  return changes;
}

/** What is read of the jobs without the table. */
async function byLists() {
  master.rpc = null;
  return readAll();
}

function addRichJob(id: number): void {
  const job = addJob(master, id);
  const suite = id * 10;
  const cases = [
    {
      metadata: "case: a\nmeasurement: '1.5'\nresult: pass\nset: boot\n",
      test_set: 7,
      measurement: '1.5000000000',
      unit: 's',
    },
    { metadata: null, start_log_line: null, end_log_line: null },
    { metadata: 'case: it\'s "quoted"\nnested:\n  list:\n  - 1\n  - true\n  - null\n', result: 'fail' },
    { metadata: 'case: a\n', measurement: '-0.0000000010', name: 'a,"b"\nc <&> \u00e9' },
  ];
  for (const [i, more] of cases.entries()) job.tests.push(testCase(id * 1000 + 100 + i, suite, 'a', more));
  job.tests.push(
    testCase(id * 1000 - 1, suite - 1, 'job', {
      metadata: 'error_type: Infrastructure\nresult: fail\n',
      result: 'fail',
    }),
  );
}

test('the table is used once it was found equal to the lists, and says the same of every job', async () => {
  for (let id = 1; id <= 12; id++) addRichJob(id);
  const expected = await byLists();
  master.rpc = giveTables(undefined, { alone: true });
  const { adapter } = openLava(master);
  const { capabilities } = await adapter.probe(context);
  expect(capabilities).toContain('results-table');
  master.asked.length = 0;

  expect(await readAll(adapter)).toEqual(expected);
  // Three times it was asked for several at once, and answered none.
  expect(called()).toBe(3 + 12);
  expect(listed()).toBe(0);
  // The table and the log of each job; pages of the list, open jobs and boards are shared.
  expect(master.asked.length).toBeLessThanOrEqual(3 + 2 * 12 + 8);
  expect(master.unexpected).toEqual([]);
});

test('the job by which the ways are compared is read again the same to the letter', async () => {
  addRichJob(1);
  master.jobs.get(1)?.tests.push(
    testCase(1500, 10, 'quoted', {
      metadata: 'case: \'quoted\'\nresult: "pass"\n',
      start_log_line: 0,
      end_log_line: 0,
    }),
  );
  // The newest job tells nothing of the ways: the next that is read does.
  addJob(master, 2, {}, 0);
  master.rpc = giveTables();
  const { adapter } = openLava(master);
  await adapter.probe(context);
  const [before, beforeByLists] = [called(), listed()];
  const first = await adapter.job('1', context);
  expect([called() - before, listed() - beforeByLists]).toEqual([1, 1]);
  expect(await adapter.job('1', context)).toEqual(first);
  expect([called() - before, listed() - beforeByLists]).toEqual([2, 1]);
});

test.each(['', 'broken', '"job","suite"\n', '\n'])('an answer that has not the head of a table is none: %j', (csv) => {
  expect(readExport(csv, 1)).toBeNull();
});

test.each(['', 'out of memory'])('a job of which %j comes in place of a table is read by lists', async (instead) => {
  for (let id = 1; id <= 6; id++) addRichJob(id);
  const expected = await byLists();
  master.rpc = giveTables();
  const { adapter } = openLava(master);
  await adapter.probe(context);
  master.rpc = giveTables((csv) => (csv.includes('"4"') ? instead : csv));
  expect(await readAll(adapter)).toEqual(expected);
});

test('a source without a token, and a master without XML-RPC, are read by lists', async () => {
  addJob(master, 1);
  const { adapter } = openLava(master);
  await adapter.probe(context);
  await readAll(adapter);
  master.rpc = giveTables();
  const anonymous = openLava(master, { token: null }).adapter;
  await anonymous.probe(context);
  master.asked.length = 0;
  await readAll(anonymous);

  expect(called()).toBe(0);
  expect(listed()).toBe(1);
});

test.each<[string, (csv: string) => string]>([
  ['lacks a case', (csv) => csv.split('\n').toSpliced(1, 1).join('\n')],
  ['has another result', (csv) => csv.replace('"pass"', '"fail"')],
  ['breaks off', (csv) => csv.slice(0, -20)],
  ['is no table', () => 'Traceback (most recent call last):'],
  ['is of another job', (csv) => csv.replaceAll(/^"\d+"/gm, '"77"')],
])('a table that %s is not used', async (_, harm) => {
  for (let id = 1; id <= 6; id++) addRichJob(id);
  const expected = await byLists();
  master.rpc = giveTables(harm);
  const { adapter } = openLava(master);
  const { capabilities } = await adapter.probe(context);

  expect(capabilities).not.toContain('results-table');
  expect(await readAll(adapter)).toEqual(expected);
  expect(called()).toBeLessThanOrEqual(3);
});

test('a job whose table is not understood is read by lists, the others by their table', async () => {
  for (let id = 1; id <= 6; id++) addRichJob(id);
  master.jobs.get(3)?.tests.push(testCase(3500, 30, 'dated', { metadata: 'day: 2026-01-01\n' }));
  const expected = await byLists();
  master.rpc = giveTables();
  const { adapter } = openLava(master);
  await adapter.probe(context);
  master.asked.length = 0;

  expect(await readAll(adapter)).toEqual(expected);
  expect(master.asked.filter(({ path }) => path.endsWith('/3/tests/'))).toHaveLength(1);
  expect(listed()).toBe(1);
});

test('a suite without a case is there, of a job that broke off and of one that is complete', async () => {
  for (let id = 1; id <= 4; id++) addRichJob(id);
  const more = (id: number) => ({ id: id * 10 + 1, name: '1_empty', job: id });
  master.jobs.get(2)?.suites.push(more(2));
  Object.assign(master.jobs.get(2)?.row ?? {}, { health: 'Incomplete' });
  master.jobs.get(3)?.suites.push(more(3));
  master.jobs.get(3)?.tests.push(testCase(3600, 29, '1_empty'));
  const expected = await byLists();
  master.rpc = giveTables();
  const { adapter } = openLava(master);
  await adapter.probe(context);
  master.asked.length = 0;

  expect(await readAll(adapter)).toEqual(expected);
  expect(listed()).toBe(0);
  expect(master.asked.filter(({ path }) => path.endsWith('/suites/'))).toHaveLength(2);
});

test('XML-RPC that breaks costs no job', async () => {
  for (let id = 1; id <= 6; id++) addRichJob(id);
  const expected = await byLists();
  master.rpc = giveTables();
  const { adapter } = openLava(master);
  await adapter.probe(context);
  master.fault = ({ path }, response) => path === '/RPC2' && send(response, 500, 'Server Error');

  expect(await readAll(adapter)).toEqual(expected);
});

test('the token is struck out of what is told of a refused call', async () => {
  addJob(master, 1);
  master.rpc = giveTables();
  master.fault = ({ path, authorization }, response) =>
    path === '/RPC2' && send(response, 400, `bad ${authorization}`, { 'content-type': 'text/plain' });
  const { http } = openLava(master);
  const call = {
    body: '<?xml version="1.0"?><methodCall><methodName>results.get_testjob_results_csv</methodName><params><param><value><int>1</int></value></param></params></methodCall>',
    contentType: 'text/xml',
    user: 'reader',
  };

  await expect(http.post('RPC2', call, context)).rejects.toThrow(/bad Basic \[redacted\]/);
});

test('no other call leaves the machine', async () => {
  const { http } = openLava(master);
  for (const body of ['<methodCall><methodName>scheduler.cancel_job</methodName></methodCall>', '']) {
    await expect(http.post('RPC2', { body, contentType: 'text/xml', user: 'reader' }, context)).rejects.toThrow(
      'not a call',
    );
  }
  expect(master.asked).toHaveLength(0);
});

/** Comparable: what is read keeps a number as it was written. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return { number: String(value) };
  if (value instanceof PythonNumber) return { number: value.text };
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbersAsText(inner)]));
}

test.each([
  [
    "{'case': 'a', 'measurement': 16.0, 'count': 12345678901234567890, 'small': 1e-05}",
    'case: a\nmeasurement: 16.0\ncount: 12345678901234567890\nsmall: 1.0e-05\n',
  ],
  [
    "{'duration': '0.00', 'yes': 'true', 'on': True, 'none': None}",
    "duration: '0.00'\n'yes': 'true'\n'on': true\nnone: null\n",
  ],
  ["{'number0z': ['number', 1, {'a': 2}]}", 'number0z:\n- number\n- 1\n- a: 2\n'],
])('%s is written as a master writes it', (python, yaml) => {
  expect(toYaml(readPythonLiteral(python))).toBe(yaml);
});

describe('values as Python writes them', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0) && Number.isFinite(n)),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).any;

  test('are read back', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(numbersAsText(readPythonLiteral(repr(given)))).toEqual(numbersAsText(given));
      }),
    );
  });

  test.each(['', 'datetime.date(2026, 1, 1)', "{'a': b'x'}", '{1: 2}', "'open", "{'a' 1}", "['a'] x", 'nan'])(
    'what is no such value is refused: %s',
    (text) => {
      expect(() => readPythonLiteral(text)).toThrow(SyntaxError);
    },
  );
});

test.each([
  ['0E-10', '0.0000000000'],
  ['0.00', '0.0000000000'],
  ['16.0526000000000017564616427990', '16.0526000000'],
  ['-1.5', '-1.5000000000'],
  ['1E+3', '1000.0000000000'],
  ['0.00000000005', '0.0000000000'],
  ['0.00000000015', '0.0000000002'],
  ['None', null],
  ['1,5', null],
])('%s to ten places is %s', (text, expected) => {
  expect(toPlaces(text, 10)).toBe(expected);
});

test('a table of nothing has nothing, and one without its columns is none', () => {
  const head = 'job suite result measurement unit logged metadata name id log_start_line log_end_line'
    .split(' ')
    .join(',');
  expect(readExport(`${head}\n`, 1)).toEqual({ suites: [], cases: [] });
  expect(readExport('job,suite\n1,lava\n', 1)).toBeNull();
});

test('texts longer than a line are folded where PyYAML folds them', () => {
  expect(
    toYaml(
      readPythonLiteral(
        "{'case': 'job', 'definition': 'lava', 'error_msg': 'Invalid job data: [\"Resource unavailable at \\'https://builds.example/Image\\' (404)\"] 600', 'error_type': 'Job', 'result': 'fail'}",
      ),
    ),
  ).toBe(
    "case: job\ndefinition: lava\nerror_msg: 'Invalid job data: [\"Resource unavailable at ''https://builds.example/Image''\n  (404)\"] 600'\nerror_type: Job\nresult: fail\n",
  );
  expect(
    toYaml(
      readPythonLiteral(
        "{'case': 'job', 'error_msg': 'auto-login-action timed out after 300 seconds, and nothing was heard of the board since the kernel had begun', 'extra': {'inner': \"it's key: of the board that was heard of no more after the kernel had begun to say what it says  twice\"}, 'list': ['- of the board that was heard of no more after the kernel had begun to say what it says in the end']}",
      ),
    ),
  ).toBe(
    "case: job\nerror_msg: auto-login-action timed out after 300 seconds, and nothing was heard of\n  the board since the kernel had begun\nextra:\n  inner: 'it''s key: of the board that was heard of no more after the kernel had begun\n    to say what it says  twice'\nlist:\n- '- of the board that was heard of no more after the kernel had begun to say what\n  it says in the end'\n",
  );
});
