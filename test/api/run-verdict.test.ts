/** Several runs of a suite counted once: every level against the same worked out in memory, and what it costs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { TestResult } from '#schema/records.ts';
import { retire } from '#store/retention.ts';
import { type Job, jobArbitrary, LABS, type Run, SECOND, START, secondOf, writeAll } from './lab-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const VERDICTS: readonly RunVerdict[] = ['WORST', 'LAST', 'MAJORITY'];

const BADNESS: readonly TestResult[] = ['PASS', 'SKIP', 'UNKNOWN', 'FAIL'];
const worst = (results: readonly TestResult[]) =>
  results.reduce((a, b) => (BADNESS.indexOf(b) > BADNESS.indexOf(a) ? b : a));

type Counts = { pass: number; fail: number; skip: number; unknown: number };
type Lab = { counts: Counts; infra: number; fails: string[]; said: Map<string, TestResult> };
type Cell = { suite: string; type: string; labs: Map<string, Lab> };

/** The results of a case in the run that counts, as often as they are in it. */
function counted(runs: readonly TestResult[][], verdict: RunVerdict): TestResult[] {
  const said = runs.map(worst);
  const times = (result: TestResult) => said.filter((one) => one === result).length;
  const most = Math.max(...BADNESS.map(times));
  const wanted = {
    LAST: said.at(-1),
    WORST: worst(said),
    MAJORITY: BADNESS.findLast((result) => times(result) === most),
  }[verdict];
  return runs.findLast((_, i) => said[i] === wanted) ?? [];
}

function labOf(runs: readonly Run[], verdict: RunVerdict): Lab {
  const counts = { pass: 0, fail: 0, skip: 0, unknown: 0 };
  const said = new Map<string, TestResult>();
  for (const name of ['a', 'b', 'c']) {
    const results = runs.map((run) => run.results.filter(([one]) => one === name).map(([, result]) => result));
    const ran = results.filter((one) => one.length > 0);
    if (ran.length === 0) continue;
    const chosen = counted(ran, verdict);
    for (const result of chosen) counts[result.toLowerCase() as keyof Counts] += 1;
    said.set(name, worst(chosen));
  }
  return { counts, infra: 0, fails: [...said].flatMap(([name, is]) => (is === 'FAIL' ? [name] : [])), said };
}

function cellsOf(jobs: readonly Job[], build: string, verdict: RunVerdict): Cell[] {
  const ofBuild = jobs.filter((job) => job.build === build);
  const cells: Cell[] = [];
  for (const suite of ['ltp', 'net', 'smoke']) {
    for (const type of ['qemu', 'x15']) {
      const labs = new Map<string, Lab>();
      for (const slug of LABS) {
        const of = ofBuild.filter(
          (job) => job.lab === slug && job.type === type && job.runs.some((run) => run.suite === suite),
        );
        if (of.length === 0) continue;
        const runs = of.flatMap((job) => (job.isLost ? [] : job.runs.filter((run) => run.suite === suite)));
        labs.set(slug, { ...labOf(runs, verdict), infra: of.filter(({ isLost }) => isLost).length });
      }
      if (labs.size > 0) cells.push({ suite, type, labs });
    }
  }
  return cells;
}

const KEYS = ['pass', 'fail', 'skip', 'unknown'] as const;

function add(labs: Iterable<Lab>): Counts & { total: number } {
  const sum = { pass: 0, fail: 0, skip: 0, unknown: 0, total: 0 };
  for (const { counts } of labs) {
    for (const key of KEYS) {
      sum[key] += counts[key];
      sum.total += counts[key];
    }
  }
  return sum;
}

type Dated = Job & { second: number };

function expectedOf(jobs: readonly Dated[], verdict: RunVerdict) {
  const born = (build: string) => Math.min(...jobs.flatMap((job) => (job.build === build ? [job.second] : [])));
  const isBefore = born('v1') < born('v2');
  const old = new Map(cellsOf(isBefore ? jobs : [], 'v1', verdict).map((cell) => [`${cell.suite} ${cell.type}`, cell]));
  const letter = (cell: Cell | undefined) => {
    const { pass, fail, total } = add(cell?.labs.values() ?? []);
    if (fail > 0) return 'F';
    if (pass === 0 && [...(cell?.labs.values() ?? [])].some(({ infra }) => infra > 0)) return 'I';
    return pass > 0 ? 'P' : total > 0 ? 'S' : '.';
  };
  const cells = cellsOf(jobs, 'v2', verdict).map((cell) => {
    const before = old.get(`${cell.suite} ${cell.type}`);
    const labs = [...cell.labs.values()];
    const passed = add(before?.labs.values() ?? []);
    return {
      suite: cell.suite,
      environment: { name: cell.type },
      counts: add(labs),
      infrastructureFailures: labs.reduce((n, { infra }) => n + infra, 0),
      disagree: labs.some(({ fails }) => fails.some((name) => labs.some(({ said }) => said.get(name) === 'PASS'))),
      isNewlyFailing: add(labs).fail > 0 && passed.fail === 0 && passed.total > 0,
      recent: isBefore ? letter(before) + letter(cell) : letter(cell),
      labs: [...cell.labs].map(([slug, { counts, infra }]) => ({
        source: { slug },
        counts: { ...counts, total: add([{ counts, infra, fails: [], said: new Map() }]).total },
        infrastructureFailures: infra,
      })),
    };
  });
  const tests = cellsOf(jobs, 'v2', verdict).flatMap(({ suite, type, labs }) =>
    ['a', 'b', 'c'].flatMap((name) =>
      [...labs.values()].some(({ fails }) => fails.includes(name))
        ? [
            `${suite} ${name} ${type} ${[...labs].flatMap(([slug, { said }]) => (said.has(name) ? [`${slug} ${said.get(name)}`] : [])).join(', ')}`,
          ]
        : [],
    ),
  );
  return { cells, tests: tests.sort() };
}

const COUNTS = 'pass fail skip unknown total';
const CELL = `suite environment { name } counts { ${COUNTS} } infrastructureFailures disagree isNewlyFailing recent
  labs { source { slug } counts { ${COUNTS} } infrastructureFailures }`;

type Found = {
  counts: Counts & { total: number };
  all: Counts & { total: number };
  matrix: ReturnType<typeof expectedOf>['cells'];
  suites: { nodes: { cells: ReturnType<typeof expectedOf>['cells'] }[]; matrix: Record<string, number> };
  problems: { totalCount: number };
  fresh: { totalCount: number };
  failingTests: {
    nodes: {
      suite: string;
      name: string;
      environment: { name: string };
      labs: { source: { slug: string }; result: string; job: { externalId: string } }[];
    }[];
  };
};

const PAGE = `query ($project: String!, $verdict: RunVerdict) {
  build(project: $project, version: "v2") {
    counts(verdict: $verdict) { ${COUNTS} } all: counts { ${COUNTS} }
    matrix(verdict: $verdict) { ${CELL} }
    suites(first: 100, verdict: $verdict) {
      nodes { cells { ${CELL} } }
      matrix { cellCount problemCellCount problemSuiteCount newlyFailingCellCount repeatedCellCount }
    }
    problems: suites(first: 1, show: PROBLEMS, verdict: $verdict) { totalCount }
    fresh: suites(first: 1, show: NEWLY_FAILING, verdict: $verdict) { totalCount }
    failingTests(first: 100, verdict: $verdict) {
      nodes { suite name environment { name } labs { source { slug } result job { externalId } } }
    }
  }
}`;

test('sums, marks, strips and failing tests are those of the runs that count, on every level', {
  timeout: 300_000,
}, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(jobArbitrary, { minLength: 1, maxLength: 16 }),
      fc.boolean(),
      fc.constantFrom(...VERDICTS),
      async (jobs, isAdmin, verdict) => {
        const name = `p${project++}`;
        await writeAll(server, name, jobs, (n) => `${project}${String(n).padStart(4, '0')}`);
        const visible = jobs
          .map((job, n) => ({ ...job, second: secondOf(job, n) }))
          .filter(({ isPublic }) => isAdmin || isPublic)
          .sort((a, b) => a.second - b.second);
        const { build } = await server.data<{ build: Found | null }>(PAGE, {
          variables: { project: name, verdict },
          token: isAdmin ? 'root-token' : undefined,
        });
        const { cells, tests } = expectedOf(visible, verdict);
        expect(build === null).toBe(!visible.some((job) => job.build === 'v2'));
        if (!build) return;

        expect(build.matrix).toEqual(cells);
        expect(build.suites.nodes.flatMap((suite) => suite.cells)).toEqual(cells);
        const sum = { pass: 0, fail: 0, skip: 0, unknown: 0, total: 0 };
        for (const { counts } of cells) for (const key of [...KEYS, 'total'] as const) sum[key] += counts[key];
        expect(build.counts).toEqual(sum);
        expect(build.all.total).toBe(
          visible
            .filter((job) => job.build === 'v2' && !job.isLost)
            .reduce((n, { runs }) => n + runs.reduce((m, { results }) => m + results.length, 0), 0),
        );

        const problems = cells.filter(({ counts, infrastructureFailures: n }) => counts.fail > 0 || n > 0);
        const fresh = cells.filter(({ isNewlyFailing }) => isNewlyFailing);
        const suites = (of: typeof cells) => new Set(of.map(({ suite }) => suite)).size;
        const repeated = (suite: string, type: string) =>
          LABS.some(
            (lab) =>
              visible
                .filter((job) => job.build === 'v2' && !job.isLost && job.lab === lab && job.type === type)
                .flatMap(({ runs }) => runs.filter((run) => run.suite === suite)).length > 1,
          );
        expect(build.suites.matrix).toEqual({
          cellCount: cells.length,
          problemCellCount: problems.length,
          problemSuiteCount: suites(problems),
          newlyFailingCellCount: fresh.length,
          repeatedCellCount: cells.filter(({ suite, environment }) => repeated(suite, environment.name)).length,
        });
        expect(build.problems.totalCount).toBe(suites(problems));
        expect(build.fresh.totalCount).toBe(suites(fresh));
        expect(
          build.failingTests.nodes
            .map(
              ({ suite, name: test, environment, labs }) =>
                `${suite} ${test} ${environment.name} ${labs.map(({ source, result }) => `${source.slug} ${result}`).join(', ')}`,
            )
            .toSorted(),
        ).toEqual(tests);
      },
    ),
    { numRuns: 60 },
  );
});

let jobNumber = 1_000;

/** One lab runs the suites of a build so many times each; the first case fails in the first run alone. */
async function repeat(server: Server, project: string, suites: number, times: number): Promise<void> {
  const jobs = Array.from(
    { length: times },
    (_, n): Job => ({
      lab: 'alpha',
      type: 'qemu',
      build: 'v2',
      isPublic: true,
      isLost: false,
      runs: Array.from({ length: suites }, (_, i) => ({
        suite: `suite-${i}`,
        results: [
          ['a', n === 0 ? 'FAIL' : 'PASS'],
          ['b', 'PASS'],
        ],
      })),
    }),
  );
  jobNumber += 100;
  const first = jobNumber;
  await writeAll(server, project, jobs, (n) => String(first + n));
}

describe('a build that ran its suites again', () => {
  test('a failure that a later run repaired is one in the worst and none in the last, and names its job', async () => {
    const server = await startServer({ sources: ['alpha'] });
    await repeat(server, 'again', 1, 3);
    const ask = async (verdict: RunVerdict | null) => {
      const { build } = await server.data<{ build: Found }>(PAGE, { variables: { project: 'again', verdict } });
      const jobs = build.failingTests.nodes.flatMap(({ labs }) => labs.map(({ job }) => job.externalId));
      return [build.counts.fail, build.counts.total, jobs.length];
    };

    expect(await ask(null)).toEqual([1, 6, 0]);
    expect(await ask('WORST')).toEqual([1, 2, 1]);
    expect(await ask('LAST')).toEqual([0, 2, 0]);
    expect(await ask('MAJORITY')).toEqual([0, 2, 0]);
  });

  test('single verdicts are read in as many queries however many suites ran again, and in none where none did', async () => {
    const server = await startServer({ sources: ['alpha'] });
    await repeat(server, 'few', 2, 2);
    await repeat(server, 'many', 16, 2);
    await repeat(server, 'once', 16, 1);
    const cost = async (project: string) => {
      const ask = () =>
        server.data(
          `{ build(project: "${project}", version: "v2") { counts(verdict: WORST) { fail } suites(first: 20, verdict: WORST) { nodes { cells { counts { fail } labs { counts { fail } } recent } } } } }`,
        );
      await ask();
      const before = server.store.statementCount();
      await ask();
      return server.store.statementCount() - before;
    };

    const few = await cost('few');
    expect(await cost('many')).toBe(few);
    // Runs and their shapes, for the matrix and for the strips.
    expect(few - (await cost('once'))).toBe(4);
  });

  test('runs whose single results are deleted count each', async () => {
    const server = await startServer({ sources: ['alpha'] });
    await repeat(server, 'old', 1, 2);
    const row = await server.writer.store.sql.get<{ id: number }>("SELECT id FROM source WHERE slug = 'alpha'");
    const day = 86_400 * SECOND;
    await retire(server.writer, row?.id ?? 0, { results: 30 }, () => START + 40 * day);

    const { build } = await server.data<{ build: Found }>(PAGE, { variables: { project: 'old', verdict: 'LAST' } });

    expect(build.counts).toEqual(build.all);
    expect(build.counts.total).toBe(4);
  });
});
