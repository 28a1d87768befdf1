/**
 * Masters as real ones are: boards and suites by chance, so that a test has few runs on a kind of board, and many tests that
 * fail now and then.
 */
import type { JobChange, TestResult } from '#schema/records.ts';
import { createRandom } from '../../cli/eval/random.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';

const BOARDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  alpha: { qemu: 4, bbb: 3, rpi4: 4, db845c: 3, juno: 2, x15: 2 },
  beta: { qemu: 6, bbb: 2, rpi4: 3, db845c: 4, imx8mp: 3, kevin: 2 },
  gamma: { bbb: 5, rpi4: 2, juno: 3, odroid: 4, imx8mp: 2 },
};
const COMMON = ['bbb', 'rpi4', 'db845c', 'juno', 'qemu', 'imx8mp'];
const SUITES: Readonly<Record<string, number>> = { ltp: 60, kselftest: 40, kunit: 30, lmbench: 18 };
/** Share of jobs up to which each goes, and what it runs. */
const PLANS: readonly (readonly [number, readonly string[]])[] = [
  [0.45, ['ltp']],
  [0.75, ['kselftest']],
  [0.9, ['kunit', 'lmbench']],
  [1, ['lmbench']],
];
const TREES = [
  ['mainline', 'master'],
  ['stable', 'linux-6.6.y'],
  ['next', 'master'],
] as const;
const BUILDS = 24;
const DAY = 86_400_000_000;
const SPACE = 1.25 * DAY;

type Regression = {
  suite: string;
  case: string;
  device_type: string;
  from_build: number;
  until_build: number | null;
  tree: string | null;
  only_master: string | null;
};

/** `until`: microseconds, the end of the last build. `flaky`: such tests of each suite. */
export function sparseLab(
  until: number,
  { seed, jobs: jobCount, flaky: flakyCount }: { seed: number; jobs: number; flaky: number },
): { jobs: { lab: string; change: JobChange }[]; truths: object[] } {
  const random = createRandom(seed).next;
  const below = (n: number) => Math.floor(random() * n);
  const pick = <Item>(list: readonly Item[]): Item => {
    const item = list[below(list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const start = until - BUILDS * SPACE;
  const treeOf = (build: number) => TREES[build % TREES.length] ?? TREES[0];
  const regressions: Regression[] = Object.entries(SUITES).flatMap(([suite, size]) =>
    Array.from({ length: suite === 'ltp' ? 3 : 1 }, (_, i) => {
      const from = 8 + below(BUILDS - 11);
      return {
        suite,
        case: `case${below(size)}`,
        device_type: pick(COMMON),
        from_build: from,
        until_build: random() < 0.3 ? from + 4 : null,
        tree: i === 1 ? treeOf(from)[0] : null,
        only_master: i === 2 ? 'beta' : null,
      };
    }),
  );
  const regressed = new Set(regressions.map((one) => `${one.suite}/${one.case}`));
  const flaky = Object.fromEntries(
    Object.entries(SUITES).map(([suite, size]) => {
      const names = Array.from({ length: flakyCount }, () => `case${below(size)}`);
      const free = names.filter((name) => !regressed.has(`${suite}/${name}`));
      return [suite, Object.fromEntries(free.map((name) => [name, 0.08 + 0.27 * random()]))];
    }),
  );

  function resultOf(lab: string, type: string, suite: string, name: string, build: number): TestResult {
    const isHit = regressions.some(
      (one) =>
        one.suite === suite &&
        one.case === name &&
        one.device_type === type &&
        (one.only_master ?? lab) === lab &&
        (one.tree ?? treeOf(build)[0]) === treeOf(build)[0] &&
        build >= one.from_build &&
        build < (one.until_build ?? BUILDS),
    );
    return isHit || random() < (flaky[suite]?.[name] ?? 0) ? 'FAIL' : 'PASS';
  }

  const badFrom = until - 7 * DAY;
  const jobs = Object.entries(BOARDS).flatMap(([lab, types]) => {
    const boards = Object.entries(types).flatMap(([type, n]) =>
      Array.from({ length: n }, (_, i) => ({ type, board: `${lab}-${type}-0${i + 1}` })),
    );
    return Array.from({ length: jobCount }, (_, n) => {
      const place = (n / jobCount) * BUILDS;
      const build = Math.floor(place);
      const submitAt = Math.floor(start + place * SPACE);
      const { type, board } = pick(boards);
      const share = random();
      const suites = PLANS.find(([end]) => share < end)?.[1] ?? ['ltp'];
      const isLost = random() < (board === badBoard(lab) && submitAt > badFrom ? 0.9 : 0.06);
      const [tree, branch] = treeOf(build);
      const job = jobOf({
        externalId: String(n + 1),
        deviceType: type,
        device: board,
        submitAt,
        startAt: submitAt + 60_000_000,
        endAt: submitAt + 900_000_000,
        ...(isLost ? { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', plannedSuites: [...suites] } : {}),
        metadata: { 'git-tree': tree, 'git-describe': `v${build}`, 'git-branch': branch },
      });
      const run = suites.map((suite, s) => ({
        externalId: n * 10 + s,
        name: `${s}_${suite}`,
        isSteps: false,
        cases: Array.from({ length: SUITES[suite] ?? 0 }, (_, i) =>
          caseOf({
            externalId: n * 1000 + s * 200 + i,
            name: `case${i}`,
            result: resultOf(lab, type, suite, `case${i}`, build),
          }),
        ),
      }));
      return { lab, change: changeOf(job, isLost ? [] : run) };
    });
  });
  const builds = Array.from({ length: BUILDS }, (_, index) => ({
    index: String(index),
    'git-tree': treeOf(index)[0],
    'git-branch': treeOf(index)[1],
    'git-describe': `v${index}`,
    time: new Date((start + index * SPACE) / 1000).toISOString().replace('T', ' ').replace('.000Z', '+00:00'),
  }));
  const truths = Object.entries(BOARDS).map(([master, types]) => ({
    master,
    regressions: regressions.filter(
      (one) => one.device_type in types && (one.only_master === null || one.only_master === master),
    ),
    flaky,
    bad_device: { hostname: badBoard(master), from: new Date(badFrom / 1000).toISOString() },
    builds,
  }));
  return { jobs, truths };
}

function badBoard(lab: string): string {
  return `${lab}-rpi4-01`;
}
