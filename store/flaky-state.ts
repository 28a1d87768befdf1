/** What the runs of flaky tests say beyond their flips: what was left out, what passed on retry, and whether it is a flake. */
import { isEverywhere, onlyPlace } from '#analysis/flaky-place.ts';
import { isActive, type Thresholds, trailingWindows } from '#analysis/hysteresis.ts';
import { passedOnRetry } from '#analysis/pass-on-retry.ts';
import { BREAK } from '#analysis/testgrid-flip.ts';
import type { Viewer } from '#schema/viewer.ts';
import { isOut, type MarkedRun, markChance, realFailures, tellsOfTest } from './chance-run.ts';
import { FAIL, PASS } from './codec.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import type { FlakyTestRow } from './flaky-test.ts';
import type { Days } from './flips.ts';
import { readSeriesRuns, SERIES_LIMITS, type SeriesRun } from './series-runs.ts';
import type { Store } from './store.ts';

export type FlakyState = 'BROKEN' | 'FLAKY' | 'HEALTHY';

/** Of the runs that count, those on a board (null: on none that is known), or in a lab. */
export type FlakesAt = { sourceId: number; deviceId: number | null; flakes: number; fails: number; runs: number };

export type FlakyFacts = {
  state: FlakyState;
  /** Turns from pass to fail that are no break, among the runs that count. */
  flakes: number;
  considered: number;
  /** Builds in which a failure was followed by a pass in the same lab. */
  passedOnRetry: number;
  /** Jobs that were left out, newest first: the lab's fault, or nearly all they ran failed together. */
  excludedJobIds: number[];
  /** Where alone it is flaky: on a board, in a lab; null where it is in several, or that cannot be told. */
  onlyDeviceId: number | null;
  onlySourceId: number | null;
  /** In each of the labs that ran it, two at least. */
  isEverywhere: boolean;
  /** Those with flakes. */
  boards: FlakesAt[];
  /** Every one that ran it. */
  labs: FlakesAt[];
};

/** A test becomes flaky at three flakes among its last fifty runs and 5 %, and is again healthy below 2 %. */
export const FLAKY_THRESHOLDS: Thresholds = { activation: 0.05, minHits: 3, resolution: 0.02, minRuns: 10 };
export const FLAKY_WINDOW = 50;
const LIMITS = { ...SERIES_LIMITS, runs: 20_000 };
const DAY_SECONDS = 86_400;

/** In the order of the tests. */
export async function describeFlakyTests(
  store: Store,
  viewer: Viewer,
  scope: Scope,
  { from, until }: Days,
  tests: readonly FlakyTestRow[],
): Promise<FlakyFacts[]> {
  const environments = new Map((await listEnvironments(store, viewer, scope)).map((row) => [row.id, row]));
  const isOf = (test: FlakyTestRow, row: EnvironmentRow | undefined) =>
    row?.deviceTypeId === test.deviceTypeId && (test.sourceId === null || row.sourceId === test.sourceId);
  const facts = new Map<FlakyTestRow, FlakyFacts>();
  const end = until * DAY_SECONDS;
  const span = { from: from * DAY_SECONDS, until: end, pivot: end };
  for (const [suiteId, ofSuite] of Map.groupBy(tests, (test) => test.suiteId)) {
    // Of a test of one lab the others are read as well: whether they agree is asked.
    const types = new Set(ofSuite.map(({ deviceTypeId }) => deviceTypeId));
    const envIds = [...environments.values()].filter(({ deviceTypeId }) => types.has(deviceTypeId));
    const streams = { suiteId, branchId: null, envIds: envIds.map(({ id }) => id) };
    const caseIds = [...new Set(ofSuite.map(({ caseId }) => caseId))];
    const byCase = Map.groupBy(ofSuite, (test) => test.caseId);
    const { visit } = await readSeriesRuns(store, streams, caseIds, span, LIMITS);
    await visit((alike, runsOf) => {
      const runs = runsOf();
      const real = realFailures(runs, environments);
      for (const test of alike.flatMap((caseId) => byCase.get(caseId) ?? []))
        facts.set(
          test,
          factsOf(
            runs.filter((run) => isOf(test, environments.get(run.envId))),
            real,
            environments,
          ),
        );
    });
  }
  return tests.map((test) => facts.get(test) ?? factsOf([], new Set(), environments));
}

/** Runs oldest first, of any number of streams. */
function factsOf(
  runs: readonly SeriesRun[],
  real: ReadonlySet<SeriesRun>,
  environments: ReadonlyMap<number, EnvironmentRow>,
): FlakyFacts {
  const told = runs.filter(tellsOfTest);
  const marked = markChance(told, real).flat();
  const order = new Map(told.map((run, i) => [run, i]));
  marked.sort((a, b) => (order.get(a.run) ?? 0) - (order.get(b.run) ?? 0));
  const marks = marked.flatMap(({ mark }) => (mark === null ? [] : [mark]));
  const attempts = told.map(({ envId, buildId, verdict }, at) => ({
    revision: `${buildId}/${envId}`,
    at,
    passed: verdict === PASS,
  }));
  const retried = passedOnRetry(attempts);
  const last = told.slice(-BREAK);
  const isBroken = last.length === BREAK && last.every(({ verdict }) => verdict === FAIL);
  const isFlaky = isActive(trailingWindows(marks, FLAKY_WINDOW), FLAKY_THRESHOLDS);
  return {
    state: isBroken ? 'BROKEN' : isFlaky ? 'FLAKY' : 'HEALTHY',
    flakes: marks.filter(Boolean).length,
    considered: marks.length,
    passedOnRetry: new Set(retried.map((revision) => revision.split('/')[0])).size,
    excludedJobIds: [...new Set(runs.filter(isOut).map(({ jobId }) => jobId))].reverse(),
    ...placesOf(marked, environments),
  };
}

function placesOf(marked: readonly MarkedRun[], environments: ReadonlyMap<number, EnvironmentRow>) {
  const boards = new Map<string, FlakesAt>();
  const labs = new Map<number, FlakesAt>();
  for (const { run, mark } of marked) {
    const sourceId = environments.get(run.envId)?.sourceId;
    if (mark === null || sourceId === undefined) continue;
    const board = `${sourceId}/${run.deviceId}`;
    const places = [
      upsert(boards, board, { sourceId, deviceId: run.deviceId, ...NONE }),
      upsert(labs, sourceId, { sourceId, deviceId: null, ...NONE }),
    ];
    for (const place of places) {
      place.runs += 1;
      if (run.verdict === FAIL) place.fails += 1;
      if (mark) place.flakes += 1;
    }
  }
  const only = onlyPlace(boards);
  return {
    onlyDeviceId: boards.get(only ?? '')?.deviceId ?? null,
    onlySourceId: onlyPlace(labs),
    isEverywhere: isEverywhere(labs),
    boards: [...boards.values()].filter(({ flakes }) => flakes > 0),
    labs: [...labs.values()],
  };
}

const NONE = { flakes: 0, fails: 0, runs: 0 };

function upsert<Key>(places: Map<Key, FlakesAt>, key: Key, none: FlakesAt): FlakesAt {
  const place = places.get(key) ?? none;
  places.set(key, place);
  return place;
}
