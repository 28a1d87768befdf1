/** Reading: CPU of what the pages ask, against one indexed row read in the same process. */

import { listActivity } from '#store/activity.ts';
import { getBuild, getBuildTotals, listBuilds } from '#store/build.ts';
import { listTestCases } from '#store/case-scan.ts';
import { compareSides } from '#store/compare.ts';
import { countFlakyRuns } from '#store/flaky-runs.ts';
import { describeFlakyTests } from '#store/flaky-state.ts';
import { listFlakyTests } from '#store/flaky-test.ts';
import type { Days } from '#store/flips.ts';
import { getHistoryGrid } from '#store/history-grid.ts';
import { listJobs } from '#store/job.ts';
import { listMatrix } from '#store/matrix.ts';
import type { PageRequest } from '#store/page.ts';
import { listRegressions } from '#store/regression.ts';
import { BASELINE } from '#store/regression-row.ts';
import { getSourceTotals } from '#store/source.ts';
import { listStats, type Metric } from '#store/stats.ts';
import type { Store } from '#store/store.ts';
import { listJobCases } from '#store/test-case.ts';
import { getTestHistory } from '#store/test-history.ts';
import type { Opened } from './ingest.ts';
import { cpuMs, median } from './measure.ts';

const REPEATS = 30;
const PER_ROUND = 5;
const viewer = { kind: 'anonymous' } as const;
const page = (limit: number): PageRequest => ({ limit, after: null, before: null, backward: false });

export async function benchQueries(
  { store, sources }: Opened,
  line: (name: string, text: string, target?: string) => void,
): Promise<void> {
  const measure = async (body: () => Promise<unknown>) => {
    await body();
    const rounds: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      rounds.push(
        await cpuMs(async () => {
          for (let n = 0; n < PER_ROUND; n++) await body();
        }),
      );
    }
    return median(rounds) / PER_ROUND;
  };
  const bySize = async (size: number) => {
    const row = await store.sql.get<{ id: number }>(
      'SELECT id FROM job WHERE pass + fail + skip + unknown = ? ORDER BY id LIMIT 1',
      size,
    );
    if (!row) throw new Error(`no job of ${size} cases`);
    return row.id;
  };
  const build = await getBuild(store, viewer, 'bench', 'v3');
  if (!build) throw new Error('no build v3');
  const ids = sources.map((source) => source.id);
  const [small, large] = [await bySize(2_000), await bySize(20_000)];
  const reference = await measure(() => store.sql.get('SELECT * FROM job WHERE id = ?', small));
  const report = async (name: string, body: () => Promise<unknown>, target?: string) => {
    const ms = await measure(body);
    line(name, `${ms.toFixed(3)} ms CPU, ${(ms / reference).toFixed(0)} times one row by its key`, target);
  };
  await report('100 cases of a job of 2,000', () => listJobCases(store, viewer, small, {}, page(100)), '0.5 ms');
  await report('100 cases of a job of 20,000', () => listJobCases(store, viewer, large, {}, page(100)));
  await report('failing cases of a job of 20,000', () =>
    listJobCases(store, viewer, large, { result: ['FAIL'] }, page(50)),
  );
  await report('newest 50 jobs', () => listJobs(store, viewer, {}, page(50)));
  await report('newest 50 failures, all labs', () => listTestCases(store, viewer, { result: ['FAIL'] }, page(50)));
  await report('builds of a project', () => listBuilds(store, viewer, { projectId: build.projectId }, page(20)));
  await report('sums of a build', () => getBuildTotals(store, viewer, [build.id]));
  await report('matrix of a build, sums', () => listMatrix(store, viewer, build.id, {}));
  await report('totals of ten labs', () => getSourceTotals(store, viewer, ids));
  await report('14 days of ten labs', () => listActivity(store, viewer, ids, 19_000));

  const test = { project: 'bench', suite: 'kunit', name: 'kunit_case_7' };
  const { points } = await getTestHistory(store, viewer, test, 50, {});
  await report(
    `history of a test, 50 builds, ${points.length} points`,
    () => getTestHistory(store, viewer, test, 50, {}),
    '2 ms',
  );
  for (const suite of ['ltp', 'kunit']) {
    const readGrid = async () => {
      const grid = await getHistoryGrid(store, viewer, { project: 'bench', suite }, 200, {});
      const counts = await grid.count();
      return { ...grid, ...counts, shown: (await grid.listRows('ALL', page(200))).rows.length };
    };
    const { builds, tests, shown } = await readGrid();
    const size = `${tests.toLocaleString('en')} rows of ${suite} by ${builds.length} builds`;
    await report(`history grid, ${shown} of ${size}`, readGrid, '250 ms');
  }
  const [base, target] = await newestPair(store);
  const isLarge = target.results >= LARGE;
  const size = `builds of ${target.results.toLocaleString('en')}`;
  await report(
    `suite x environment, ${size}`,
    () => listMatrix(store, viewer, target.buildId, {}),
    isLarge ? '2.5 ms' : '',
  );
  const compare = async () => {
    const comparison = await compareSides(store, viewer, base, target, {});
    return comparison.listChanges(['PASS_TO_FAIL', 'FAIL_TO_PASS'], page(50));
  };
  await report(`compare two ${size}`, compare, isLarge ? '20 ms' : '');
  const days = await newestDays(store, 30);
  const ranking = () => listFlakyTests(store, viewer, {}, 'SERIES', days, page(50));
  await report('flaky ranking, 30 days', ranking, '4 ms');
  const { rows } = await ranking();
  await report('runs of the 50 flakiest, 30 days', () => countFlakyRuns(store, viewer, {}, days, rows));
  const { until } = days;
  const week = { from: (until - 7) * 86_400, until: until * 86_400 };
  const filter = {
    scope: {},
    span: week,
    until: week.until,
    statuses: ['EXTREME_REGRESSION', 'SIGNIFICANT_REGRESSION'] as const,
  };
  await report('regressions of a week, first 50', () => listRegressions(store, viewer, filter, BASELINE, page(50)));
  await report('state of the 50 flakiest, 30 days', () => describeFlakyTests(store, viewer, {}, days, rows));
  const quarter = await newestDays(store, 90);
  const dashboard = (metric: Metric) => () => listStats(store, viewer, {}, metric, ['SOURCE'], 'DAY', quarter);
  await report('pass rate by lab, 90 days', dashboard('PASS_RATE'), '1 ms');
  await report('queue times by lab, 90 days', dashboard('QUEUE_SECONDS_P95'), '1 ms');
}

const LARGE = 400_000;

type Sized = { buildId: number; results: number };

/** The newest two builds of 500,000 results, or of those there are. */
async function newestPair(store: Store): Promise<[Sized, Sized]> {
  const builds = await store.sql.all<Sized>(
    `SELECT build_id AS "buildId", sum(pass + fail + skip + unknown) AS results FROM build_env GROUP BY build_id ORDER BY build_id DESC`,
  );
  const large = builds.filter(({ results }) => results >= LARGE);
  // The newest may be cut short.
  const [target, base] = large.length >= 2 ? large : builds.slice(1);
  if (!base || !target) throw new Error('fewer than three builds');
  return [base, target];
}

async function newestDays(store: Store, count: number): Promise<Days> {
  const row = await store.sql.get<{ day: number }>('SELECT max(day) AS day FROM env_day');
  const until = (row?.day ?? 0) + 1;
  return { from: until - count, until };
}
