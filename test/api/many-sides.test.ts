/** Two to six sides against the same worked out in memory, against the comparison of two, and what they cost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRANSITIONS, type Transition, transitionOf } from '#analysis/transition.ts';
import type { TestResult } from '#schema/records.ts';
import { addBuildJob } from './build-world.ts';
import { type Job, jobArbitrary, LABS, writeAll } from './lab-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

type Side = { version: string; source?: string; deviceType?: string };
type Counts = { transition: Transition; count: number }[];
type Row = {
  suite: string;
  name: string;
  environment: { name: string } | null;
  transition: Transition;
  results: (TestResult | null)[];
  testCases: ({ name: string; result: TestResult } | null)[];
};
type Answer = {
  sides: { build: { version: string }; source: { slug: string } | null; deviceType: string | null; counts: Counts }[];
  counts: Counts;
  testCount: number;
  tests: { totalCount: number; nodes: Row[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  differenceCount: number;
  differences: {
    suite: string;
    source: { slug: string };
    ran: boolean[];
    counts: { total: number };
    compared: boolean;
  }[];
  differencesBySource: {
    source: { slug: string };
    ran: boolean[];
    compared: boolean;
    suiteCount: number;
    resultCount: number;
  }[];
};

const QUERY = `query ($project: String!, $sides: [SideRef!]!, $transition: [Transition!], $side: Int, $first: Int, $after: String, $last: Int, $before: String, $scope: ScopeInput) {
  compareMany(project: $project, sides: $sides, scope: $scope) {
    sides { build { version } source { slug } deviceType counts { transition count } }
    counts { transition count } testCount
    tests(first: $first, after: $after, last: $last, before: $before, transition: $transition, side: $side) {
      totalCount nodes { suite name environment { name } transition results testCases { name result } }
      pageInfo { hasNextPage endCursor }
    }
    differenceCount differences { suite source { slug } ran counts { total } compared }
    differencesBySource { source { slug } ran compared suiteCount resultCount }
  }
}`;

async function ask(server: Server, variables: object, token?: string): Promise<Answer> {
  return (await server.data<{ compareMany: Answer }>(QUERY, { variables, token })).compareMany;
}

const HEAVIEST: readonly TestResult[] = ['FAIL', 'PASS', 'UNKNOWN', 'SKIP'];
type Found = { lab: string; results: Map<string, TestResult[]> };

function runsOf(
  jobs: readonly Job[],
  { version, source, deviceType }: Side,
  suite: string,
  type: string | null,
): Found[] {
  return jobs
    .filter((job) => job.build === version && !job.isLost && (type === null || job.type === type))
    .filter(
      (job) => (source === undefined || job.lab === source) && (deviceType === undefined || job.type === deviceType),
    )
    .flatMap(({ lab, runs }) =>
      runs
        .filter((run) => run.suite === suite)
        .map(({ results }) => ({
          lab,
          results: new Map(
            [...Map.groupBy(results, ([name]) => name)].map(([name, of]) => [name, of.map(([, result]) => result)]),
          ),
        })),
    );
}

function expectedOf(jobs: readonly Job[], sides: readonly Side[]) {
  const acrossTypes = sides.every(({ deviceType }) => deviceType !== undefined);
  const bySource = sides.every(({ source }) => source === undefined);
  const rows: { words: string; kind: Transition | null; bySide: (Transition | null)[]; ran: number }[] = [];
  let differences = 0;
  for (const suite of ['ltp', 'net', 'smoke']) {
    for (const type of acrossTypes ? [null] : ['qemu', 'x15']) {
      const all = sides.map((side) => runsOf(jobs, side, suite, type));
      const having = all.filter((runs) => runs.length > 0);
      const labs = [...new Set(all.flat().map(({ lab }) => lab))];
      const isIn = (runs: readonly Found[], lab: string) => runs.some((run) => run.lab === lab);
      if (bySource || having.length < sides.length)
        differences += labs.filter((lab) => !all.every((runs) => isIn(runs, lab))).length;
      if (having.length < 2) continue;
      const common = bySource ? labs.filter((lab) => having.every((runs) => isIn(runs, lab))) : [];
      const laid = all.map((runs) => runs.filter(({ lab }) => common.length === 0 || common.includes(lab)));
      const base = laid.findIndex((runs) => runs.length > 0);
      for (const name of ['a', 'b', 'c']) {
        const said = laid.map((runs) => {
          const results = runs.flatMap((run) => run.results.get(name) ?? []);
          return HEAVIEST.find((result) => results.includes(result)) ?? null;
        });
        const bySide = said.map((result, i) =>
          i > base && (laid[i]?.length ?? 0) > 0 ? transitionOf(said[base] ?? null, result) : null,
        );
        const kind = TRANSITIONS.find((one) => bySide.includes(one)) ?? null;
        const ran = said.filter((result) => result !== null).length;
        rows.push({ words: `${kind} ${suite}/${name} ${type}: ${said.join(' ')}`, kind, bySide, ran });
      }
    }
  }
  const count = (of: (row: (typeof rows)[number]) => Transition | null) =>
    TRANSITIONS.map((transition) => ({ transition, count: rows.filter((row) => of(row) === transition).length }));
  return {
    rows,
    differences,
    testCount: rows.filter(({ ran }) => ran > 1).length,
    counts: count(({ kind }) => kind),
    bySide: sides.map((_, i) => count(({ bySide }) => bySide[i] ?? null)),
  };
}

const wordsOf = ({ suite, name, environment, transition, results }: Row) =>
  `${transition} ${suite}/${name} ${environment?.name ?? null}: ${results.map((result) => result ?? '').join(' ')}`;

const buildArbitrary = fc.constantFrom('v1' as const, 'v2' as const, 'v3' as const);
const sideArbitrary = fc.record({ version: buildArbitrary });
const sidesArbitrary: fc.Arbitrary<Side[]> = fc.oneof(
  fc.array(sideArbitrary, { minLength: 2, maxLength: 4 }),
  fc.array(fc.record({ version: buildArbitrary, source: fc.constantFrom(...LABS) }), { minLength: 2, maxLength: 6 }),
  fc.array(fc.record({ version: buildArbitrary, deviceType: fc.constantFrom('qemu', 'x15') }), {
    minLength: 2,
    maxLength: 4,
  }),
);

test('rows, counts of all and of each side, and differences are those of the visible jobs; of two sides, as compare has them', {
  timeout: 300_000,
}, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(jobArbitrary, buildArbitrary), { minLength: 6, maxLength: 18 }),
      sidesArbitrary,
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      async (generated, sides, isAdmin, size) => {
        const jobs = generated.map(([job, build]): Job => ({ ...job, build }));
        const slug = `p${project++}`;
        await writeAll(server, slug, jobs, (n) => `${project}${String(n).padStart(4, '0')}`);
        const visible = jobs.filter((job) => isAdmin || job.isPublic);
        const token = isAdmin ? 'root-token' : undefined;
        if (!sides.every(({ version }) => visible.some(({ build }) => build === version))) return;
        const expected = expectedOf(visible, sides);
        const asked = { project: slug, sides };

        const answer = await ask(server, { ...asked, first: 200 }, token);
        expect(answer.counts).toEqual(expected.counts);
        expect(answer.sides.map(({ counts }) => counts)).toEqual(expected.bySide);
        expect(answer.testCount).toBe(expected.testCount);
        expect(answer.differenceCount).toBe(expected.differences);
        expect(answer.differencesBySource.reduce((n, { suiteCount }) => n + suiteCount, 0)).toBe(expected.differences);
        const listed = expected.rows.flatMap(({ kind, words }) => (kind ? [words] : []));
        expect(answer.tests.nodes.map(wordsOf).toSorted()).toEqual(listed.toSorted());
        const places = answer.tests.nodes.map(({ transition }) => TRANSITIONS.indexOf(transition));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        for (const { name, results, testCases } of answer.tests.nodes)
          expect(testCases).toEqual(results.map((result) => (result ? { name, result } : null)));

        const side = sides.length - 1;
        for (const { transition, count } of expected.bySide[side] ?? []) {
          const found: Row[] = [];
          for (let after: string | null = null; ; ) {
            const { tests }: Answer = await ask(
              server,
              { ...asked, transition: [transition], side, first: size, after },
              token,
            );
            expect(tests.totalCount).toBe(count);
            found.push(...tests.nodes);
            after = tests.pageInfo.endCursor;
            if (!tests.pageInfo.hasNextPage) break;
          }
          expect(found).toHaveLength(count);
          if (count > 0) break;
        }

        const [base, target] = sides;
        if (sides.length > 2 || !base || !target) return;
        const { compare } = await server.data<{
          compare: { counts: Counts; pairCount: number; differenceCount: number };
        }>(
          `query ($project: String!, $base: BuildRef!, $target: BuildRef!) {
            compare(project: $project, base: $base, target: $target) { counts { transition count } pairCount differenceCount } }`,
          { variables: { project: slug, base, target }, token },
        );
        const { counts, testCount, differenceCount } = answer;
        expect({ counts, pairCount: testCount, differenceCount }).toEqual(compare);
      },
    ),
    { numRuns: 60 },
  );
});

test('what a source ran for some sides only is said with the sides it ran for, and whether it counts', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { a: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v2', cases: { a: 'P' } });
  await addBuildJob(server, { number: 3, build: 'v3', cases: { a: 'F' } });
  await addBuildJob(server, { number: 4, build: 'v1', cases: { a: 'F', b: 'P' }, source: 'beta' });
  await addBuildJob(server, { number: 5, build: 'v3', cases: { a: 'F', b: 'P' }, source: 'beta' });
  await addBuildJob(server, { number: 6, build: 'v1', suite: '0_net', cases: { n: 'F' } });
  await addBuildJob(server, { number: 7, build: 'v3', suite: '0_net', cases: { n: 'P' } });

  const sides = ['v1', 'v2', 'v3'].map((version) => ({ version }));
  const answer = await ask(server, { project: 'mainline', sides });

  expect(answer.tests.nodes.map(wordsOf)).toEqual([
    'PASS_TO_FAIL smoke/a qemu: PASS PASS FAIL',
    'FAIL_TO_PASS net/n qemu: FAIL  PASS',
  ]);
  expect(answer.differences).toEqual([
    { suite: 'net', source: { slug: 'alpha' }, ran: [true, false, true], counts: { total: 2 }, compared: true },
    { suite: 'smoke', source: { slug: 'beta' }, ran: [true, false, true], counts: { total: 4 }, compared: false },
  ]);
});

test.each([
  [{ sides: [{ version: 'v1' }] }, 'BAD_USER_INPUT', '"sides" names 1: ask for 2 to 6 sides.'],
  [{ sides: Array(7).fill({ version: 'v1' }) }, 'BAD_USER_INPUT', '"sides" names 7: ask for 2 to 6 sides.'],
  [{ sides: [{ version: 'v1' }, { version: 'v9' }] }, 'NOT_FOUND', 'There is no build "v9" of project "mainline".'],
  [{ sides: [{ version: 'v1' }, { version: 'v1', source: 'x' }] }, 'NOT_FOUND', 'There is no source "x".'],
  [{ sides: [{ version: 'v1' }, { version: 'v1' }], side: 2 }, 'BAD_USER_INPUT', '"side" is 2: ask for 1 to 1.'],
])('%j is refused in words', async (variables, code, message) => {
  const server = await startServer({ sources: ['alpha'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { a: 'P' } });

  const { body } = await server.ask(QUERY, { variables: { project: 'mainline', ...variables } });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code } });
});

test('sides take the same number of queries however many tests are listed', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const cases = (letter: string) => Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`c${n}`, letter]));
  for (const [n, letter] of ['P', 'F', 'P'].entries())
    await addBuildJob(server, { number: n + 1, build: `v${n + 1}`, cases: cases(letter) });
  const sides = ['v1', 'v2', 'v3'].map((version) => ({ version }));
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    await ask(server, { project: 'mainline', sides, first });
    return server.store.statementCount() - before;
  };
  await cost(1);

  // Names and single results come up to sixteen at a time.
  expect((await cost(50)) - (await cost(2))).toBeLessThanOrEqual(12);
});
