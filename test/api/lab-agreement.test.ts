/** Do the labs agree: against the same worked out in memory, against the marks of the matrix, and what it costs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGREEMENTS, type Agreement, isOf } from '#analysis/agreement.ts';
import type { TestResult } from '#schema/records.ts';
import { addBuildJob } from './build-world.ts';
import { cellsOf, type Job, jobArbitrary, LABS, writeAll } from './lab-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

type Row = {
  suite: string;
  name: string;
  environment: { name: string };
  results: (TestResult | null)[];
  agree: boolean;
  labs: { source: { slug: string }; result: TestResult; testCase: { name: string; result: TestResult } | null }[];
};
type Counts = { testCount: number; conflicts: number; agreeing: number };
type Answer = Counts & {
  sources: { slug: string }[];
  quorumFailures: number;
  unconfirmed: number;
  pairs: (Counts & { a: { slug: string }; b: { slug: string } })[];
  rows: Row[];
  tests: { totalCount: number; nodes: Row[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
};

const QUERY = `query ($project: String!, $version: String!, $quorum: Int, $show: AgreementShow, $first: Int, $after: String, $scope: ScopeInput) {
  labAgreement(project: $project, version: $version, quorum: $quorum, scope: $scope) {
    sources { slug } testCount conflicts agreeing quorumFailures unconfirmed
    pairs { a { slug } b { slug } testCount agreeing conflicts }
    rows(show: $show) { ...row }
    tests(first: $first, after: $after, show: $show) { totalCount nodes { ...row } pageInfo { hasNextPage endCursor } }
  }
}
fragment row on AgreementRow { suite name environment { name } results agree labs { source { slug } result testCase { name result } } }`;

async function ask(server: Server, variables: object, token?: string): Promise<Answer> {
  const data = await server.data<{ labAgreement: Answer }>(QUERY, {
    variables: { project: 'mainline', version: 'v1', ...variables },
    token,
  });
  return data.labAgreement;
}

type Expected = { suite: string; name: string; type: string; results: Map<string, TestResult> };

/** Tests on device types that two labs ran at least, by what they come to in each. */
function expectedRows(jobs: readonly Job[]): Expected[] {
  return cellsOf(jobs, 'v2').flatMap(({ name: suite, type, labs }) =>
    ['a', 'b', 'c'].flatMap((name) => {
      const said = [...labs].flatMap(([slug, { newest }]) => {
        const result = newest.get(name);
        return result ? [[slug, result] as const] : [];
      });
      return said.length > 1 ? [{ suite, name, type, results: new Map(said) }] : [];
    }),
  );
}

function isAmong(show: Agreement, { results }: Expected, quorum: number): boolean {
  const of = (wanted: TestResult) => [...results.values()].filter((result) => result === wanted).length;
  return isOf(show, { ran: results.size, pass: of('PASS'), fail: of('FAIL') }, quorum);
}

const inWords = (suite: string, name: string, type: string, results: readonly (readonly [string, TestResult])[]) =>
  `${suite}/${name} ${type}: ${results.map(([slug, result]) => `${slug} ${result}`).join(', ')}`;

const expectedWords = (rows: readonly Expected[]) =>
  rows.map(({ suite, name, type, results }) => inWords(suite, name, type, [...results].sort())).sort();

function words(row: Row, sources: Answer['sources']): string {
  const results = sources.flatMap(({ slug }, i) => {
    const result = row.results[i];
    return result ? [[slug, result] as const] : [];
  });
  expect(row.labs.map(({ source, result }) => [source.slug, result])).toEqual(results);
  for (const { result, testCase } of row.labs) expect(testCase).toEqual({ name: row.name, result });
  return inWords(row.suite, row.name, row.environment.name, results);
}

test('rows, counts and pairs are those of the visible jobs, and cells that disagree are those the matrix marks', {
  timeout: 300_000,
}, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(jobArbitrary, { minLength: 4, maxLength: 16 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      async (jobs, isAdmin, quorum, size) => {
        const slug = `p${project++}`;
        await writeAll(server, slug, jobs, (n) => `${project}${String(n).padStart(4, '0')}`);
        const visible = jobs.filter((job) => isAdmin || job.isPublic);
        if (!visible.some(({ build }) => build === 'v2')) return;
        const token = isAdmin ? 'root-token' : undefined;
        const build = { project: slug, version: 'v2', quorum };
        const expected = expectedRows(visible);
        const totalOf = (show: Agreement) => expected.filter((row) => isAmong(show, row, quorum)).length;

        const answer = await ask(server, build, token);
        expect(answer).toMatchObject({
          testCount: totalOf('ALL'),
          conflicts: totalOf('CONFLICTS'),
          agreeing: totalOf('AGREEING'),
          quorumFailures: totalOf('CONFIRMED'),
          unconfirmed: totalOf('UNCONFIRMED'),
        });
        for (const show of AGREEMENTS) {
          const found: Row[] = [];
          for (let after: string | null = null; ; ) {
            const { sources, rows, tests }: Answer = await ask(server, { ...build, show, first: size, after }, token);
            expect(tests.totalCount).toBe(totalOf(show));
            found.push(...tests.nodes);
            after = tests.pageInfo.endCursor;
            if (tests.pageInfo.hasNextPage) continue;
            expect(found).toEqual(rows);
            expect(found.map((row) => words(row, sources)).sort()).toEqual(
              expectedWords(expected.filter((row) => isAmong(show, row, quorum))),
            );
            break;
          }
        }
        for (const { a, b, ...counts } of answer.pairs) {
          const alone = await ask(server, { ...build, scope: { sources: [a.slug, b.slug] } }, token);
          const { testCount, agreeing, conflicts } = alone;
          expect(counts).toEqual({ testCount, agreeing, conflicts });
        }
        const { rows } = await ask(server, { ...build, show: 'CONFLICTS' }, token);
        const matrix = await server.data<{
          build: { matrix: { suite: string; environment: { name: string }; disagree: boolean }[] };
        }>(
          'query ($project: String!) { build(project: $project, version: "v2") { matrix { suite environment { name } disagree } } }',
          { variables: { project: slug }, token },
        );
        const cell = (one: { suite: string; environment: { name: string } }) => `${one.suite} ${one.environment.name}`;
        expect([...new Set(rows.map(cell))].sort()).toEqual(
          matrix.build.matrix
            .filter(({ disagree }) => disagree)
            .map(cell)
            .sort(),
        );
      },
    ),
    { numRuns: 25 },
  );
});

async function threeLabs(): Promise<Server> {
  const server = await startServer({ sources: LABS });
  await addBuildJob(server, {
    number: 1,
    build: 'v1',
    source: 'alpha',
    cases: { boot: 'P', usb: 'F', net: 'F', odd: 'F' },
  });
  await addBuildJob(server, {
    number: 2,
    build: 'v1',
    source: 'beta',
    cases: { boot: 'P', usb: 'F', net: 'P', odd: 'S' },
  });
  await addBuildJob(server, { number: 3, build: 'v1', source: 'gamma', cases: { boot: 'P', usb: 'F', alone: 'F' } });
  return server;
}

test('a failure that enough labs see is confirmed, and a test of one lab is no row', async () => {
  const server = await threeLabs();
  const names = async (variables: object) => (await ask(server, variables)).rows.map(({ name }) => name);

  expect(await names({ show: 'ALL' })).toEqual(['boot', 'usb', 'net', 'odd']);
  expect(await names({ show: 'CONFLICTS' })).toEqual(['net']);
  expect(await names({ show: 'CONFIRMED' })).toEqual(['usb']);
  expect(await names({ show: 'UNCONFIRMED' })).toEqual(['net', 'odd']);
  expect(await names({ show: 'AGREEING' })).toEqual(['boot', 'usb']);
  expect(await ask(server, { quorum: 1 })).toMatchObject({ quorumFailures: 3, unconfirmed: 0 });
  expect(await ask(server, { quorum: 4 })).toMatchObject({ quorumFailures: 0, unconfirmed: 3 });
});

test.each([
  [{ quorum: 0 }, 'BAD_USER_INPUT', '"quorum" is 0: ask for 1 to 100 labs.'],
  [{ version: 'v7' }, 'NOT_FOUND', 'There is no build "v7" of project "mainline".'],
])('%j is refused in words', async (variables, code, message) => {
  const server = await threeLabs();
  const { body } = await server.ask(QUERY, { variables: { project: 'mainline', version: 'v1', ...variables } });
  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code } });
});

test('what failures alone decide reads no suite without one, and no question reads a suite of one lab', async () => {
  const server = await threeLabs();
  const cost = async (fields: string) => {
    const query = `{ labAgreement(project: "mainline", version: "v1") { ${fields} } }`;
    await server.data(query);
    const before = server.store.statementCount();
    await server.data(query);
    return server.store.statementCount() - before;
  };
  const [conflicts, tests] = [await cost('conflicts quorumFailures unconfirmed'), await cost('testCount')];
  for (let i = 0; i < 8; i++) {
    for (const source of ['alpha', 'beta'])
      await addBuildJob(server, { number: 10 + i, build: 'v1', source, suite: `0_passes${i}`, cases: { a: 'P' } });
    await addBuildJob(server, { number: 30 + i, build: 'v1', suite: `0_alone${i}`, cases: { a: 'F', b: 'P' } });
  }

  expect(await cost('conflicts quorumFailures unconfirmed')).toBe(conflicts);
  expect(await cost('testCount')).toBe(tests + 8);
});
