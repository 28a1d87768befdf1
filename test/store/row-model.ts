/** What the queries of histories and builds have to answer, from a plain list with a row a result. */
import { findChangePoints } from '#analysis/change-points.ts';
import { type ChanceRuns, flakeChance } from '#analysis/flake-bar.ts';
import { judgeStreak, type StreakPolicy } from '#analysis/judge-streak.ts';
import { judgeRegression } from '#analysis/regression-rule.ts';
import type { TestResult } from '#schema/records.ts';

/** One result of one job. `run` is the suite's place in the job, `position` the case's in the suite. */
export type ResultRow = {
  job: string;
  source: string;
  type: string;
  isPublic: boolean;
  healthCheck: boolean;
  /** Its job failed by the lab's fault. */
  isLost: boolean;
  submitAt: number;
  number: number;
  branch: string;
  build: string;
  suite: string;
  run: number;
  position: number;
  set: string | null;
  name: string;
  result: TestResult;
};

const second = (row: ResultRow) => Math.floor(row.submitAt / 1_000_000);

/** Oldest first: by submission, then by the number on the source. */
export function byTime(a: ResultRow, b: ResultRow): number {
  return second(a) - second(b) || a.number - b.number || a.run - b.run || a.position - b.position;
}

function runOf(row: ResultRow): string {
  return `${row.job} ${row.run}`;
}

const WORST_IN_RUN: readonly TestResult[] = ['FAIL', 'UNKNOWN', 'SKIP', 'PASS'];
const MOST_IN_BUILD: readonly TestResult[] = ['FAIL', 'PASS', 'UNKNOWN', 'SKIP'];

function first(order: readonly TestResult[], rows: readonly ResultRow[]): TestResult | null {
  return order.find((result) => rows.some((row) => row.result === result)) ?? null;
}

export type ModelPoint = { job: string; build: string; set: string | null; result: TestResult; position: number };

/** Newest first. */
export function historyOf(
  rows: readonly ResultRow[],
  test: { suite: string; name: string; set?: string | null; branch?: string | null },
  builds: number,
): ModelPoint[] {
  const ofTest = rows
    .filter((row) => row.suite === test.suite && row.name === test.name)
    .filter((row) => (test.set == null || row.set === test.set) && (test.branch == null || row.branch === test.branch))
    .sort(byTime);
  const points: ModelPoint[] = [];
  const seen = new Set<string>();
  for (const run of [...Map.groupBy(ofTest, runOf).values()].reverse()) {
    const build = `${run[0]?.branch} ${run[0]?.build}`;
    if (seen.size === builds && !seen.has(build)) break;
    seen.add(build);
    for (const ofSet of Map.groupBy(run, (row) => row.set).values()) {
      const result = first(WORST_IN_RUN, ofSet) ?? 'PASS';
      const [row] = ofSet.filter((one) => one.result === result);
      if (row) points.push({ job: row.job, build, set: row.set, result, position: row.position });
    }
  }
  return points;
}

export type ModelChange = {
  transition: string;
  suite: string;
  type: string;
  set: string | null;
  name: string;
  base: TestResult | null;
  target: TestResult | null;
  /** Job, suite in the job and position of the newest such results. */
  places: [string | null, string | null];
};

const TRANSITIONS = ['PASS_TO_FAIL', 'FAIL_TO_PASS', 'STILL_FAILING', 'NEW_FAIL', 'NEW_PASS', 'MISSING', 'SKIP_CHANGE'];

function nameOf(base: TestResult | null, target: TestResult | null): string | null {
  if (target === null) return 'MISSING';
  if (base === 'FAIL' && target === 'FAIL') return 'STILL_FAILING';
  if (base === target) return null;
  if (base === null) return target === 'FAIL' || target === 'PASS' ? `NEW_${target}` : 'SKIP_CHANGE';
  const name = `${base}_TO_${target}`;
  return TRANSITIONS.includes(name) ? name : 'SKIP_CHANGE';
}

/** Of the newest run with the result its first. */
function newestOf(rows: readonly ResultRow[], result: TestResult | null): string | null {
  const having = rows.filter((row) => row.result === result).sort(byTime);
  const last = having.at(-1);
  const row = having.find((one) => last !== undefined && runOf(one) === runOf(last));
  return row ? `${runOf(row)} ${row.position}` : null;
}

export type ModelComparison = { changes: ModelChange[]; pairs: number; differences: string[] };

/** Rows of both sides; `bySource` is false when a side is one source's or a job, `acrossTypes` true when both are of a type. */
export function comparisonOf(
  base: readonly ResultRow[],
  target: readonly ResultRow[],
  { bySource, acrossTypes }: { bySource: boolean; acrossTypes: boolean },
): ModelComparison {
  const cellOf = (row: ResultRow) => JSON.stringify(acrossTypes ? [row.suite] : [row.suite, row.type]);
  const cells = [...new Set([...base, ...target].map(cellOf))];
  const changes: (ModelChange & { place: number })[] = [];
  const differences: string[] = [];
  let pairs = 0;
  for (const cell of cells) {
    let [b, t] = [base, target].map((rows) => rows.filter((row) => cellOf(row) === cell)) as [ResultRow[], ResultRow[]];
    const [inBase, inTarget] = [new Set(b.map((row) => row.source)), new Set(t.map((row) => row.source))];
    const common = [...inBase].filter((source) => inTarget.has(source));
    const both = b.length > 0 && t.length > 0;
    const compared = both && (!bySource || common.length === 0);
    for (const [side, rows, other] of [
      ['BASE', b, inTarget],
      ['TARGET', t, inBase],
    ] as const) {
      if (!bySource && other.size > 0) continue;
      for (const [source, ofSource] of Map.groupBy(rows, (row) => row.source)) {
        const place = JSON.stringify([ofSource[0]?.suite, ofSource[0]?.type]);
        if (!other.has(source)) differences.push([place, source, side, ofSource.length, compared].join(' '));
      }
    }
    if (!both) continue;
    if (bySource && common.length > 0)
      [b, t] = [b, t].map((rows) => rows.filter((r) => common.includes(r.source))) as [ResultRow[], ResultRow[]];
    const caseOf = (row: ResultRow) => JSON.stringify([row.set, row.name]);
    const newestFirst = (rows: ResultRow[]) => [...Map.groupBy(rows.toSorted(byTime), runOf).values()].reverse().flat();
    const order = [...new Set([...newestFirst(t), ...newestFirst(b)].map(caseOf))];
    for (const [place, key] of order.entries()) {
      const [ofBase, ofTarget] = [b, t].map((rows) => rows.filter((row) => caseOf(row) === key)) as [
        ResultRow[],
        ResultRow[],
      ];
      const [baseResult, targetResult] = [first(MOST_IN_BUILD, ofBase), first(MOST_IN_BUILD, ofTarget)];
      if (baseResult && targetResult) pairs += 1;
      const places: ModelChange['places'] = [newestOf(ofBase, baseResult), newestOf(ofTarget, targetResult)];
      const transition = nameOf(baseResult, targetResult);
      const { suite = '', type = '' } = t[0] ?? {};
      const [set, name] = JSON.parse(key) as [string | null, string];
      if (transition)
        changes.push({ transition, suite, type, set, name, base: baseResult, target: targetResult, places, place });
    }
  }
  changes.sort(
    (a, b) =>
      TRANSITIONS.indexOf(a.transition) - TRANSITIONS.indexOf(b.transition) ||
      compareTexts(a.suite, b.suite) ||
      compareTexts(a.type, b.type) ||
      a.place - b.place,
  );
  return { changes: changes.map(({ place: _, ...change }) => change), pairs, differences: differences.sort() };
}

export type ModelFlaky = {
  suite: string;
  type: string;
  source: string;
  set: string | null;
  name: string;
  flips: number;
  runs: number;
};

const DAY = 86_400_000_000;

/** Most flips first, then by name. */
export function flakyOf(
  rows: readonly ResultRow[],
  by: 'SERIES' | 'SOURCE',
  from: number,
  until: number,
): ModelFlaky[] {
  const series = Map.groupBy(rows.toSorted(byTime), (row) =>
    JSON.stringify([row.suite, row.set, row.name, row.type, row.source, row.isPublic, row.branch]),
  );
  const found = new Map<string, ModelFlaky>();
  for (const ofSeries of series.values()) {
    let held: TestResult = 'PASS';
    for (const run of Map.groupBy(ofSeries, runOf).values()) {
      const [row] = run;
      const result = first(WORST_IN_RUN, run) ?? 'PASS';
      const flipped = result === 'FAIL' && held !== 'FAIL';
      held = result;
      if (!row || row.submitAt < from * DAY || row.submitAt >= until * DAY) continue;
      const source = by === 'SOURCE' ? row.source : '';
      const key = JSON.stringify([row.suite, row.name, row.set, row.type, source]);
      const { suite, type, set, name } = row;
      const sum = found.get(key) ?? { suite, type, source, set, name, flips: 0, runs: 0 };
      found.set(key, { ...sum, runs: sum.runs + 1, flips: sum.flips + (flipped ? 1 : 0) });
    }
  }
  const key = (f: ModelFlaky) => [f.suite, f.name, f.set === null ? '' : ` ${f.set}`, f.type, f.source];
  return [...found.values()]
    .filter(({ flips }) => flips > 0)
    .sort((a, b) => b.flips - a.flips || compareLists(key(a), key(b)));
}

export type ModelRegression = {
  at: number;
  branch: string;
  suite: string;
  set: string | null;
  name: string;
  type: string;
  lastGood: string;
  firstBad: string;
  fixedIn: string | null;
  failingBuilds: number;
  sample: [passes: number, fails: number];
  base: [passes: number, fails: number];
  status: string;
  isHeld: boolean;
  flakeChance: number | null;
};

/**
 * Newest first, then by name. `createdAt` is that of each build of a branch. The series of a test has one such row for each
 * instant at which it turned to FAIL in a lab, unless that is no beginning.
 */
export function regressionsOf(
  rows: readonly ResultRow[],
  createdAt: (branch: string, build: string) => number,
  baseSeconds: number,
  from: number,
  policy: StreakPolicy,
): ModelRegression[] {
  const found: ModelRegression[] = [];
  const testOf = (row: ResultRow) => JSON.stringify([row.suite, row.set, row.name]);
  const byTest = Map.groupBy(toRuns(rows.toSorted(byTime)), testOf);
  const seriesOf = (row: ResultRow) => JSON.stringify([row.branch, row.suite, row.set, row.name, row.type]);
  for (const series of Map.groupBy(rows.toSorted(byTime), seriesOf).values()) {
    const runs = toRuns(series);
    const [any] = runs;
    const ofTest = any ? (byTest.get(testOf(any)) ?? []) : [];
    const turns = [...Map.groupBy(runs, (run) => `${run.source} ${run.isPublic}`).values()].flatMap((stream) =>
      stream.filter((run, i) => run.result === 'FAIL' && stream[i - 1]?.result !== 'FAIL'),
    );
    for (const at of new Set(turns.map((run) => run.at))) {
      if (at < from) continue;
      const row = beginningAt(
        runs.filter((run) => run.at >= at - baseSeconds),
        at,
        createdAt,
        ofTest.filter((run) => run.at >= at - baseSeconds),
        policy,
      );
      if (row) found.push(row);
    }
  }
  const key = (r: ModelRegression) => [r.branch, r.suite, r.name, r.set === null ? '' : ` ${r.set}`, r.type];
  return found.sort((a, b) => b.at - a.at || compareLists(key(a), key(b)));
}

type ModelRun = ResultRow & { at: number };

/** A run of a suite once for each test in it. */
function toRuns(rows: readonly ResultRow[]): ModelRun[] {
  const byRun = Map.groupBy(rows, (row) => JSON.stringify([runOf(row), row.suite, row.set, row.name]));
  return [...byRun.values()].flatMap((run) => {
    const [row] = run;
    return row ? [{ ...row, at: second(row), result: first(WORST_IN_RUN, run) ?? 'PASS' }] : [];
  });
}

function tellsOfTest(run: ModelRun): boolean {
  return !run.isLost && !run.healthCheck && ['PASS', 'FAIL'].includes(run.result);
}

/** Failures between two passes; of one second passes are first. */
function failuresTogether(runs: readonly ModelRun[]): ModelRun[][] {
  const rank = ({ result }: ModelRun) => (result === 'FAIL' ? 1 : 0);
  const list = runs.toSorted((a, b) => a.at - b.at || rank(a) - rank(b));
  const rows: ModelRun[][] = [[]];
  for (const run of list) {
    if (run.result === 'FAIL') rows.at(-1)?.push(run);
    else rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

/** Runs of the test that are no break, have passed since, and did not fail wherever the build, or any branch, ran. */
function chanceOf(told: readonly ModelRun[], isElsewhere: (run: ModelRun) => boolean): ChanceRuns {
  const together = Map.groupBy(told, (run) => `${run.branch} ${run.build} ${run.type}`);
  const breaks = new Set(
    [(run: ModelRun) => run.type, (run: ModelRun) => `${run.type} ${run.source} ${run.isPublic}`]
      .flatMap((keyOf) => [...Map.groupBy(told, keyOf).values()].flatMap(failuresTogether))
      .filter((row) => row.length >= 3 && new Set(row.map(({ branch }) => branch)).size > 1)
      .flat(),
  );
  const isReal = (run: ModelRun) => {
    const all = together.get(`${run.branch} ${run.build} ${run.type}`) ?? [];
    const inAllLabs = all.every(({ result }) => result === 'FAIL') && new Set(all.map(({ source }) => source)).size > 1;
    return inAllLabs || breaks.has(run);
  };
  const runs = told.filter(isElsewhere);
  const sum = { passes: 0, fails: 0, turns: 0 };
  const streams = Map.groupBy(
    runs.filter((run) => !isReal(run)),
    (run) => `${run.source} ${run.type} ${run.isPublic} ${run.branch}`,
  );
  for (const stream of streams.values()) {
    const letters = stream.map(({ result }) => (result === 'FAIL' ? 'F' : 'P')).join('');
    const kept = letters.replace(/F+$/, '').replaceAll(/F{3,}/g, '');
    sum.passes += kept.replaceAll('F', '').length;
    sum.fails += kept.replaceAll('P', '').length;
    sum.turns += kept.split('PF').length - 1;
  }
  return sum;
}

function beginningAt(
  runs: readonly ModelRun[],
  at: number,
  createdAt: (branch: string, build: string) => number,
  ofTest: readonly ModelRun[],
  policy: StreakPolicy,
): ModelRegression | null {
  const told = runs.filter(tellsOfTest);
  const labs = [...new Set(told.map(({ source }) => source))];
  const numberOf = (lab: string) => labs.indexOf(lab);
  const builds = [...Map.groupBy(told, (run) => run.build)]
    .map(([build, ofBuild]) => {
      const newest = new Map(ofBuild.map((run) => [run.source, run.result]));
      const fails = ofBuild.filter((run) => run.result === 'FAIL').length;
      const said = (wanted: TestResult) =>
        [...newest].flatMap(([lab, result]) => (result === wanted ? [numberOf(lab)] : []));
      const byLab = new Map(
        [...Map.groupBy(ofBuild, (run) => run.source)].map(([lab, ofLab]) => {
          const failed = ofLab.filter((run) => run.result === 'FAIL').length;
          return [numberOf(lab), { fails: failed, passes: ofLab.length - failed }] as const;
        }),
      );
      const sides = { failing: said('FAIL'), passing: said('PASS'), byLab };
      return { build, newest, ...sides, fails, passes: ofBuild.length - fails, isBad: false };
    })
    .sort((a, b) => {
      const [one, other] = [a, b].map(({ build }) => createdAt(runs[0]?.branch ?? '', build));
      return (one ?? 0) - (other ?? 0);
    });
  // A lab that failed is bad until it has passed.
  const held = new Map<string, TestResult>();
  for (const build of builds) {
    for (const [source, result] of build.newest) held.set(source, result);
    build.isBad = [...held.values()].includes('FAIL');
  }
  for (let bad = 1; bad < builds.length; bad++) {
    if (!builds[bad]?.isBad || builds[bad - 1]?.isBad) continue;
    let end = bad;
    while (builds[end]?.isBad) end += 1;
    const failing = builds.slice(bad, end);
    const names = failing.map(({ build }) => build);
    const passedWhere = (one: (typeof builds)[number]) =>
      one.passing.some((lab) => failing.some((build) => build.failing.includes(lab)));
    const start = told.find((run) => run.result === 'FAIL' && names.includes(run.build));
    const stream = runs.filter((run) => run.source === start?.source && run.isPublic === start.isPublic);
    let turn = stream.findIndex((run) => start && runOf(run) === runOf(start));
    while (stream[turn - 1]?.result === 'FAIL') turn -= 1;
    const [run] = runs;
    if (stream[turn]?.at !== at || !run) continue;
    const sum = (list: typeof builds): [number, number] => [
      list.reduce((n, { passes }) => n + passes, 0),
      list.reduce((n, { fails }) => n + fails, 0),
    ];
    const [samplePair, basePair] = [sum(failing), sum(builds.slice(0, bad))];
    const base = { passes: basePair[0], fails: basePair[1] };
    const { status, isHeld, samples } = judgeStreak(base, failing, policy);
    const positions = builds.map(({ passes, fails }) => ({
      runs: passes + fails,
      failed: fails,
      retried: 0,
      failedAfterRetry: 0,
    }));
    const isChange = (of: typeof positions) =>
      findChangePoints(of).some((point) => point.from <= bad && bad <= point.until);
    const isPicked = base.fails > 0 && !isChange(positions) && !isChange(positions.slice(0, end));
    const isOpen = samples.some(({ window }) => window.fails > 0 && window.passes === 0);
    const isYoung =
      status === 'NOT_SIGNIFICANT' && !isPicked && isOpen && base.passes > 0 && base.passes + base.fails < 30;
    const toldElsewhere = ofTest.filter(tellsOfTest);
    const failingLabs = new Set(failing.flatMap((one) => one.failing).map((n) => labs[n] ?? ''));
    const borrowed = isYoung
      ? borrowOf(
          at,
          run,
          samples,
          failingLabs,
          toldElsewhere.filter(({ type }) => type === run.type),
          policy,
        )
      : null;
    const isRegression = !isPicked && (borrowed !== null || /_REGRESSION$/.test(status));
    const isOwn = (one: ModelRun) => one.branch === run.branch && one.type === run.type && names.includes(one.build);
    const elsewhere = chanceOf(toldElsewhere, (one) => !isOwn(one));
    const judged = borrowed ? [{ window: borrowed.sample, choices: borrowed.choices }] : samples;
    const chances = judged.flatMap(({ window, choices }) => flakeChance(window, elsewhere, choices) ?? []);
    const chance = isRegression && chances.length > 0 ? Math.min(...chances) : null;
    const isFlake = chance !== null && chance >= (100 - policy.confidence) / 100;
    return {
      status: isPicked || isFlake ? 'NOT_SIGNIFICANT' : (borrowed?.status ?? status),
      isHeld: isHeld && !isFlake && !isPicked,
      flakeChance: chance,
      at,
      branch: run.branch,
      suite: run.suite,
      set: run.set,
      name: run.name,
      type: run.type,
      lastGood: (builds.slice(0, bad).findLast(passedWhere) ?? builds[bad - 1])?.build ?? '',
      firstBad: builds[bad]?.build ?? '',
      fixedIn: builds[end]?.build ?? null,
      failingBuilds: failing.filter(({ newest }) => [...newest.values()].includes('FAIL')).length,
      sample: samplePair,
      base: basePair,
    };
  }
  return null;
}

/** By other branches on the device type: its own failures against the passes of all, or those of all together. */
function borrowOf(
  at: number,
  { branch }: ModelRun,
  samples: readonly { window: { passes: number; fails: number }; choices: number }[],
  failingLabs: ReadonlySet<string>,
  ofType: readonly ModelRun[],
  policy: StreakPolicy,
) {
  const count = (runs: readonly ModelRun[]) => ({
    passes: runs.filter(({ result }) => result === 'PASS').length,
    fails: runs.filter(({ result }) => result === 'FAIL').length,
  });
  for (const [i, { window, choices }] of samples.entries()) {
    if (window.passes > 0) continue;
    const runs = i === 0 ? ofType : ofType.filter(({ source }) => failingLabs.has(source));
    const row = failuresTogether(runs).find((all) => all.some((one) => one.at === at && one.branch === branch));
    const begin = row?.[0]?.at ?? at;
    const looks = [
      { sample: window, base: count(runs.filter((one) => one.at < at)) },
      ...(row ? [{ sample: count(row), base: count(runs.filter((one) => one.at < begin)) }] : []),
    ];
    for (const { sample, base } of looks) {
      const { status } = judgeRegression(sample, base, { ...policy, confidence: 100 - 1 / (3 * choices) });
      if (/_REGRESSION$/.test(status)) return { status, sample, choices: 3 * choices };
    }
  }
  return null;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) if (text !== b[i]) return compareTexts(text, b[i] ?? '');
  return 0;
}
