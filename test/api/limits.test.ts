import { describe, expect, test } from 'vitest';
import { addJob, startServer } from './server.ts';

describe('a wrong query gets a precise error and never a 500', () => {
  const codeOf = async (query: string, variables?: object) => {
    const server = await startServer({ sources: ['alpha'] });
    await addJob(server, 'alpha', 1);
    const { status, body } = await server.ask(query, { variables });
    expect(status).toBeLessThan(500);
    return `${body.errors?.[0]?.extensions?.code}: ${body.errors?.[0]?.message}`;
  };

  test.each([
    ['{ jobs(first: 201) { totalCount } }', /BAD_USER_INPUT: "first" is 201: a page holds at most 200/],
    ['{ jobs(first: -1) { totalCount } }', /BAD_USER_INPUT: "first" is -1/],
    ['{ jobs(first: 1, last: 1) { totalCount } }', /BAD_USER_INPUT: Ask for "first" or for "last"/],
    ['{ jobs(after: "nonsense") { totalCount } }', /BAD_USER_INPUT: "after" is no cursor of this list/],
    ['{ jobs(filter: {build: "v1"}) { totalCount } }', /BAD_USER_INPUT: "build" needs "project"/],
    ['{ jobs(filter: {state: [DONE]}) { totalCount } }', /Value "DONE" does not exist in "JobState" enum/],
    ['{ jobs(filter: {scope: {since: "yesterday"}}) { totalCount } }', /"yesterday" is no instant/],
    ['{ nonsense }', /Cannot query field "nonsense"/],
    [
      '{ jobs { nodes { log(limit: 100000) { totalLines } } } }',
      /ask from line 0 on, for at most 5000|QUERY_TOO_COSTLY/,
    ],
    [
      '{ jobs(first: 200) { nodes { testCases(first: 200) { nodes { name result } } } } }',
      /QUERY_TOO_COSTLY: The query costs 120\d{3}; 50000 are allowed/,
    ],
    [
      `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: meta { version }`).join(' ')} }`,
      /TOO_MANY_ALIASES: The query has 31 aliases; 30 are allowed/,
    ],
    [
      `{ jobs(first: 1) { nodes { ${'device { jobs(first: 1) { nodes { '.repeat(5)}id${' } } }'.repeat(5)} } } }`,
      /QUERY_TOO_DEEP: The query is 18 levels deep/,
    ],
  ])('%s', async (query, wanted) => {
    expect(await codeOf(query)).toMatch(wanted);
  });

  test('variables count as what they are', async () => {
    const query = 'query ($n: Int!) { jobs(first: $n) { nodes { testCases(first: $n) { nodes { name } } } } }';

    expect(await codeOf(query, { n: 200 })).toMatch(/QUERY_TOO_COSTLY/);
    expect(await codeOf(query, { n: 3 })).toBe('undefined: undefined');
  });

  test('what @skip leaves out costs nothing', async () => {
    const query =
      'query ($no: Boolean!) { meta { version } jobs(first: 200) @skip(if: $no) { nodes { testCases(first: 200) { nodes { name } } } } }';

    expect(await codeOf(query, { no: true })).toBe('undefined: undefined');
    expect(await codeOf(query, { no: false })).toMatch(/QUERY_TOO_COSTLY/);
  });
});

test('every answer says what it cost', async () => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask('{ meta { version } }');

  expect(body.extensions).toEqual({ cost: { requested: 2 } });
});

test('a body over 64 kB, a form and a request to change things by GET are refused', async () => {
  const { url } = await startServer({ sources: ['alpha'] });
  const post = (type: string, body: string) =>
    fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body });

  expect(
    (await post('application/json', JSON.stringify({ query: `{ meta { version } } #${'x'.repeat(70_000)}` }))).status,
  ).toBe(413);
  expect((await post('application/x-www-form-urlencoded', 'query={meta{version}}')).status).toBe(415);
  expect((await post('application/json', '[{"query":"{meta{version}}"}]')).status).toBe(400);
  expect((await post('application/json', '{"query":')).status).toBe(400);
});
