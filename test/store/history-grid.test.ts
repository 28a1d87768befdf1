/** The history grid against a plain list of jobs, and what it costs. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { failingSince, hasChanged, isGreen } from '#analysis/failing-since.ts';
import type { TestResult } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import type { Scope } from '#store/environment.ts';
import { getHistoryGrid } from '#store/history-grid.ts';
import { type GridRow, type GridShow, gridKey } from '#store/history-rows.ts';
import { compareKeys, type Key } from '#store/page.ts';
import type { NamesRepeat } from '#store/shape.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { emptyStore } from './empty.ts';
import { settings } from './settings.ts';
import { temporaryWriter, write } from './temporary.ts';

const EVERYTHING: Viewer = { kind: 'everything' };
const START = 1_780_000_000_000_000;
const HISTORIES = Number(process.env.BASALT_HISTORIES || (inject('postgres') ? 15 : 200));
const NO_LIMITS = { runs: 1_000, cases: 1_000 };
const SHOWS: readonly GridShow[] = ['ALL', 'NOT_GREEN', 'CHANGED', 'FAILING'];

type Job = {
  lab: 'alpha' | 'beta' | 'hidden';
  type: 'qemu' | 'juno';
  isPublic: boolean;
  healthCheck: boolean;
  build: number;
  branch: 'master' | 'side';
  /** It failed by the lab's fault and left no result. */
  isLost: boolean;
  suites: { name: string; cases: { name: number; set: string | null; result: TestResult }[] }[];
};

const jobs: fc.Arbitrary<Job[]> = fc.array(
  fc.record({
    lab: fc.constantFrom<Job['lab'][]>('alpha', 'beta', 'hidden'),
    type: fc.constantFrom<Job['type'][]>('qemu', 'qemu', 'juno'),
    isPublic: fc.constantFrom(true, true, true, false),
    healthCheck: fc.constantFrom(false, false, false, true),
    build: fc.nat({ max: 4 }),
    branch: fc.constantFrom<Job['branch'][]>('master', 'master', 'master', 'side'),
    isLost: fc.constantFrom(false, false, false, true),
    suites: fc.array(
      fc.record({
        name: fc.constantFrom('0_smoke', '1_smoke', '2_net'),
        cases: fc.array(
          fc.record({
            name: fc.nat({ max: 3 }),
            set: fc.constantFrom(null, null, 'mm'),
            result: fc.constantFrom<TestResult[]>('PASS', 'PASS', 'PASS', 'FAIL', 'SKIP', 'UNKNOWN'),
          }),
          { minLength: 1, maxLength: 5 },
        ),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 14 },
);

const submitOf = (number: number) => START + number * 3_600_000_000;
const bare = (suite: string) => suite.slice(2);
const buildOf = ({ branch, build }: Job) => `${branch} v${build}`;

function toChange(number: number, job: Job) {
  const submitAt = submitOf(number);
  const record = jobOf({
    externalId: String(number),
    deviceType: job.type,
    device: `${job.type}-01`,
    submitAt,
    startAt: submitAt + 1_000_000,
    endAt: submitAt + 2_000_000,
    isPublic: job.isPublic,
    healthCheck: job.healthCheck,
    metadata: { 'git-tree': 'mainline', 'git-describe': `v${job.build}`, 'git-branch': job.branch },
    ...(job.isLost && {
      health: 'INCOMPLETE' as const,
      errorType: 'Infrastructure',
      plannedSuites: job.suites.map(({ name }) => bare(name)),
    }),
  });
  const suites = job.suites.map(({ name, cases }, i) => ({
    externalId: number * 10 + i,
    name,
    isSteps: false,
    cases: cases.map((each, k) =>
      caseOf({ externalId: number * 1000 + i * 100 + k, name: `case${each.name}`, set: each.set, result: each.result }),
    ),
  }));
  return changeOf(record, job.isLost ? [] : suites);
}

const WORST: readonly TestResult[] = ['FAIL', 'UNKNOWN', 'SKIP', 'PASS'];

type Wanted = { branch?: string; scope: Scope };

/** Every result as a row, then grouped: what the grid has to say. */
function modelOf(
  all: readonly Job[],
  seen: (job: Job) => boolean,
  { branch, scope }: Wanted,
  count: number,
): { builds: string[]; rows: GridRow[] } {
  const numbered = all.map((job, number) => ({ job, number })).filter(({ job }) => seen(job));
  const inScope = numbered.filter(
    ({ job }) =>
      (!scope.deviceTypes || scope.deviceTypes.includes(job.type)) &&
      (!scope.sources?.slugs || scope.sources.slugs.includes(job.lab)),
  );
  const isThen = ({ number }: { number: number }) =>
    submitOf(number) >= (scope.since ?? 0) && submitOf(number) < (scope.until ?? Number.MAX_SAFE_INTEGER);
  const hasSuite = (job: Job) => job.suites.some(({ name }) => bare(name) === 'smoke');
  const bornAt = (build: string) => Math.min(...numbered.flatMap((n) => (buildOf(n.job) === build ? n.number : [])));
  const builds = [...new Set(inScope.filter(({ job }) => hasSuite(job)).map(({ job }) => buildOf(job)))]
    .filter((build) => branch === undefined || build.startsWith(`${branch} `))
    .filter((build) => inScope.some((n) => buildOf(n.job) === build && isThen(n)))
    .sort((a, b) => bornAt(b) - bornAt(a))
    .slice(0, count);
  const rows = new Map<string, GridRow>();
  for (const type of ['juno', 'qemu']) {
    const ofType = inScope.filter(({ job }) => job.type === type);
    const runs = ofType
      .filter((n) => !n.job.isLost && isThen(n) && (scope.includeHealthChecks || !n.job.healthCheck))
      .flatMap(({ job }) =>
        job.suites.filter(({ name }) => bare(name) === 'smoke').map(({ cases }) => ({ build: buildOf(job), cases })),
      )
      .filter(({ build }) => builds.includes(build));
    for (const { name, set } of runs.flatMap(({ cases }) => cases)) {
      const cells = builds.map((build) => {
        const said = new Set(
          runs
            .filter((run) => run.build === build)
            .flatMap(({ cases }) => {
              const results = cases.filter((c) => c.name === name && c.set === set).map(({ result }) => result);
              return WORST.find((result) => results.includes(result)) ?? [];
            }),
        );
        if (said.has('FAIL') && said.has('PASS')) return 'M';
        for (const result of ['FAIL', 'PASS', 'UNKNOWN', 'SKIP'] as const) if (said.has(result)) return result[0];
        return ofType.some(({ job }) => job.isLost && buildOf(job) === build && hasSuite(job)) ? 'I' : '.';
      });
      const row = { name: `case${name}`, set, deviceType: type, cells: cells.join('') };
      rows.set(JSON.stringify(gridKey(row)), row);
    }
  }
  return { builds, rows: [...rows.values()].sort((a, b) => compareKeys(gridKey(a), gridKey(b))) };
}

const IS_SHOWN: Record<GridShow, (row: GridRow) => boolean> = {
  ALL: () => true,
  NOT_GREEN: ({ cells }) => !isGreen(cells),
  CHANGED: ({ cells }) => hasChanged(cells),
  FAILING: ({ cells }) => failingSince(cells) !== null,
};

async function walk(
  grid: Awaited<ReturnType<typeof getHistoryGrid>>,
  show: GridShow,
  limit: number,
  backward: boolean,
) {
  const rows: GridRow[] = [];
  for (let key: Key | null = null; ; ) {
    const page = await grid.listRows(show, {
      limit,
      after: backward ? null : key,
      before: backward ? key : null,
      backward,
    });
    if (backward) rows.unshift(...page.rows);
    else rows.push(...page.rows);
    const edge: GridRow | undefined = backward ? page.rows[0] : page.rows.at(-1);
    if (!(backward ? page.hasPrevious : page.hasNext) || !edge) return rows;
    key = gridKey(edge);
  }
}

test.each<[string, NamesRepeat | undefined]>([
  ['names repeat', undefined],
  ['names never repeat', () => false],
])('a grid says what a list of all jobs says, page by page: %s', { timeout: 600_000 }, async (_, namesRepeat) => {
  const hidden = settings('hidden', { visibility: 'RESTRICTED', teams: ['x'] });
  const shared = await temporaryWriter(['alpha', 'beta', hidden]);
  await fc.assert(
    fc.asyncProperty(jobs, fc.boolean(), fc.integer({ min: 1, max: 3 }), async (all, newestFirst, limit) => {
      await emptyStore(shared.store);
      const writer = createWriter(shared.store, [], namesRepeat);
      const order = [...all.entries()];
      if (newestFirst) order.reverse();
      for (const [number, job] of order) await write(writer, job.lab, toChange(number, job));
      const named = await namesOfBuilds(writer);
      const wanted: Wanted[] = [
        { scope: {} },
        { scope: { includeHealthChecks: true }, branch: 'master' },
        { scope: { sources: { slugs: ['alpha', 'hidden'] }, deviceTypes: ['qemu'] } },
        { scope: { since: submitOf(3), until: submitOf(9) } },
      ];
      for (const [viewer, seen] of [
        [EVERYTHING, () => true],
        [ANONYMOUS, (job: Job) => job.isPublic && job.lab !== 'hidden'],
      ] as const) {
        for (const { branch, scope } of wanted) {
          for (const count of [1, 2, 200]) {
            const model = modelOf(all, seen, { branch, scope }, count);
            const suite = { project: 'mainline', suite: '7_smoke', branch };
            const grid = await getHistoryGrid(writer.store, viewer, suite, count, scope);
            expect(grid.builds.map((id) => named.get(id))).toEqual(model.builds);
            expect(grid.truncated).toBe(false);
            for (const show of SHOWS) {
              const rows = model.rows.filter(IS_SHOWN[show]);
              expect(await walk(grid, show, limit, false), show).toEqual(rows);
              expect(await walk(grid, show, limit, true), show).toEqual(rows);
            }
            expect(await grid.count()).toEqual({
              tests: model.rows.length,
              green: model.rows.filter((row) => isGreen(row.cells)).length,
              changed: model.rows.filter((row) => hasChanged(row.cells)).length,
              failing: model.rows.filter((row) => failingSince(row.cells)).length,
            });
          }
        }
      }
    }),
    { numRuns: HISTORIES },
  );
});

async function namesOfBuilds({ store }: Writer): Promise<Map<number, string>> {
  const rows = await store.sql.all<{ id: number; version: string; branch: string }>(
    'SELECT b.id, b.version, n.name AS branch FROM build b JOIN branch n ON n.id = b.branch_id',
  );
  return new Map(rows.map(({ id, version, branch }) => [id, `${branch} ${version}`]));
}

/** A build each, of one test; the newest two have another list of tests. */
async function addBuilds(writer: Writer, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const job: Job = {
      lab: number % 2 ? 'alpha' : 'beta',
      ...{ type: 'qemu', isPublic: true, healthCheck: false, build: number, branch: 'master', isLost: false },
      suites: [{ name: '0_smoke', cases: [{ name: number > 4 ? 1 : 0, set: null, result: 'FAIL' }] }],
    };
    await write(writer, job.lab, toChange(number, job));
  }
}

const SMOKE = { project: 'mainline', suite: 'smoke' };

test.each([
  ['runs', { runs: 4 }, 4],
  ['names', { cases: 1 }, 2],
  ['runs of its newest build', { runs: 0 }, 0],
])('a grid ends with the last build that is read whole after so many %s, and says so', async (_, limits, builds) => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addBuilds(writer, 1, 6);

  const grid = await getHistoryGrid(writer.store, ANONYMOUS, SMOKE, 50, {}, { ...NO_LIMITS, ...limits });

  expect(grid.builds).toHaveLength(builds);
  expect(grid.truncated).toBe(true);
  const whole = await getHistoryGrid(writer.store, ANONYMOUS, SMOKE, 50, {}, NO_LIMITS);
  expect([whole.builds.length, whole.truncated]).toEqual([6, false]);
});

test('a grid takes the same number of statements however many tests and builds it has', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  const cost = async () => {
    const before = writer.store.statementCount();
    const grid = await getHistoryGrid(writer.store, ANONYMOUS, SMOKE, 200, {});
    await grid.listRows('CHANGED', { limit: 200, after: null, before: null, backward: false });
    await grid.count();
    return writer.store.statementCount() - before;
  };
  await addBuilds(writer, 1, 4);
  const few = await cost();
  await addBuilds(writer, 5, 60);

  // Runs are read in pages that reach back by factors.
  expect((await cost()) - few).toBeLessThanOrEqual(6);
});
