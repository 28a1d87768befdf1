import { describe, expect, test } from 'vitest';
import { toNodeId } from '#api/node-id.ts';
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
    ['{ jobs(filter: {branch: "main"}) { totalCount } }', /BAD_USER_INPUT: "branch" needs "project"/],
    ['{ jobs(filter: {state: [DONE]}) { totalCount } }', /Value "DONE" does not exist in "JobState" enum/],
    ['{ jobs(filter: {scope: {since: "yesterday"}}) { totalCount } }', /"yesterday" is no instant/],
    ['{ nonsense }', /Cannot query field "nonsense"/],
    [
      '{ jobs { nodes { log(limit: 100000) { totalLines } } } }',
      /ask from line 0 on, for at most 5000|QUERY_TOO_COSTLY/,
    ],
    [
      '{ jobs(first: 200) { nodes { testCases(first: 200) { nodes { name result } } } } }',
      /QUERY_TOO_COSTLY: The query costs 58250; 50000 are allowed/,
    ],
    ['{ builds: project(slug: "p") { builds(first: 60) { nodes { missingCount } } } }', /QUERY_TOO_COSTLY/],
    [
      `{ ${Array.from({ length: 7 }, (_, i) => `a${i}: regressions { nodes { name } }`).join(' ')} }`,
      /QUERY_TOO_COSTLY/,
    ],
    [
      `{ nodes(ids: ${JSON.stringify(Array.from({ length: 6 }, (_, i) => toNodeId('Regression', 'p', 'main', i, 's', 'n', 0, '', 't', 30, 0)))}) { id } }`,
      /BAD_USER_INPUT: 6 ids of regressions: ask for at most 5 at once/,
    ],
    [
      `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: meta { version }`).join(' ')} }`,
      /TOO_MANY_ALIASES: The query has 31 aliases; 30 are allowed/,
    ],
    [
      `{ jobs(first: 1) { nodes { ${'device { jobs(first: 1) { nodes { '.repeat(5)}id${' } } }'.repeat(5)} } } }`,
      /QUERY_TOO_DEEP: The query is 18 levels deep/,
    ],
  ])('S-21, S-22, S-23: %s', async (query, wanted) => {
    expect(await codeOf(query)).toMatch(wanted);
  });

  test('S-23: variables count as what they are', async () => {
    const query = 'query ($n: Int!) { jobs(first: $n) { nodes { testCases(first: $n) { nodes { name } } } } }';

    expect(await codeOf(query, { n: 200 })).toMatch(/QUERY_TOO_COSTLY/);
    expect(await codeOf(query, { n: 3 })).toBe('undefined: undefined');
  });

  test('a variable that is left out, or null, counts as the default of its field', async () => {
    const query = 'query ($n: Int) { jobs(first: 200) { nodes { log(limit: $n) { lines { text } } } } }';

    expect(await codeOf(query)).toMatch(/QUERY_TOO_COSTLY/);
    expect(await codeOf(query, { n: null })).toMatch(/QUERY_TOO_COSTLY/);
    expect(await codeOf(query, { n: 1 })).toBe('undefined: undefined');
  });

  test('what looks at all that fails for the few that are known is dear, and only then', async () => {
    const ask = (known: string) =>
      codeOf(`{ one: node(id: "x") { ...f } two: node(id: "y") { ...f } three: node(id: "z") { ...f } }
        fragment f on Build { failingTests(first: 1${known}) { nodes { name } } }`);

    expect(await ask('')).toBe('undefined: undefined');
    expect(await ask(', known: true')).toMatch(/QUERY_TOO_COSTLY/);
    expect(await ask(', knownIssue: 7')).toMatch(/QUERY_TOO_COSTLY/);
  });

  test('S-23: what @skip leaves out costs nothing', async () => {
    const query =
      'query ($no: Boolean!) { meta { version } jobs(first: 200) @skip(if: $no) { nodes { testCases(first: 200) { nodes { name } } } } }';

    expect(await codeOf(query, { no: true })).toBe('undefined: undefined');
    expect(await codeOf(query, { no: false })).toMatch(/QUERY_TOO_COSTLY/);
  });
});

describe('no way round the limits', () => {
  const server = () => startServer({ sources: ['alpha'] });
  const heavy = 'nodes { testCases(first: 200) { nodes { name } } }';

  test.each([
    ['a page size given as the default of a variable', `query ($n: Int = 200) { jobs(first: $n) { ${heavy} } }`],
    [
      '@include with a variable that is true by default',
      `query ($y: Boolean = true) { jobs(first: 200) @include(if: $y) { ${heavy} } }`,
    ],
    [
      'a connection whose fields are in a fragment',
      `{ jobs(first: 200) { ...F } } fragment F on JobConnection { ...G } fragment G on JobConnection { ${heavy} }`,
    ],
    ['a list by its default size', '{ jobs(first: 200) { nodes { log { lines { text } } } } }'],
  ])('%s is counted', async (_, query) => {
    const { status, body } = await (await server()).ask(query);

    expect(body.errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COSTLY');
    expect(status).toBeLessThan(500);
  });

  test('S-21: fragments that double themselves sixty times are measured at once', async () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(
      ' ',
    );
    const at = performance.now();

    const { body } = await (await server()).ask(`{ ...F0 } ${doubling} fragment F60 on Query { meta { version } }`);

    expect(performance.now() - at).toBeLessThan(5000);
    expect(body.errors?.[0]?.message).toMatch(/QUERY_TOO_COSTLY|The query costs/);
  });

  test('S-22: more than 2000 tokens are not even parsed', async () => {
    const { body } = await (await server()).ask(`{ ${'meta { version } '.repeat(600)} }`);

    expect(body.errors?.[0]?.message).toMatch(/2000 tokens/);
  });

  test('S-21: introspection goes round no circle', async () => {
    const { body } = await (await server()).ask(
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    );

    expect(body.errors?.[0]?.message).toMatch(/introspection depth/i);
  });

  test.each([
    [{ tags: Array.from({ length: 3000 }, () => 'a') }, /A list has 3000 values; 100 are allowed/],
    [{ description: 'x'.repeat(60_000) }, /A text has 60000 characters; 2000 are allowed/],
    [{ metadata: Array.from({ length: 1500 }, () => ({ key: '', value: '' })) }, /A list has 1500 values/],
  ])('a filter larger than the store can take is refused in words', async (filter, words) => {
    const { body } = await (await server()).ask('query ($f: JobFilter) { jobs(filter: $f) { totalCount } }', {
      variables: { f: filter },
    });

    expect(body.errors?.[0]?.message).toMatch(words);
    expect(body.errors?.[0]?.extensions?.code).toBe('TOO_MANY_VALUES');
  });
});

test('the attributions of a page of 51 failures are allowed, of 73 not', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const ask = (first: number) =>
    server.ask(
      `{ jobs(first: ${first}) { nodes { testCases(first: 1) { nodes { attribution { culprit probability evidence { text url } } } } } } }`,
    );

  expect((await ask(51)).body.errors).toBeUndefined();
  expect((await ask(73)).body.errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COSTLY');
});

test('every answer says what it cost', async () => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask('{ meta { version } }');

  expect(body.extensions).toEqual({ cost: { requested: 2, limit: 5_000_000, remaining: 4_999_998 } });
});

test('what a request would cost is told without running it, and is not counted', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'root', token: 'root-token', teams: [], role: 'admin' }],
    costPerMinute: 100,
  });
  const dry = async (query: string, variables: object = {}) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer root-token' },
      body: JSON.stringify({ query, variables, extensions: { dryRun: true } }),
    });
    return (await response.json()) as Awaited<ReturnType<typeof server.ask>>['body'];
  };
  const jobs = 'query ($first: Int) { jobs(first: $first) { nodes { id } } }';
  for (const first of [1, 200])
    expect(await dry(jobs, { first })).toEqual({
      data: null,
      extensions: { cost: { requested: expect.any(Number), limit: 100, remaining: 100 } },
    });
  const change = 'mutation { removeSource(input: {slug: "alpha"}) { userErrors { code } } }';
  expect((await dry(change)).data).toBeNull();
  expect(await server.data('{ source(slug: "alpha") { slug } }')).toEqual({ source: { slug: 'alpha' } });
  expect((await dry('{ nonsense }')).errors?.[0]?.message).toMatch(/Cannot query field/);
  const dear = 'query ($first: Int) { jobs(first: $first) { nodes { testCases(first: 10000) { nodes { id } } } } }';
  expect((await dry(dear, { first: 200 })).errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COSTLY');
});

test('S-24, S-36: a body over 64 kB, a form and a request to change things by GET are refused', async () => {
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
