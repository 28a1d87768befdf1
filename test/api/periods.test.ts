/** Spans of time against each other: against the same worked out in memory, and what is refused. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import { mannWhitney } from '#analysis/mann-whitney.ts';
import { periodChange } from '#analysis/period-change.ts';
import { toInstant } from '#api/scalars.ts';
import type { TestResult } from '#schema/records.ts';
import { comparePeriods } from '#store/compare-periods.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { type Job, jobArbitrary, LABS, SECOND, START, secondOf, writeAll } from './lab-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

type Test = {
  suite: string;
  name: string;
  environment: { name: string };
  change: string;
  windows: { passes: number; fails: number }[];
  pValue: number;
  qValue: number;
};
type Answer = {
  periods: { runCount: number; truncated: boolean }[];
  testCount: number;
  worseCount: number;
  betterCount: number;
  truncated: boolean;
  tests: Test[];
};

const QUERY = `query ($project: String, $suite: String, $periods: [PeriodInput!]!, $scope: ScopeInput, $name: String, $branch: String) {
  comparePeriods(project: $project, suite: $suite, periods: $periods, scope: $scope, branch: $branch) {
    periods { runCount truncated } testCount worseCount betterCount truncated
    tests(first: 1000, change: [WORSE, BETTER, UNCHANGED], name: $name) {
      suite name environment { name } change windows { passes fails } pValue qValue
    }
  }
}`;

async function ask(server: Server, variables: object, token?: string): Promise<Answer> {
  return (await server.data<{ comparePeriods: Answer }>(QUERY, { variables, token })).comparePeriods;
}

type Dated = Job & { second: number };
type Bounds = readonly [since: number, until: number];

const BADNESS: readonly TestResult[] = ['PASS', 'SKIP', 'UNKNOWN', 'FAIL'];

function expectedOf(jobs: readonly Dated[], periods: readonly Bounds[]) {
  const rows: (Omit<Test, 'change' | 'qValue'> & { direction: string })[] = [];
  for (const suite of ['ltp', 'net', 'smoke']) {
    for (const type of ['qemu', 'x15']) {
      for (const name of ['a', 'b', 'c']) {
        const windows = periods.map(([since, until]) => {
          const said = jobs
            .filter((job) => !job.isLost && job.type === type && job.second >= since && job.second < until)
            .flatMap(({ runs }) => runs.filter((run) => run.suite === suite))
            .map(({ results }) =>
              Math.max(-1, ...results.flatMap(([one, result]) => (one === name ? [BADNESS.indexOf(result)] : []))),
            );
          return { passes: said.filter((one) => one === 0).length, fails: said.filter((one) => one === 3).length };
        });
        const change = periodChange(windows);
        if (!change) continue;
        rows.push({ suite, name, environment: { name: type }, windows, pValue: change.p, direction: change.direction });
      }
    }
  }
  const failing = rows.filter(({ windows }) => windows.some(({ fails }) => fails > 0));
  const q = benjaminiHochberg(failing.map(({ pValue }) => pValue));
  return rows.map(({ direction, ...row }) => {
    const own = q[failing.findIndex((one) => keyOf(one) === keyOf(row))] ?? 1;
    return { ...row, qValue: own, change: own < 0.05 ? direction : 'UNCHANGED' };
  });
}

const keyOf = ({ suite, name, environment }: Pick<Test, 'suite' | 'name' | 'environment'>) =>
  `${suite}/${name} ${environment.name}`;

test('runs, p and q of each test are those of the visible jobs of each span', { timeout: 300_000 }, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(jobArbitrary, { minLength: 4, maxLength: 24 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 1, max: 130 })), {
        minLength: 2,
        maxLength: 3,
      }),
      fc.boolean(),
      async (jobs, spans, isAdmin) => {
        const slug = `p${project++}`;
        await writeAll(server, slug, jobs, (n) => `${project}${String(n).padStart(4, '0')}`);
        const periods = spans.map(([since, length]): Bounds => [since, since + length]);
        const visible = jobs
          .map((job, n) => ({ ...job, second: secondOf(job, n) }))
          .filter(({ isPublic }) => isAdmin || isPublic);
        const expected = expectedOf(visible, periods);
        const instant = (second: number) => toInstant(START + second * SECOND);

        const answer = await ask(
          server,
          {
            project: slug,
            periods: periods.map(([since, until]) => ({ since: instant(since), until: instant(until) })),
          },
          isAdmin ? 'root-token' : undefined,
        );

        const byKey = (rows: readonly Test[]) => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
        expect(byKey(answer.tests)).toEqual(byKey(expected));
        const count = (change: string) => expected.filter((row) => row.change === change).length;
        expect(answer).toMatchObject({
          testCount: expected.length,
          worseCount: count('WORSE'),
          betterCount: count('BETTER'),
          truncated: false,
        });
      },
    ),
    { numRuns: 50 },
  );
});

const span = (from: number, until: number) => ({ since: toInstant(submitOf(from)), until: toInstant(submitOf(until)) });

/** Twelve jobs of each of two spans: boot breaks, net heals, z stays; speed is measured. */
async function twoSpans(server: Server): Promise<object[]> {
  for (let n = 0; n < 24; n++) {
    const isLate = n >= 12;
    await addBuildJob(server, {
      number: n + 1,
      build: `v${n + 1}`,
      cases: { boot: isLate ? 'F' : 'P', heal: isLate ? 'P' : 'F', z: 'P', speed: 'P' },
      ...(n === 3 && { health: 'INCOMPLETE' as const, errorType: 'Infrastructure' }),
    });
  }
  return [span(1, 13), span(13, 25)];
}

test('worse comes before better before unchanged, and what a lab broke counts nowhere', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const periods = await twoSpans(server);

  const answer = await ask(server, { project: 'mainline', periods });

  expect(answer.tests.map(({ name, change, windows }) => [name, change, windows])).toEqual([
    [
      'boot',
      'WORSE',
      [
        { passes: 11, fails: 0 },
        { passes: 0, fails: 12 },
      ],
    ],
    [
      'heal',
      'BETTER',
      [
        { passes: 0, fails: 11 },
        { passes: 12, fails: 0 },
      ],
    ],
    [
      'z',
      'UNCHANGED',
      [
        { passes: 11, fails: 0 },
        { passes: 12, fails: 0 },
      ],
    ],
    [
      'speed',
      'UNCHANGED',
      [
        { passes: 11, fails: 0 },
        { passes: 12, fails: 0 },
      ],
    ],
  ]);
  expect((await ask(server, { suite: 'smoke', name: 'heal', periods })).tests.map(({ name }) => name)).toEqual([
    'heal',
  ]);
  expect((await ask(server, { project: 'mainline', branch: 'other', periods })).testCount).toBe(0);
});

test('of more tests than a list holds all are counted, the worst are listed, and each is found by its name', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const names = Array.from({ length: 1_005 }, (_, i) => `case-${String(i).padStart(4, '0')}`);
  for (const number of [1, 2, 3, 4, 13, 14, 15, 16]) {
    const cases = Object.fromEntries(names.map((name, i) => [name, i === 1_004 && number >= 13 ? 'F' : 'P'] as const));
    await addBuildJob(server, { number, build: `v${number}`, cases });
  }
  const asked = { suite: 'smoke', periods: [span(1, 13), span(13, 25)] };

  const { testCount, tests } = await ask(server, asked);
  expect([testCount, tests.length, tests[0]?.name, tests.at(-1)?.name]).toEqual([
    1_005,
    1_000,
    'case-1004',
    'case-0998',
  ]);
  for (const name of ['case-0999', 'case-1003'])
    expect((await ask(server, { ...asked, name })).tests.map((one) => one.name)).toEqual([name]);
  const { body } = await server.ask(QUERY.replace('first: 1000', 'first: 1001'), { variables: asked });
  expect(body.errors?.[0]?.message).toBe('"first" is 1001: ask for 0 to 1000.');
});

test('measurements of both spans are compared by their ranks', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const periods = await twoSpans(server);
  const values = (from: number) =>
    Array.from({ length: 12 }, (_, n) => from + n + 0.5).filter((value) => value !== 4.5);

  const { comparePeriods: found } = await server.data<{ comparePeriods: { tests: { measurement: unknown }[] } }>(
    `query ($periods: [PeriodInput!]!) { comparePeriods(periods: $periods, suite: "smoke") {
      tests(first: 1, name: "speed", change: [UNCHANGED]) { measurement { unit medians pValues deltas } } } }`,
    { variables: { periods } },
  );

  const { p, delta } = mannWhitney(values(1), values(13));
  expect(p).toBeLessThan(0.001);
  expect(found.tests[0]?.measurement).toEqual({
    unit: 'MB/s',
    medians: [7.5, 19],
    pValues: [null, p],
    deltas: [null, delta],
  });
});

test('a span with more runs than are read says so, and keeps the newest', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await twoSpans(server);
  const periods = [
    { since: submitOf(1), until: submitOf(13) },
    { since: submitOf(13), until: submitOf(25) },
  ];
  const everything = { kind: 'everything' as const };

  const cut = await comparePeriods(server.store, everything, periods, {}, { runs: 5, results: 1_000 });
  const thin = await comparePeriods(server.store, everything, periods, {}, { runs: 50, results: 9 });

  expect(cut.periods).toEqual([
    { runs: 5, isCut: true },
    { runs: 5, isCut: true },
  ]);
  expect(thin.periods.map(({ runs, isCut }) => [runs, isCut])).toEqual([
    [2, true],
    [2, true],
  ]);
});

test.each([
  [{ periods: [span(1, 2)] }, '"periods" names 1: ask for 2 to 6.'],
  [{ periods: [span(1, 2), span(3, 3)] }, 'A period begins before it ends: "since" has to be before "until".'],
  [{ periods: [span(1, 2), span(2, 3)], branch: 'main' }, '"branch" needs "project".'],
  [{ periods: [span(1, 2), span(2, 3)], name: 'boot' }, '"name" needs the suite of "comparePeriods".'],
])('%j is refused in words', async (variables, message) => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask(QUERY, { variables });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});

test('spans take the same number of queries however many tests and runs they have', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const periods = await twoSpans(server);
  const cost = async (some: readonly object[]) => {
    const before = server.store.statementCount();
    await ask(server, { project: 'mainline', periods: some });
    return server.store.statementCount() - before;
  };

  expect(await cost([span(1, 3), span(13, 15)])).toBe(await cost(periods));
});
