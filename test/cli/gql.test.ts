/** `basalt gql`, as a script runs it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { nextPage, pagedField } from '#cli/remote/pages.ts';
import { addressOf } from '#cli/remote/server.ts';
import { variablesOf } from '#cli/remote/variables.ts';
import { addJob, startServer } from '../api/server.ts';
import { nobody, remote } from './remote.ts';

const PAGED = `query ($after: String, $sources: [String!], $hasFailures: Boolean) {
  jobs(first: 2, after: $after, filter: { hasFailures: $hasFailures, scope: { sources: $sources } }) {
    nodes { externalId } pageInfo { hasNextPage endCursor } } }`;

test('an answer is a line of JSON, its pages a line each; what a visitor may not is said, with code 1', {
  timeout: 180_000,
}, async () => {
  const server = await startServer({
    sources: ['alpha', 'beta'],
    access: [{ login: 'ci', token: 'sesame', teams: [], role: 'viewer' }],
  });
  for (const n of [1, 2, 3]) await addJob(server, 'alpha', n);
  await addJob(server, 'beta', 4);
  const { home, run, given } = remote(server.url);

  expect(await run('gql', '{ jobs { totalCount } viewer { login } }')).toEqual({
    code: 0,
    out: '{"data":{"jobs":{"totalCount":4},"viewer":{"login":null}}}\n',
    err: '',
  });
  const file = join(home, 'jobs.graphql');
  writeFileSync(file, PAGED);
  const pages = await run('gql', '--file', file, '--paginate', '--var', 'sources=alpha', '--var', 'hasFailures=true');
  const numbers = pages.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).data.jobs.nodes.map((one: { externalId: string }) => one.externalId));
  expect([pages.code, numbers]).toEqual([0, [['3', '2'], ['1']]]);

  expect(await given('{ accounts { totalCount } jobs(first: 2000) { totalCount } }', 'gql', '-')).toEqual({
    code: 1,
    out: '',
    err: expect.stringContaining('"first" is 2000: a page holds at most 200'),
  });
  const withToken = remote(null, { BASALT_TOKEN: 'sesame' });
  const who = await withToken.run('gql', '{ viewer { login } }', '--url', `${server.url}/graphql`);
  expect(JSON.parse(who.out).data.viewer.login).toBe('ci');
  const unknown = await remote(server.url, { BASALT_TOKEN: 'open' }).run('gql', '{ viewer { login } }');
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('The token is not known here') });
});

test('who does not answer, or is no Basalt, is 3; what is mistyped is 2', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const nowhere = await nobody();
  const { run } = remote(nowhere);
  expect(await run('gql', '{ meta { version } }')).toMatchObject({
    code: 3,
    err: `${nowhere} does not answer: ECONNREFUSED\n`,
  });
  expect(await run('gql', '{ meta { version } }', '--url', `${server.url}/nowhere`)).toMatchObject({
    code: 3,
    err: expect.stringContaining('is it a Basalt?'),
  });
  expect(await run('gql', '{ meta { version }')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^the query, line 1, column 19: /),
  });
});

test('an address is that of the server or of its API, below a path or not', () => {
  expect(
    ['http://h:1', 'http://h:1/graphql', 'https://h/lab/', 'https://h/lab/graphql'].map((one) => addressOf(one).href),
  ).toEqual(['http://h:1/', 'http://h:1/', 'https://h/lab/', 'https://h/lab/']);
  expect(() => addressOf('h:1')).toThrow(/is no address of a Basalt/);
});

test('a variable is what the query says it is', () => {
  const document = parse('query ($a: Int!, $b: String, $c: [TestResult!]!, $d: JobFilter, $e: [Int!]) { x }');
  expect(variablesOf(document, ['a=5', 'b=612', 'c=FAIL', 'd={"build": "v1"}', 'e=[1, 2]'])).toEqual({
    a: 5,
    b: '612',
    c: ['FAIL'],
    d: { build: 'v1' },
    e: [1, 2],
  });
  expect(() => variablesOf(document, ['a=five'])).toThrow('--var a: five is not JSON');
  expect(() => variablesOf(document, ['z=1'])).toThrow('declares no variable $z; it declares $a, $b');
  expect(() => variablesOf(document, ['a'])).toThrow('is no NAME=VALUE');
});

test('the list that is paged is the one with $after, under its own name', () => {
  const INFO = 'nodes { id } pageInfo { hasNextPage endCursor }';
  const path = pagedField(
    parse(`query ($after: String) { lab: source(slug: "a") { runs: syncRuns(after: $after) { ${INFO} } } }`),
  );
  expect(path).toEqual(['lab', 'runs']);
  const answer = (hasNextPage: boolean) => ({ lab: { runs: { pageInfo: { hasNextPage, endCursor: 'x' } } } });
  expect([answer(true), answer(false), { lab: null }].map((data) => nextPage(data, path))).toEqual(['x', null, null]);
  expect(() => nextPage({ lab: [answer(true).lab] }, path)).toThrow('in each of a list');
  expect(() => pagedField(parse('{ jobs { nodes { id } } }'))).toThrow('0 fields have "after: $after"');
  expect(() => pagedField(parse('query ($after: String) { jobs(after: $after) { nodes { id } } }'))).toThrow(
    'lacks its pageInfo',
  );
});
