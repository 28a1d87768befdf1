/** Results as JUnit XML: well formed whatever they are called, and what the lab broke is no failure of a test. */
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { createWriter } from '#api/export-format.ts';
import { HELD_CASES } from '#api/export-junit.ts';
import { xmlComment, xmlText } from '#api/xml.ts';
import type { NamedJob } from '#store/job-head.ts';
import type { TestCaseRow } from '#store/test-case.ts';
import { addJob, startServer } from './server.ts';

type Element = { name: string; attributes: Record<string, string>; text: string; children: Element[] };

/** Strict: anything that is not well formed throws. */
function parse(text: string): Element {
  const top: Element = { name: '', attributes: {}, text: '', children: [] };
  const open = [top];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, text: '', children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (piece) => {
    const element = open.at(-1);
    if (element) element.text += piece;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  const [root] = top.children;
  if (!root) throw new Error('no element');
  return root;
}

/** What both schemas ask of a suite: the order of its parts, its attributes, and that it counts what it holds. */
function expectValid(root: Element): void {
  expect(root.name).toBe('testsuites');
  for (const [i, suite] of root.children.entries()) {
    const { id, tests, failures, errors, skipped, timestamp, hostname, package: of, name, time } = suite.attributes;
    const cases = suite.children.filter((child) => child.name === 'testcase');
    expect(suite.children.map((child) => child.name)).toEqual([
      'properties',
      ...cases.map(() => 'testcase'),
      'system-out',
      'system-err',
    ]);
    const holding = (kind: string) => cases.filter(({ children }) => children[0]?.name === kind).length;
    expect([tests, failures, errors, skipped, id].map(Number)).toEqual([
      ...[cases.length, holding('failure'), holding('error'), holding('skipped'), i],
    ]);
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    for (const text of [hostname, of, name, time]) expect(text).toMatch(/\S/);
    for (const { attributes, children } of cases) {
      expect(Object.keys(attributes)).toEqual(['name', 'classname', 'time']);
      expect(children.length).toBeLessThan(2);
      for (const child of children.filter(({ name }) => name !== 'skipped'))
        expect(child.attributes.type).toMatch(/\w/);
    }
  }
}

async function fetchSuites(url: string, query = ''): Promise<Element> {
  const response = await fetch(`${url}/export/results.xml${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8']);
  const root = parse(await response.text());
  expectValid(root);
  return root;
}

const outcomesOf = ({ children }: Element) =>
  children.flatMap((child) => (child.name === 'testcase' ? [child.children[0]?.name ?? 'pass'] : []));

test('a suite a job and suite: a failure leads to its place in the log, what the lab broke is an error', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1, {}, ['PASS', 'FAIL', 'SKIP', 'UNKNOWN']);
  const broken = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', errorMessage: 'no power' };
  await addJob(server, 'alpha', 2, broken, ['PASS', 'FAIL']);
  await addJob(server, 'alpha', 3, broken, []);

  const root = await fetchSuites(server.url);

  expect(root.children.map((suite) => [suite.attributes.name, outcomesOf(suite)])).toEqual([
    ['alpha/3/job', ['error']],
    ['alpha/2/0_smoke', ['pass', 'error']],
    ['alpha/2/job', ['error']],
    ['alpha/1/0_smoke', ['pass', 'failure', 'skipped', 'skipped']],
  ]);
  const [, , lost, first] = root.children;
  expect(lost?.children[1]?.children[0]?.attributes).toMatchObject({ type: 'INFRASTRUCTURE' });
  const [failed] = first?.children.flatMap(({ children }) => children.filter(({ name }) => name === 'failure')) ?? [];
  expect(failed?.attributes.message).toBe('case1: FAIL on alpha-board, alpha 1');
  expect(failed?.text).toBe(`${server.url}/jobs/alpha/1?line=1#L1`);
  const properties = Object.fromEntries(
    (first?.children[0]?.children ?? []).map(({ attributes: { name = '', value } }) => [name, value]),
  );
  expect(properties).toMatchObject({ source: 'alpha', job: '1', project: 'mainline', build: 'v1', deviceType: 'qemu' });
  expect(properties.url).toBe(`${server.url}/jobs/alpha/1`);
});

test('a filter of results is one: jobs are told where nothing but jobs is asked for', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addJob(server, 'alpha', 1, { health: 'INCOMPLETE', errorType: 'Infrastructure' }, ['PASS', 'FAIL']);

  const root = await fetchSuites(server.url, '?result=PASS');

  expect(root.children.map(outcomesOf)).toEqual([['pass']]);
});

const JOB: NamedJob = {
  ...{ id: 1, envId: 1, slug: 'alpha', epoch: 0, externalId: '1', submitAt: 1_780_000_000_000_000 },
  ...{ resultsRemovedAt: null, deviceType: 'qemu', device: 'a', project: null, build: null },
  ...{ health: 'COMPLETE', failureClass: 'NONE' },
};
const ROW: TestCaseRow = {
  ...{
    jobId: 1,
    slug: 'alpha',
    epoch: 0,
    jobExternalId: '1',
    submitAt: 0,
    externalId: 1,
    suite: '0_a',
    suiteExternalId: 1,
  },
  ...{ set: null, setExternalId: null, name: 'a', occurrence: 0, result: 'FAIL', measurement: null, units: null },
  ...{ startLogLine: null, endLogLine: null, loggedAt: null, template: null, ord: 0, position: 0 },
};
const OPTIONS = { withMetadata: true, origin: '', tellsJobs: true };
const SUMMARY = {
  ...{ results: 1, jobs: 1, jobsWithoutResults: 0 },
  coverage: { complete: true, asOf: 'a--b-', sources: [{ source: 'x--', status: 'FAILING', asOf: null, openGaps: 0 }] },
};

test('any text comes back, but for what no XML can hold', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...']]>&<"\'\t\r\n\0\u001b\ufffe\ud800a-') }),
  );
  fc.assert(
    fc.property(text, text, (name, suite) => {
      const writer = createWriter('junit', OPTIONS);
      const rows = [{ ...ROW, name, suite }];
      const root = parse(
        writer.head + writer.lines({ ...JOB, device: suite, build: name }, rows) + writer.end(SUMMARY),
      );
      const [found] = root.children[0]?.children.filter((child) => child.name === 'testcase') ?? [];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
      const clean = name.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
      expect(found?.attributes.name).toBe(clean);
    }),
    { numRuns: 300 },
  );
  expect(parse(`<a>${xmlText(']]>')}${xmlComment('a--->-')}</a>`).text).toBe(']]>');
});

test('a suite that is too long to be held goes on in another of its name', () => {
  const writer = createWriter('junit', OPTIONS);
  let text = writer.head;
  for (let n = 0; n <= HELD_CASES; n += 500)
    text += writer.lines(
      JOB,
      Array.from({ length: n === HELD_CASES ? 1 : 500 }, () => ROW),
    );
  const root = parse(text + writer.end(SUMMARY));

  expectValid(root);
  expect(root.children.map(({ attributes }) => [attributes.name, attributes.tests])).toEqual([
    ['alpha/1/0_a', String(HELD_CASES)],
    ['alpha/1/0_a', '1'],
  ]);
});

test('S-35: a cell that a spreadsheet would take for a formula begins with an apostrophe', () => {
  const writer = createWriter('csv', OPTIONS);
  const cellOf = (name: string) =>
    writer
      .lines(JOB, [{ ...ROW, name }])
      .split(',0_a,,')[1]
      ?.split(',0,FAIL')[0];

  for (const start of ['=', '+', '-', '@'])
    expect(cellOf(`${start}cmd|' /C calc'!A0`)).toBe(`'${start}cmd|' /C calc'!A0`);
  for (const start of ['\t', '\r', '\n']) expect(cellOf(`${start}=1`)).toMatch(new RegExp(`^"?'${start}=1"?$`));
  expect(cellOf('=HYPERLINK("http://x","a")')).toBe('"\'=HYPERLINK(""http://x"",""a"")"');
});
