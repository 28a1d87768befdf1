/** Do the labs agree on a build? Of suites on device types that two labs ran at least: what each test comes to in each lab. */
import { setImmediate } from 'node:timers/promises';
import { type Agreement, isOf, type Standing } from '#analysis/agreement.ts';
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { BuildRow } from './build.ts';
import { listBuildRuns, listFailingRuns } from './build-run.ts';
import { indexCases } from './case-index.ts';
import { FAIL, PASS } from './codec.ts';
import { idList, LISTED } from './id-list.ts';
import { bySuiteName, environmentsById, type MatrixScope } from './matrix.ts';
import type { Page, PageRequest } from './page.ts';
import { eachRow, listRows, type TableCell, type TableRow } from './side-table.ts';
import { NO_RESULT, speakFor } from './speaking-run.ts';
import type { Store } from './store.ts';

export type Lab = { sourceId: number; slug: string };

/** Of tests that both labs ran. */
export type LabPair = { a: Lab; b: Lab; tests: number; agree: number; disagree: number };

export type LabAgreement = {
  /** The sides of the rows, by slug. */
  labs: Lab[];
  count(agreement: Agreement, quorum: number): number;
  list(agreement: Agreement, quorum: number, page: PageRequest): Promise<Page<TableRow>>;
  /** Each two labs once, by slug. */
  pairs(): LabPair[];
};

type SharedSuite = { id: number; fail: number };

/**
 * `failing`: of suites with a failure only, for what a failure alone decides. What a test comes to in a lab is what the
 * run that speaks for it says, as in the matrix.
 */
export async function readLabAgreement(
  store: Store,
  viewer: Viewer,
  build: Pick<BuildRow, 'id' | 'branchId'>,
  scope: MatrixScope,
  { failing, verdict }: { failing: boolean; verdict: RunVerdict },
): Promise<LabAgreement> {
  const envs = await environmentsById(store, viewer, scope);
  const labs = await listLabs(store, build.id, envs);
  const shared = (await listSharedSuites(store, build.id, envs.keys())).filter(({ fail }) => !failing || fail > 0);
  const suites = await bySuiteName(store, shared);
  const ids = suites.map(({ id }) => id);
  const runs = await (failing ? listFailingRuns : listBuildRuns)(store, viewer, build, ids, scope);
  const bySuite = Map.groupBy(runs.reverse(), (run) => run.suiteId);
  const cells: TableCell[] = [];
  for (const { id, name } of suites) {
    const ofSuite = bySuite.get(id) ?? [];
    const index = await indexCases(store, [...new Set(ofSuite.map(({ shapeId }) => shapeId))]);
    await setImmediate();
    for (const ofType of Map.groupBy(ofSuite, (run) => run.deviceTypeId).values()) {
      const byLab = labs.map(({ sourceId }) => ofType.filter((run) => run.sourceId === sourceId));
      if (byLab.filter((ofLab) => ofLab.length > 0).length < 2) continue;
      const results = byLab.map((ofLab) => speakFor(index, ofLab.toReversed(), verdict).results);
      cells.push({ suite: name, deviceType: ofType[0]?.deviceType ?? '', index, runs: byLab, results });
    }
  }
  const isWanted = (agreement: Agreement, quorum: number) => (results: Uint8Array) =>
    isOf(agreement, standingOf(results), quorum);
  return {
    labs,
    count(agreement, quorum) {
      const counts = isWanted(agreement, quorum);
      let n = 0;
      eachRow(cells, (results) => {
        if (counts(results)) n += 1;
      });
      return n;
    },
    list: (agreement, quorum, page) => listRows(cells, isWanted(agreement, quorum), page),
    pairs: () => pairsOf(labs, cells),
  };
}

/** Labs with a result in the build, by slug. */
async function listLabs(store: Store, buildId: number, envs: ReadonlyMap<number, Lab>): Promise<Lab[]> {
  const rows = await store.sql.all<{ envId: number }>(
    `SELECT DISTINCT env_id AS "envId" FROM build_suite
     WHERE build_id = ? AND pass + fail + skip + unknown > 0 AND env_id IN ${LISTED[store.engine]}`,
    buildId,
    idList(envs.keys()),
  );
  const labs = new Map<number, Lab>();
  for (const { envId } of rows) {
    const env = envs.get(envId);
    if (env) labs.set(env.sourceId, { sourceId: env.sourceId, slug: env.slug });
  }
  return [...labs.values()].sort((a, b) => (a.slug < b.slug ? -1 : 1));
}

/** Suites that two labs at least ran on one device type, with the failures there. */
function listSharedSuites(store: Store, buildId: number, envIds: Iterable<number>): Promise<SharedSuite[]> {
  return store.sql.all<SharedSuite>(
    `SELECT suite_id AS id, max(fail) AS fail FROM (
       SELECT b.suite_id, sum(b.fail) AS fail FROM build_suite b JOIN env e ON e.id = b.env_id
       WHERE b.build_id = ? AND b.pass + b.fail + b.skip + b.unknown > 0 AND b.env_id IN ${LISTED[store.engine]}
       GROUP BY b.suite_id, e.device_type_id HAVING count(DISTINCT e.source_id) > 1) shared
     GROUP BY suite_id`,
    buildId,
    idList(envIds),
  );
}

function standingOf(results: Uint8Array): Standing {
  const standing = { ran: 0, pass: 0, fail: 0 };
  for (const code of results) {
    if (code === NO_RESULT) continue;
    standing.ran += 1;
    if (code === PASS + 1) standing.pass += 1;
    if (code === FAIL + 1) standing.fail += 1;
  }
  return standing;
}

function pairsOf(labs: readonly Lab[], cells: readonly TableCell[]): LabPair[] {
  const pairs = labs.flatMap((a, i) =>
    labs.slice(i + 1).map((b, k) => ({ a, b, i, j: i + 1 + k, tests: 0, agree: 0, disagree: 0 })),
  );
  const isDecided = (code: number) => code === PASS + 1 || code === FAIL + 1;
  eachRow(cells, (results) => {
    for (const pair of pairs) {
      const [a, b] = [results[pair.i] ?? NO_RESULT, results[pair.j] ?? NO_RESULT];
      if (a === NO_RESULT || b === NO_RESULT) continue;
      pair.tests += 1;
      if (!isDecided(a) || !isDecided(b)) continue;
      if (a === b) pair.agree += 1;
      else pair.disagree += 1;
    }
  });
  return pairs.map(({ i: _, j: __, ...pair }) => pair);
}
