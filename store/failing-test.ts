/** The tests of a build that fail, by suite and name: a suite at a time, until the page is full. */
import type { TestResult } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { type BuildRun, FAIL, listBuildRuns, type ShapeOf, shapesOf, verdictsByLab } from './build-run.ts';
import { type CaseName, resultOf, type Verdict } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { bySuiteName, compare, environmentsById, type MatrixScope } from './matrix.ts';
import { type Key, type Page, type PageRequest, toPage } from './page.ts';
import { namesOf } from './read-shape.ts';
import type { Store } from './store.ts';

export type FailingTestLab = { sourceId: number; result: TestResult; jobId: number };

/** A test on a kind of board whose newest run fails in a lab at least. */
export type FailingTestRow = CaseName & {
  suite: string;
  caseId: number;
  deviceType: string;
  deviceTypeId: number;
  labs: FailingTestLab[];
};

/** Its place: suites by name, in a suite tests by number, a test's kinds of boards by number. */
export function failingTestKey({ suite, caseId, deviceTypeId }: Omit<FailingTestRow, 'name' | 'set'>) {
  return [suite, caseId, deviceTypeId] as const;
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
): Promise<FailingTestPage> {
  const found: Omit<FailingTestRow, 'name' | 'set'>[] = [];
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
    const runs = await listBuildRuns(store, viewer, build, ids, scope);
    const shapeOf = await shapesOf(store, runs);
    const bySuite = Map.groupBy(runs, (run) => run.suiteId);
    for (const { id, name } of some) {
      const tests = (await failingOf(store, bySuite.get(id) ?? [], shapeOf)).map((test) => ({ ...test, suite: name }));
      found.push(...(page.backward ? tests.reverse() : tests).filter((test) => isBetween(test, page)));
    }
    looked += runs.length;
    const last = some.at(-1)?.name ?? '';
    if (looked > RUNS_AT_MOST && found.length <= page.limit && suites.length > 0)
      stoppedAt = [last, page.backward ? 0 : Number.MAX_SAFE_INTEGER, 0];
  }
  const { rows, ...edges } = toPage(found.slice(0, page.limit + 1), page);
  if (stoppedAt) edges[page.backward ? 'hasPrevious' : 'hasNext'] = true;
  const names = await namesOf(store, [...new Set(rows.map((row) => row.caseId))]);
  const named = rows.map((row) => {
    const name = names.get(row.caseId);
    if (!name) throw new Error(`test case ${row.caseId} is gone`);
    return { ...row, ...name };
  });
  return { ...edges, rows: named, stoppedAt };
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

type Unnamed = Omit<FailingTestRow, 'suite' | 'name' | 'set'>;

/** Of the runs of one suite. */
async function failingOf(store: Store, runs: readonly BuildRun[], shapeOf: ShapeOf): Promise<Unnamed[]> {
  const found: Unnamed[] = [];
  for (const [deviceTypeId, ofType] of Map.groupBy(runs, (run) => run.deviceTypeId)) {
    const deviceType = ofType[0]?.deviceType ?? '';
    const byLab = await verdictsByLab(store, ofType, shapeOf);
    const failing = new Set([...byLab.values()].flatMap((newest) => [...newest].filter(isFailure).map(([id]) => id)));
    for (const caseId of failing) {
      const labs = [...byLab].flatMap(([sourceId, newest]) => {
        const last = newest.get(caseId);
        return last ? [{ sourceId, jobId: last.jobId, result: resultOf(last.result) }] : [];
      });
      found.push({ caseId, deviceType, deviceTypeId, labs });
    }
  }
  return found.sort((a, b) => a.caseId - b.caseId || a.deviceTypeId - b.deviceTypeId);
}

function isFailure([, { result }]: [number, { result: Verdict }]): boolean {
  return result === FAIL;
}

function isBetween(test: Omit<FailingTestRow, 'name' | 'set'>, { after, before }: PageRequest): boolean {
  return (
    (after === null || compareKeys(failingTestKey(test), after) > 0) &&
    (before === null || compareKeys(failingTestKey(test), before) < 0)
  );
}

function compareKeys([suite, ...ids]: ReturnType<typeof failingTestKey>, [otherSuite, ...others]: Key): number {
  const at = ids.findIndex((id, i) => id !== Number(others[i]));
  return compare(suite, String(otherSuite)) || (at < 0 ? 0 : (ids[at] ?? 0) - Number(others[at]));
}
