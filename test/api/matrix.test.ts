/** The matrix of a build and its failing tests against the same worked out in memory, and what they cost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SuiteRecord, TestResult } from '#schema/records.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const LABS = ['alpha', 'beta', 'gamma'];
const SECOND = 1_000_000;
const START = 1_780_000_000 * SECOND;

type Run = { suite: string; results: [name: string, result: TestResult][] };
type Job = { lab: string; type: string; build: 'v1' | 'v2'; isPublic: boolean; isLost: boolean; runs: Run[] };

const resultArbitrary = fc.constantFrom<TestResult>('PASS', 'PASS', 'PASS', 'FAIL', 'FAIL', 'SKIP', 'UNKNOWN');
const jobArbitrary: fc.Arbitrary<Job> = fc.record({
  lab: fc.constantFrom(...LABS),
  type: fc.constantFrom('qemu', 'x15'),
  build: fc.constantFrom('v1', 'v2', 'v2'),
  isPublic: fc.constantFrom(true, true, false),
  isLost: fc.constantFrom(false, false, false, true),
  // A name may occur twice in a run, and a suite twice in a job.
  runs: fc.array(
    fc.record({
      suite: fc.constantFrom('ltp', 'smoke', 'net'),
      results: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), resultArbitrary), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Every other job of the first build comes among those of the second. */
function secondOf({ build }: Job, n: number): number {
  return build === 'v1' && n % 2 === 0 ? n : 100 + n;
}

let caseId = 1;

/** The jobs in a project of their own; those of the second half are written a second time, with other results first. */
async function writeAll(server: Server, project: string, jobs: readonly Job[], numberOf: (n: number) => string) {
  for (const again of [false, true]) {
    for (const [n, job] of jobs.entries()) {
      if (again && n % 2 === 0) continue;
      const isFirst = !again && n % 2 === 1;
      const suites = job.runs.map(
        ({ suite, results }, ord): SuiteRecord => ({
          externalId: ord,
          name: `${ord}_${suite}`,
          isSteps: false,
          cases: results.map(([name, result]) =>
            caseOf({ externalId: caseId++, name, result: isFirst ? 'FAIL' : result }),
          ),
        }),
      );
      const record = jobOf({
        externalId: numberOf(n),
        submitAt: START + secondOf(job, n) * SECOND,
        deviceType: job.type,
        device: null,
        isPublic: job.isPublic,
        metadata: { 'git-tree': project, 'git-describe': job.build, 'git-branch': 'main' },
        ...(job.isLost && {
          health: 'INCOMPLETE' as const,
          errorType: 'Infrastructure',
          plannedSuites: job.runs.map(({ suite }) => suite),
        }),
      });
      await write(server.writer, job.lab, changeOf(record, job.isLost ? [] : suites));
    }
  }
}

const BADNESS = ['PASS', 'SKIP', 'UNKNOWN', 'FAIL'];
type Cell = {
  name: string;
  type: string;
  labs: Map<string, { counts: Record<TestResult, number>; infra: number; newest: Map<string, TestResult> }>;
};

/** The cells of a build by suite and kind of board, in their order. */
function cellsOf(jobs: readonly Job[], build: string): Cell[] {
  const cells = new Map<string, Cell>();
  const labOf = (suite: string, { type, lab }: Job) => {
    const key = `${suite} ${type}`;
    const cell: Cell = cells.get(key) ?? { name: suite, type, labs: new Map() };
    cells.set(key, cell);
    const found = cell.labs.get(lab) ?? {
      counts: { PASS: 0, FAIL: 0, SKIP: 0, UNKNOWN: 0 },
      infra: 0,
      newest: new Map(),
    };
    cell.labs.set(lab, found);
    return found;
  };
  for (const job of jobs.filter((one) => one.build === build)) {
    if (job.isLost) {
      for (const suite of new Set(job.runs.map((run) => run.suite))) labOf(suite, job).infra += 1;
      continue;
    }
    for (const { suite, results } of job.runs) {
      const lab = labOf(suite, job);
      const worst = new Map<string, TestResult>();
      for (const [name, result] of results) {
        lab.counts[result] += 1;
        if (BADNESS.indexOf(result) >= BADNESS.indexOf(worst.get(name) ?? 'PASS')) worst.set(name, result);
      }
      for (const [name, result] of worst) lab.newest.set(name, result);
    }
  }
  return [...cells.values()].sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
}

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
        expect(said.toSorted()).toEqual(expected.tests);
        expect(tests.map(({ suite }) => suite)).toEqual(tests.map(({ suite }) => suite).toSorted());
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
