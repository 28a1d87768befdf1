/** The tests of a build that fail, by suite and name: a suite at a time, until the page is full. */
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { TestResult } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { type BuildRun, listFailingRuns, type SaidByCase, shapesOf, verdictsByLab } from './build-run.ts';
import { type CaseName, FAIL, resultOf, type Verdict } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { bySuiteName, compare, environmentsById, type MatrixScope } from './matrix.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import { namesOf } from './read-shape.ts';
import type { Store } from './store.ts';

export type FailingTestLab = { sourceId: number; result: TestResult; jobId: number };

/** A test on a kind of board that fails in a lab at least. */
export type FailingTestRow = CaseName & {
  suite: string;
  caseId: number;
  deviceType: string;
  labs: FailingTestLab[];
};

/** Its place is by names: numbers of the store are given in an order that hidden jobs take part in. */
export function failingTestKey({ suite, name, set, deviceType }: FailingTestRow): Key {
  return [suite, name, set === null ? 0 : 1, set ?? '', deviceType];
}

/** After so many runs a page ends, short of rows where failures were run again until they passed. */
const RUNS_AT_MOST = 5_000;

export type FailingTestPage = Page<FailingTestRow> & { stoppedAt: Key | null };

export async function listFailingTests(
  store: Store,
  viewer: Viewer,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  scope: MatrixScope,
  page: PageRequest,
  /** Of several runs of a lab the one that speaks. */
  verdict: RunVerdict = 'LAST',
): Promise<FailingTestPage> {
  const found: FailingTestRow[] = [];
  const suites = (await suitesWithFailures(store, viewer, build.id, scope)).filter(({ name }) => {
    const tooEarly = page.after !== null && compare(name, String(page.after[0])) < 0;
    return !tooEarly && !(page.before !== null && compare(name, String(page.before[0])) > 0);
  });
  if (page.backward) suites.reverse();
  let looked = 0;
  let stoppedAt: Key | null = null;
  while (suites.length > 0 && found.length <= page.limit && !stoppedAt) {
    const some = takeSome(suites, 2 * page.limit);
    const ids = some.map((suite) => suite.id);
    const runs = await listFailingRuns(store, viewer, build, ids, scope);
    found.push(...(await failingOf(store, runs, some, page, verdict)));
    looked += runs.length;
    const [last, next] = [some.at(-1), suites[0]];
    if (looked > RUNS_AT_MOST && found.length <= page.limit && last && next)
      stoppedAt = [(page.backward ? last : next).name, '', 0, '', ''];
  }
  const { rows, ...edges } = toPage(found.slice(0, page.limit + 1), page);
  if (stoppedAt) edges[page.backward ? 'hasPrevious' : 'hasNext'] = true;
  return { ...edges, rows, stoppedAt };
}

type FailingSuite = { id: number; name: string; fail: number };

async function suitesWithFailures(
  store: Store,
  viewer: Viewer,
  buildId: number,
  scope: MatrixScope,
): Promise<FailingSuite[]> {
  const envs = await environmentsById(store, viewer, scope);
  const rows = await store.sql.all<Omit<FailingSuite, 'name'>>(
    `SELECT suite_id AS id, sum(fail) AS fail FROM build_suite
     WHERE build_id = ? AND fail > 0 AND env_id IN ${LISTED[store.engine]} GROUP BY suite_id`,
    buildId,
    idList(envs.keys()),
  );
  return bySuiteName(store, rows);
}

/** Takes the next suite, and those after it while they have few failures. */
function takeSome(suites: FailingSuite[], few: number): FailingSuite[] {
  const taken: FailingSuite[] = [];
  let fail = 0;
  for (let next = suites.shift(); next; next = suites.shift()) {
    taken.push(next);
    fail += next.fail;
    if (fail + (suites[0]?.fail ?? 0) > few) break;
  }
  return taken;
}

/** What fails in runs of some suites and may be on the page, in its order. */
async function failingOf(
  store: Store,
  runs: readonly BuildRun[],
  suites: readonly FailingSuite[],
  page: PageRequest,
  verdict: RunVerdict,
): Promise<FailingTestRow[]> {
  const shapeOf = await shapesOf(store, runs);
  const bySuite = Map.groupBy(runs, (run) => run.suiteId);
  const unnamed: Omit<FailingTestRow, keyof CaseName>[] = [];
  for (const { id, name: suite } of suites) {
    const byType = Map.groupBy(bySuite.get(id) ?? [], ({ deviceType }) => deviceType);
    for (const [deviceType, ofType] of byType) {
      const byLab = await verdictsByLab(store, ofType, shapeOf, verdict);
      const failing = new Set([...byLab.values()].flatMap((said) => [...said].filter(isFailure).map(([id]) => id)));
      for (const caseId of failing) unnamed.push({ suite, caseId, deviceType, labs: labsOf(byLab, caseId) });
    }
  }
  const names = await namesOf(store, [...new Set(unnamed.map(({ caseId }) => caseId))]);
  const sign = page.backward ? -1 : 1;
  return unnamed
    .map(({ caseId, ...test }) => {
      const name = names.get(caseId);
      if (!name) throw new Error(`test case ${caseId} is gone`);
      const row = { ...test, caseId, ...name };
      return { row, key: failingTestKey(row) };
    })
    .filter(({ key }) => isOnPage(key, page))
    .sort((a, b) => sign * compareKeys(a.key, b.key))
    .map(({ row }) => row);
}

function labsOf(byLab: ReadonlyMap<number, SaidByCase>, caseId: number): FailingTestLab[] {
  return [...byLab].flatMap(([sourceId, byCase]) => {
    const said = byCase.get(caseId);
    return said ? [{ sourceId, jobId: said.jobId, result: resultOf(said.result) }] : [];
  });
}

function isFailure([, { result }]: [number, { result: Verdict }]): boolean {
  return result === FAIL;
}
