/** Masters with injected regressions, flaky tests and a board that goes bad, as test/lab/masters/seed makes real ones. */
import type { JobChange, TestResult } from '#schema/records.ts';
import { hash32 } from '../../bench/generate.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';

export const LABS = ['alpha', 'beta', 'gamma'] as const;
const TYPES = ['beaglebone', 'juno', 'qemu', 'rpi4'] as const;
const TREES = [
  ['mainline', 'master'],
  ['stable', 'linux-6.6.y'],
  ['next', 'master'],
] as const;
const SUITES = { ltp: 120, kselftest: 60, kunit: 60 } as const;
const BUILDS = 30;
const DAY = 86_400_000_000;
const BOARDS = 3;
/** A job of each type and suite in each lab for a build, so many times. */
const TIMES = 2;

type Regression = {
  suite: keyof typeof SUITES;
  case: string;
  device_type: string;
  from_build: number;
  until_build: number | null;
  tree: string | null;
  only_master: string | null;
};

const REGRESSIONS: readonly Regression[] = [
  {
    suite: 'ltp',
    case: 'case7',
    device_type: 'juno',
    from_build: 12,
    until_build: null,
    tree: null,
    only_master: null,
  },
  {
    suite: 'ltp',
    case: 'case31',
    device_type: 'qemu',
    from_build: 15,
    until_build: null,
    tree: 'mainline',
    only_master: null,
  },
  {
    suite: 'ltp',
    case: 'case90',
    device_type: 'rpi4',
    from_build: 10,
    until_build: null,
    tree: null,
    only_master: 'beta',
  },
  {
    suite: 'kselftest',
    case: 'case3',
    device_type: 'juno',
    from_build: 14,
    until_build: 20,
    tree: null,
    only_master: null,
  },
  {
    suite: 'kunit',
    case: 'case44',
    device_type: 'beaglebone',
    from_build: 18,
    until_build: null,
    tree: null,
    only_master: null,
  },
];
const FLAKY = {
  ltp: { case15: 0.31, case66: 0.12 },
  kselftest: { case22: 0.2 },
  kunit: { case9: 0.1 },
} satisfies Record<keyof typeof SUITES, Record<string, number>>;

/** `until`: microseconds, the end of the last build. */
export function truthLab(until: number, seed = 1): { jobs: { lab: string; change: JobChange }[]; truths: object[] } {
  const start = until - BUILDS * DAY;
  const badFrom = until - Math.floor(BUILDS / 4) * DAY;
  const jobs = LABS.flatMap((lab, l) => {
    let number = 0;
    return Array.from({ length: BUILDS }, (_, build) =>
      Array.from({ length: TIMES }, (_, time) =>
        TYPES.flatMap((type, t) =>
          Object.entries(SUITES).map(([suite, size], s) => {
            number += 1;
            const roll = (k: number) => hash32(seed, l, build, time, t, s, k) / 2 ** 32;
            const submitAt = start + build * DAY + Math.floor(((time * 50 + t * 9 + s * 3 + l) / 100) * DAY);
            const board = `${lab}-${type}-0${1 + Math.floor(roll(0) * BOARDS)}`;
            const isBad = board === badBoard(lab) && submitAt > badFrom;
            const isLost = roll(1) < (isBad ? 0.9 : 0.05);
            const change = jobChange({ lab, type, suite, size, build, number, submitAt, board, isLost, roll });
            return { lab, change };
          }),
        ),
      ).flat(),
    ).flat();
  });
  const builds = Array.from({ length: BUILDS }, (_, index) => ({
    index: String(index),
    'git-tree': treeOf(index)[0],
    'git-branch': treeOf(index)[1],
    'git-describe': versionOf(index),
    time: new Date((start + index * DAY) / 1000).toISOString().replace('T', ' ').replace('.000Z', '+00:00'),
  }));
  const truths = LABS.map((master) => ({
    master,
    regressions: REGRESSIONS.filter(({ only_master }) => only_master === null || only_master === master),
    flaky: FLAKY,
    bad_device: { hostname: badBoard(master), from: new Date(badFrom / 1000).toISOString() },
    builds,
  }));
  return { jobs: jobs.sort((a, b) => hash32(a.change.job.submitAt) - hash32(b.change.job.submitAt)), truths };
}

function badBoard(lab: string): string {
  return `${lab}-rpi4-01`;
}

function treeOf(build: number): (typeof TREES)[number] {
  return TREES[build % TREES.length] ?? TREES[0];
}

function versionOf(build: number): string {
  return `v${build}`;
}

type Place = {
  lab: string;
  type: string;
  suite: string;
  size: number;
  build: number;
  number: number;
  submitAt: number;
  board: string;
  isLost: boolean;
  roll: (k: number) => number;
};

function jobChange(place: Place): JobChange {
  const { lab, type, suite, size, build, number, submitAt, board, isLost, roll } = place;
  const [tree, branch] = treeOf(build);
  const job = jobOf({
    externalId: String(number),
    description: `${suite} on ${type}`,
    deviceType: type,
    device: board,
    submitAt,
    startAt: submitAt + 60_000_000,
    endAt: submitAt + 900_000_000,
    ...(isLost ? { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', plannedSuites: [suite] } : {}),
    metadata: { 'git-tree': tree, 'git-describe': versionOf(build), 'git-branch': branch },
  });
  const flaky = new Map(Object.entries(Object.entries(FLAKY).find(([name]) => name === suite)?.[1] ?? {}));
  const cases = Array.from({ length: size }, (_, i) => {
    const name = `case${i}`;
    return caseOf({ externalId: number * 1000 + i, name, result: resultOf(place, i, name, flaky.get(name) ?? 0.0004) });
  });
  const suites = [{ externalId: number, name: `0_${suite}`, isSteps: false, cases: isLost ? [] : cases }];
  return changeOf(job, isLost && roll(2) < 0.8 ? [] : suites);

  function resultOf(at: Place, i: number, name: string, rate: number): TestResult {
    const isHit = REGRESSIONS.some(
      (one) =>
        one.suite === suite &&
        one.case === name &&
        one.device_type === type &&
        (one.only_master === null || one.only_master === lab) &&
        (one.tree === null || one.tree === tree) &&
        build >= one.from_build &&
        build < (one.until_build ?? BUILDS),
    );
    if (isHit) return 'FAIL';
    const fixed = hash32(i, suite.length, type.length) % 100;
    if (fixed < 3) return 'SKIP';
    if (fixed === 3 && rate < 0.01) return 'FAIL';
    return at.roll(100 + i) < rate ? 'FAIL' : 'PASS';
  }
}
