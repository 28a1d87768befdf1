/** The matrix of a build and its failing tests against the same worked out in memory, and what they cost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestResult } from '#schema/records.ts';
import { type Cell, cellsOf, type Job, jobArbitrary, LABS, type Run, secondOf, writeAll } from './lab-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

function sum(cell: Cell | undefined, results: readonly TestResult[]): number {
  return [...(cell?.labs.values() ?? [])].reduce((n, lab) => n + results.reduce((m, r) => m + lab.counts[r], 0), 0);
}

function disagree({ labs }: Cell): boolean {
  return [...labs.values()].some(({ newest }) =>
    [...newest].some(
      ([name, result]) => result === 'FAIL' && [...labs.values()].some((other) => other.newest.get(name) === 'PASS'),
    ),
  );
}

function expectedOf(jobs: readonly Job[], isAdmin: boolean) {
  const visible = jobs.filter((job) => isAdmin || job.isPublic);
  const bornAt = (build: string) =>
    Math.min(...jobs.map((job, n) => (job.build === build && visible.includes(job) ? secondOf(job, n) : 1_000)));
  const isBefore = bornAt('v1') < bornAt('v2');
  const before = new Map(cellsOf(visible, isBefore ? 'v1' : 'none').map((cell) => [`${cell.name} ${cell.type}`, cell]));
  const cells = cellsOf(visible, 'v2').map((cell) => {
    const old = before.get(`${cell.name} ${cell.type}`);
    return {
      suite: cell.name,
      environment: { name: cell.type },
      counts: { fail: sum(cell, ['FAIL']), total: sum(cell, ['PASS', 'FAIL', 'SKIP', 'UNKNOWN']) },
      infrastructureFailures: [...cell.labs.values()].reduce((n, lab) => n + lab.infra, 0),
      disagree: disagree(cell),
      isNewlyFailing: sum(cell, ['FAIL']) > 0 && sum(old, ['FAIL']) === 0 && sum(old, ['PASS', 'SKIP', 'UNKNOWN']) > 0,
      labs: [...cell.labs.keys()].sort().map((slug) => ({ source: { slug } })),
    };
  });
  const tests = cellsOf(visible, 'v2').flatMap(({ name: suite, type, labs }) =>
    ['a', 'b', 'c'].flatMap((name) => {
      const said = [...labs].flatMap(([slug, { newest }]) => {
        const result = newest.get(name);
        return result ? [`${slug} ${result}`] : [];
      });
      return said.some((one) => one.endsWith('FAIL')) ? [`${suite} ${name} ${type}: ${said.sort().join(', ')}`] : [];
    }),
  );
  return { cells, tests: tests.sort() };
}

const CELL = `suite environment { name } counts { fail total } infrastructureFailures disagree isNewlyFailing
  labs { source { slug } }`;
const INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

type List<Node> = {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
};

/** All pages of a list of the build. */
async function walk<Node>(
  server: Server,
  project: string,
  token: string | undefined,
  { list, size, backward }: { list: (args: string) => string; size: number; backward: boolean },
): Promise<Node[]> {
  const nodes: Node[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 100; pages++) {
    const args = `${backward ? `last: ${size}, before` : `first: ${size}, after`}: $cursor`;
    const data: { build: { list: List<Node> } | null } = await server.data(
      `query ($project: String!, $cursor: String) { build(project: $project, version: "v2") { list: ${list(args)} } }`,
      { variables: { project, cursor }, token },
    );
    if (!data.build) return nodes;
    const { nodes: found, pageInfo } = data.build.list;
    if (backward) nodes.unshift(...found);
    else nodes.push(...found);
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return nodes;
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
  }
  throw new Error('the walk does not end');
}

type FoundTest = {
  suite: string;
  name: string;
  environment: { name: string };
  labs: { source: { slug: string }; result: string }[];
};
type Found = { cells: { disagree: boolean; isNewlyFailing: boolean; counts: { fail: number } }[] };

test('sums, disagreement, new failures and failing tests are those of the visible jobs, on pages of any size', {
  timeout: 300_000,
}, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(jobArbitrary, { minLength: 1, maxLength: 14 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (jobs, isAdmin, size, backward) => {
        const name = `p${project++}`;
        await writeAll(server, name, jobs, (n) => `${project}${String(n).padStart(4, '0')}`);
        const token = isAdmin ? 'root-token' : undefined;
        const expected = expectedOf(jobs, isAdmin);
        const paged = { size, backward };

        const suites = await walk<Found>(server, name, token, {
          ...paged,
          list: (args) => `suites(${args}) { ${INFO} nodes { cells { ${CELL} } } }`,
        });
        const problems = await walk<{ name: string }>(server, name, token, {
          ...paged,
          list: (args) => `suites(${args}, show: PROBLEMS) { ${INFO} nodes { name } }`,
        });
        const fresh = await walk<{ name: string }>(server, name, token, {
          ...paged,
          list: (args) => `suites(${args}, show: NEWLY_FAILING) { ${INFO} nodes { name } }`,
        });
        const tests = await walk<FoundTest>(server, name, token, {
          ...paged,
          list: (args) =>
            `failingTests(${args}) { ${INFO} nodes { suite name environment { name } labs { source { slug } result } } }`,
        });

        const names = (cells: typeof expected.cells) => [...new Set(cells.map(({ suite }) => suite))];
        expect(suites.flatMap(({ cells }) => cells)).toEqual(expected.cells);
        expect(problems.map((suite) => suite.name)).toEqual(
          names(expected.cells.filter(({ counts, infrastructureFailures: n }) => counts.fail > 0 || n > 0)),
        );
        expect(fresh.map((suite) => suite.name)).toEqual(
          names(expected.cells.filter(({ isNewlyFailing }) => isNewlyFailing)),
        );
        const said = tests.map(
          ({ suite, name, environment, labs }) =>
            `${suite} ${name} ${environment.name}: ${labs.map(({ source, result }) => `${source.slug} ${result}`).join(', ')}`,
        );
        expect(said).toEqual(expected.tests);
      },
    ),
    { numRuns: 60 },
  );
});

/** A build with so many suites of two cases; the lab's second lab fails the first of each. */
async function build(server: Server, suites: number, types: number): Promise<void> {
  for (let type = 0; type < types; type++) {
    for (const [i, lab] of LABS.slice(0, 2).entries()) {
      const job: Job = {
        lab,
        type: `type-${type}`,
        build: 'v2',
        isPublic: true,
        isLost: false,
        runs: Array.from({ length: suites }, (_, n) => ({
          suite: `suite-${String(n).padStart(3, '0')}`,
          results: [
            ['a', i === 1 ? 'FAIL' : 'PASS'],
            ['b', 'PASS'],
          ],
        })),
      };
      await writeAll(server, 'big', [job], () => String(1000 + type * 10 + i));
    }
  }
}

describe('a build of many suites', () => {
  test('a page takes the same number of queries however many suites it has', async () => {
    const server = await startServer({ sources: LABS });
    await build(server, 30, 2);
    const cost = async (query: string) => {
      const before = server.store.statementCount();
      await server.data(`{ build(project: "big", version: "v2") { ${query} } }`);
      return server.store.statementCount() - before;
    };
    const suites = (n: number) =>
      `suites(first: ${n}) { totalCount matrix { cellCount } nodes { name cells { ${CELL} labs { jobCount latestJob { externalId } } } } }`;
    const tests = (n: number) =>
      `failingTests(first: ${n}) { nodes { name labs { source { slug } job { externalId } } } }`;
    await cost(suites(30));
    await cost(tests(40));

    expect(await cost(suites(30))).toBe(await cost(suites(2)));
    expect(await cost(tests(16))).toBe(await cost(tests(2)));
  });

  test('what stands behind a cell is counted once, and its newest job told', async () => {
    const server = await startServer({ sources: ['alpha'] });
    for (const n of [0, 1]) {
      const results: Run['results'] = [['a', 'PASS']];
      // The suite runs twice in each job.
      const runs = [
        { suite: 'ltp', results },
        { suite: 'ltp', results },
      ];
      const job: Job = { lab: 'alpha', type: 'qemu', build: 'v2', isPublic: true, isLost: false, runs };
      await writeAll(server, 'two', [job], () => String(10 + n));
    }

    const { build: found } = await server.data<{ build: unknown }>(
      '{ build(project: "two", version: "v2") { sources { slug } suites { totalCount matrix { suiteCount cellCount problemCellCount } nodes { name cells { counts { total } labs { jobCount latestJob { externalId } } } } } } }',
    );

    expect(found).toEqual({
      sources: [{ slug: 'alpha' }],
      suites: {
        totalCount: 1,
        matrix: { suiteCount: 1, cellCount: 1, problemCellCount: 0 },
        nodes: [
          {
            name: 'ltp',
            cells: [{ counts: { total: 4 }, labs: [{ jobCount: 2, latestJob: { externalId: '11' } }] }],
          },
        ],
      },
    });
  });

  test('a matrix of more than 2,000 cells is refused in words, and given where the scope narrows it', {
    timeout: 120_000,
  }, async () => {
    const server = await startServer({ sources: LABS });
    await build(server, 501, 4);
    const ask = (scope: string) =>
      server.ask(`{ build(project: "big", version: "v2") { matrix(scope: ${scope}) { suite } } }`);

    const refused = await ask('{}');
    const given = await ask('{deviceTypes: ["type-1"]}');

    expect(refused.body.errors?.[0]?.message).toMatch(/has 2004 cells, and at most 2000 .* ask for "suites"/);
    expect(refused.body.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect((given.body.data as { build: { matrix: unknown[] } }).build.matrix).toHaveLength(501);
  });
});
