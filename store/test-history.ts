/** One test across builds, environments and labs. */
import { isInfrastructure } from '#analysis/failure-class.ts';
import { FailureClass, type TestResult } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { PASS, resultOf, type Verdict, verdictAt, worseOf } from './codec.ts';
import { listEnvironments, type Scope } from './environment.ts';
import { type HistoryRun, listNewestRuns } from './history-runs.ts';
import type { Store } from './store.ts';
import { splitSuiteName } from './suite-run.ts';
import { createTestShapes, type Member } from './test-shapes.ts';
import { toStored } from './text.ts';

export type TestOfProject = {
  project: string;
  /** Of all branches unless named. */
  branch?: string | null;
  /** With or without the job's index. */
  suite: string;
  name: string;
  /** Of any set, and of none, unless named. */
  set?: string | null;
};

/** A test in a run. */
export type HistoryPointRow = {
  buildId: number;
  branchId: number;
  sourceId: number;
  deviceType: string;
  set: string | null;
  /** The worst, where the run has the test more than once. */
  result: TestResult;
  /** The first such result: its job, suite in the job, and position in the suite. */
  jobId: number;
  ord: number;
  position: number;
  /** The job failed by the lab's fault: it says nothing of the test. */
  isLost: boolean;
};

export type TestHistory = {
  /** Newest first. */
  points: HistoryPointRow[];
  /** There is more of the builds asked for than is read for an answer. */
  truncated: boolean;
};

/** What is read for an answer at most; `cases` are those in the shapes of the runs. */
type Limits = { runs: number; points: number; cases: number };
const LIMITS: Limits = { runs: 10_000, points: 10_000, cases: 2_000_000 };
/** Runs whose shapes are read at a time. */
const CHUNK = 250;

/** Points from the newest run back until `builds` builds are among them. A run without the test is no point. */
export async function getTestHistory(
  store: Store,
  viewer: Viewer,
  test: TestOfProject,
  builds: number,
  scope: Scope,
  limits = LIMITS,
): Promise<TestHistory> {
  const environments = new Map((await listEnvironments(store, viewer, scope)).map((row) => [row.id, row]));
  const suite = await store.sql.get<{ id: number }>(
    'SELECT id FROM suite WHERE name = ?',
    toStored(splitSuiteName(test.suite).name),
  );
  const points: HistoryPointRow[] = [];
  if (!suite) return { points, truncated: false };
  const shapes = await createTestShapes(store, suite.id, test);
  if (!shapes) return { points, truncated: false };
  const seen = new Set<number>();
  const growth = () => (1.1 * (builds + 1)) / Math.max(1, seen.size);
  const place = { suiteId: suite.id, project: test.project, branch: test.branch };
  let runs = 0;
  for await (const page of listNewestRuns(store, place, [...environments.keys()], scope, growth)) {
    for (const [i, run] of page.entries()) {
      if (i % CHUNK === 0)
        await shapes.read(
          page.slice(i, i + CHUNK).map(({ shapeId }) => shapeId),
          limits.cases,
        );
      const members = shapes.membersOf(run.shapeId);
      const environment = environments.get(run.envId);
      if (members.length > 0 && seen.size === builds && !seen.has(run.buildId)) return { points, truncated: false };
      runs += 1;
      if (runs > limits.runs || points.length + members.length > limits.points || shapes.caseCount() > limits.cases)
        return { points, truncated: true };
      if (!environment || members.length === 0) continue;
      seen.add(run.buildId);
      const { sourceId, deviceType } = environment;
      const { buildId, branchId, jobId, ord } = run;
      const isLost = isInfrastructure(FailureClass.options[run.failureClass] ?? '');
      for (const member of members) {
        const worst = worstOf(run, member);
        points.push({ buildId, branchId, sourceId, deviceType, set: member.set, ...worst, jobId, ord, isLost });
      }
    }
  }
  return { points, truncated: false };
}

function worstOf({ verdicts }: HistoryRun, { positions }: Member): Pick<HistoryPointRow, 'result' | 'position'> {
  let [worst, first]: [Verdict, number] = [PASS, positions[0] ?? 0];
  for (const position of positions) {
    const verdict = verdictAt(verdicts, position);
    if (verdict === worst || worseOf(worst, verdict) === worst) continue;
    [worst, first] = [verdict, position];
  }
  return { result: resultOf(worst), position: first };
}
