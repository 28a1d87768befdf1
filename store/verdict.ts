/** What a verdict is made of: the sums of a build, its failing tests, and what it lacks. */
import { type KnownSum, sumKnown } from '#analysis/known-sum.ts';
import { type Cell, type FailedTest, judge, type Verdict } from '#analysis/verdict.ts';
import type { Micros } from '#schema/records.ts';
import type { VerdictPolicy } from '#schema/verdict-policy.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type BuildRow, listBuildSources } from './build.ts';
import { failingTestKey, listFailingTests } from './failing-test.ts';
import { explainFailing } from './known-failure.ts';
import { bySuiteName, listMatrix } from './matrix.ts';
import type { MissingSuiteRow } from './missing-suite.ts';
import type { PageRequest } from './page.ts';
import { countJobsWithoutResults } from './removed-job.ts';
import { allSources, type SourceRow } from './source.ts';
import type { Store } from './store.ts';

/** Builds before it that say what is expected. */
export const EXPECTED_FROM = 5;
/** Failing tests that are looked at. */
const TESTS = 20_000;
const PAGE = 1_000;
const DAY = 86_400_000_000;
/** So long after its first job a build may still get others. */
const SPREAD_DAYS = 7;

/** Of all failing tests, whatever the policy; of those that were looked at where it is not whole. */
export type KnownOfBuild = KnownSum & { isWhole: boolean };
export type BuildVerdict = Verdict & { known: KnownOfBuild };

/** `missing`: of `EXPECTED_FROM` builds; whoever tells it too has read it already. */
export async function getVerdict(
  store: Store,
  viewer: Viewer,
  build: BuildRow,
  policy: VerdictPolicy,
  now: Micros,
  missing: readonly MissingSuiteRow[],
): Promise<BuildVerdict> {
  const lacking = missing.map(missingCell);
  const keys = new Set(lacking.map(keyOf));
  const ran = (await listRanCells(store, viewer, build)).filter((cell) => !keys.has(keyOf(cell)));
  const sources = await allSources(store, viewer);
  const slugs = new Map(sources.map(({ id, slug }) => [id, slug]));
  const { tests, isWhole } = await listAllFailing(store, viewer, build, slugs, now);
  const unknown =
    (await whyJobsAreGone(store, viewer, build, sources, now)) ??
    (isWhole ? null : `More tests fail than the ${TESTS} that are looked at`);
  return { ...judge(policy, [...ran, ...lacking], tests, unknown), known: { ...sumKnown(tests), isWhole } };
}

/** In words; null where everything that ran for the build is here. */
async function whyJobsAreGone(
  store: Store,
  viewer: Viewer,
  build: BuildRow,
  sources: readonly SourceRow[],
  now: Micros,
): Promise<string | null> {
  const thin = await countJobsWithoutResults(store, viewer, build.id);
  if (thin > 0) return `Retention has deleted the single results of ${thin === 1 ? '1 job' : `${thin} jobs`}`;
  if (build.pinnedAt !== null) return null;
  const ids = new Set(await listBuildSources(store, viewer, build.id));
  const isOfAge = ({ id, retention }: SourceRow) =>
    ids.has(id) && retention?.rollups != null && build.createdAt < now - (retention.rollups - SPREAD_DAYS) * DAY;
  const names = sources.filter(isOfAge).map(({ slug }) => slug);
  return names.length > 0
    ? `Retention deletes jobs of that age (${names.join(', ')}), and some of this build may be gone`
    : null;
}

async function listRanCells(store: Store, viewer: Viewer, build: BuildRow): Promise<Cell[]> {
  const rows = await listMatrix(store, viewer, build.id, {});
  const named = await bySuiteName(
    store,
    [...new Set(rows.map(({ suiteId }) => suiteId))].map((id) => ({ id })),
  );
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return [...Map.groupBy(rows, ({ suiteId, deviceTypeId }) => `${suiteId}/${deviceTypeId}`).values()].flatMap((of) => {
    const [first] = of;
    if (!first) return [];
    const sum = (key: 'pass' | 'fail' | 'skip' | 'unknown' | 'infrastructure') =>
      of.reduce((n, row) => n + row[key], 0);
    return [
      {
        suite: names.get(first.suiteId) ?? '',
        deviceType: first.deviceType,
        pass: sum('pass'),
        fail: sum('fail'),
        total: sum('pass') + sum('fail') + sum('skip') + sum('unknown'),
        infrastructure: sum('infrastructure'),
        missing: null,
      },
    ];
  });
}

function missingCell({ suite, deviceType, reason, jobs }: MissingSuiteRow): Cell {
  return { suite, deviceType, pass: 0, fail: 0, total: 0, infrastructure: 0, missing: { reason, jobs } };
}

function keyOf({ suite, deviceType }: Cell): string {
  return JSON.stringify([suite, deviceType]);
}

async function listAllFailing(
  store: Store,
  viewer: Viewer,
  build: BuildRow,
  slugs: ReadonlyMap<number, string>,
  now: Micros,
): Promise<{ tests: FailedTest[]; isWhole: boolean }> {
  const tests: FailedTest[] = [];
  let page: PageRequest = { limit: PAGE, after: null, before: null, backward: false };
  while (true) {
    const { rows, hasNext, stoppedAt } = await listFailingTests(store, viewer, build, {}, page);
    const explained = await explainFailing(store, viewer, rows, now);
    for (const [i, { suite, set, name, deviceType, labs }] of rows.entries()) {
      const said = labs.map(({ sourceId, result }, k) => {
        const excused = explained[i]?.[k];
        const issue = excused ? { number: excused.id, title: excused.title } : null;
        return { slug: slugs.get(sourceId) ?? '', result, issue };
      });
      tests.push({ suite, set, name, deviceType, labs: said });
    }
    const last = rows.at(-1);
    const after = stoppedAt ?? (last ? failingTestKey(last) : null);
    if (!hasNext || after === null) return { tests, isWhole: true };
    if (tests.length >= TESTS) return { tests, isWhole: false };
    page = { ...page, after };
  }
}
