/** Injected regressions against those that Basalt lists. */

import { getBuildsById } from '#store/build.ts';
import type { Key } from '#store/page.ts';
import { listRegressions } from '#store/regression.ts';
import { BASELINE, type RegressionRow, regressionKey } from '#store/regression-row.ts';
import type { Store } from '#store/store.ts';
import { getTestHistory } from '#store/test-history.ts';
import type { Score } from './score.ts';
import type { InjectedBuild, InjectedRegression, Seeding } from './truth-file.ts';

const VIEWER = { kind: 'everything' } as const;
const DAY = 86_400;
const PAGE = 200;

/** An injected regression in one line of builds. */
type Expected = {
  injected: InjectedRegression;
  tree: string;
  branch: string;
  affected: Set<string>;
  clean: Set<string>;
};

export async function scoreRegressions(store: Store, seedings: readonly Seeding[]): Promise<Score> {
  const expected = expectedOf(seedings);
  const { rows, versions } = await listAll(store, seedings);
  const score: Score = { kind: 'regressions', hits: 0, missed: [], right: 0, wrong: [], unseen: [] };
  const flaky = new Set(
    seedings.flatMap(({ flaky }) =>
      Object.entries(flaky).flatMap(([suite, cases]) => Object.keys(cases).map((name) => `${suite}/${name}`)),
    ),
  );
  const isOf = (row: RegressionRow, { injected, tree, affected, clean }: Expected) =>
    row.project === tree &&
    row.suite === injected.suite &&
    row.name === injected.name &&
    row.deviceType === injected.deviceType &&
    affected.has(versions.get(row.firstBadId) ?? '') &&
    clean.has(versions.get(row.lastGoodId) ?? '');
  for (const row of rows) {
    if (expected.some((one) => isOf(row, one))) {
      score.right += 1;
      continue;
    }
    const name = `${row.suite}/${row.name}`;
    const what = `${row.project} ${name} on ${row.deviceType} from ${versions.get(row.firstBadId)} on`;
    const counts = `${row.sample.fails} of ${row.sample.fails + row.sample.passes} runs fail after ${row.base.fails} of ${row.base.fails + row.base.passes}, p = ${row.p?.toPrecision(2)}`;
    score.wrong.push({ what, why: flaky.has(name) ? `${counts}; the test is flaky` : counts });
  }
  for (const one of expected) {
    const { injected, tree } = one;
    const what = `${tree} ${injected.suite}/${injected.name} on ${injected.deviceType} from build ${injected.from} on`;
    if (rows.some((row) => isOf(row, one))) {
      score.hits += 1;
      continue;
    }
    const { failed, passed } = await countRuns(store, one);
    const why = `${failed} failing runs after ${passed} that pass`;
    if (failed === 0 || passed === 0) score.unseen.push({ what, why });
    else score.missed.push({ what, why: failed < BASELINE.minFails ? `${why}: ${BASELINE.minFails} are needed` : why });
  }
  return score;
}

/** One for each injected regression and tree; masters of one seed have the same. */
function expectedOf(seedings: readonly Seeding[]): Expected[] {
  const byText = new Map<string, Expected>();
  for (const { regressions, builds } of seedings) {
    for (const injected of regressions) {
      const isHit = ({ index, tree }: InjectedBuild) =>
        index >= injected.from &&
        (injected.until === null || index < injected.until) &&
        (injected.tree === null || injected.tree === tree);
      for (const [line, ofTree] of Map.groupBy(builds, ({ tree, branch }) => JSON.stringify([tree, branch]))) {
        const [tree, branch]: [string, string] = JSON.parse(line);
        const affected = ofTree.filter(isHit);
        if (affected.length === 0) continue;
        const versions = (list: readonly InjectedBuild[]) => new Set(list.map(({ version }) => version));
        const clean = versions(ofTree.filter((build) => !isHit(build)));
        byText.set(JSON.stringify([injected, line]), { injected, tree, branch, affected: versions(affected), clean });
      }
    }
  }
  return [...byText.values()];
}

async function listAll(store: Store, seedings: readonly Seeding[]) {
  const times = seedings.flatMap(({ builds }) => builds.map(({ at }) => at / 1000));
  const span = { from: Math.floor(Math.min(...times)) - DAY, until: Math.ceil(Math.max(...times)) + 90 * DAY };
  const statuses = ['EXTREME_REGRESSION', 'SIGNIFICANT_REGRESSION'] as const;
  const trees = new Set(seedings.flatMap(({ builds }) => builds.map(({ tree }) => tree)));
  const filter = { scope: {}, span, until: span.until, statuses };
  const rows: RegressionRow[] = [];
  for (let after: Key | null = null; ; ) {
    const page = { limit: PAGE, after, before: null, backward: false };
    const found = await listRegressions(store, VIEWER, filter, BASELINE, page);
    rows.push(...found.rows.filter(({ project }) => trees.has(project)));
    const last = found.rows.at(-1);
    after = found.stoppedAt ?? (last ? regressionKey(last) : null);
    if (!found.hasNext || !after) break;
  }
  const ids = new Set(rows.flatMap(({ firstBadId, lastGoodId }) => [firstBadId, lastGoodId]));
  const builds = await getBuildsById(store, VIEWER, [...ids]);
  return { rows, versions: new Map([...builds].map(([id, { version }]) => [id, version])) };
}

/** By the history of the test, which the list of regressions has no part in. */
async function countRuns(store: Store, { injected, tree, branch, affected, clean }: Expected) {
  const test = { project: tree, branch, suite: injected.suite, name: injected.name };
  const { points } = await getTestHistory(store, VIEWER, test, 200, { deviceTypes: [injected.deviceType] });
  const builds = await getBuildsById(store, VIEWER, [...new Set(points.map(({ buildId }) => buildId))]);
  const count = (of: ReadonlySet<string>, wanted: string) =>
    points.filter(({ buildId, result }) => result === wanted && of.has(builds.get(buildId)?.version ?? '')).length;
  return { failed: count(affected, 'FAIL'), passed: count(clean, 'PASS') };
}
