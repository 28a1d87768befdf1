/** The runs of two or more spans of time against each other: how often each test passed, and whether that is chance. */
import { setImmediate } from 'node:timers/promises';
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import { isInfrastructure } from '#analysis/failure-class.ts';
import { periodChange } from '#analysis/period-change.ts';
import type { Window } from '#analysis/regression-rule.ts';
import { FailureClass, type Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type CaseIndex, indexCases } from './case-index.ts';
import type { CasePlace } from './case-place.ts';
import { createResultReader, orderCases } from './case-run.ts';
import { type CaseName, FAIL, PASS } from './codec.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import { idList } from './id-list.ts';
import { bySuiteName, compare } from './matrix.ts';
import { NO_RESULT, sayWorst } from './speaking-run.ts';
import type { Store } from './store.ts';
import { secondOf } from './stored-job.ts';
import { PLACE, STREAMS } from './streams.ts';
import { splitSuiteName } from './suite-run.ts';
import { toStored } from './text.ts';
import type { BranchFilter } from './turn-to-fail.ts';

export type Period = { since: Micros; until: Micros };
export type PeriodScope = BranchFilter &
  Pick<Scope, 'sources' | 'deviceTypes' | 'includeHealthChecks'> & {
    /** With or without the job's index. */
    suite?: string | null;
  };

export const PERIOD_CHANGES = ['WORSE', 'BETTER', 'UNCHANGED'] as const;
export type PeriodVerdict = (typeof PERIOD_CHANGES)[number];

/** What each period read: `isCut` when there are older runs of it that were not. */
export type PeriodRead = { runs: number; isCut: boolean };

export type PeriodTest = {
  suite: string;
  deviceType: string;
  /** By period. */
  windows: Window[];
  p: number;
  q: number;
  change: PeriodVerdict;
  /** The newest results of a period. */
  placesOf(period: number, most: number): CasePlace[];
};

export type PeriodTestRow = PeriodTest & CaseName;

export type PeriodComparison = {
  periods: PeriodRead[];
  /** Tests that ran in the first period and in another. */
  counts: Record<PeriodVerdict, number>;
  /** Worse before better before unchanged, the least p first; of one name, the names of all are read. */
  listTests(wanted: readonly PeriodVerdict[], most: number, name: string | null): Promise<PeriodTestRow[]>;
};

/** What is read of a period at most; `results` are those in its runs. */
type Limits = { runs: number; results: number };
const LIMITS: Limits = { runs: 5_000, results: 1_000_000 };
/** Called a change below this share of false discoveries. */
const Q = 0.05;

export async function comparePeriods(
  store: Store,
  viewer: Viewer,
  periods: readonly Period[],
  scope: PeriodScope,
  limits = LIMITS,
): Promise<PeriodComparison> {
  const environments = new Map((await listEnvironments(store, viewer, scope)).map((row) => [row.id, row]));
  const suite = scope.suite == null ? null : await suiteIdOf(store, scope.suite);
  const read: PeriodRead[] = [];
  const cells = new Map<string, Cell>();
  for (const [i, period] of periods.entries()) {
    const { runs, isCut } = await readRuns(store, environments, period, { ...scope, suiteId: suite }, limits);
    read.push({ runs: runs.length, isCut });
    for (const run of runs) {
      const env = environments.get(run.envId);
      if (!env) continue;
      const key = `${run.suiteId}/${env.deviceTypeId}`;
      const { suiteId } = run;
      const cell = cells.get(key) ?? { suiteId, deviceType: env.deviceType, runs: periods.map(() => []) };
      cells.set(key, cell);
      cell.runs[i]?.push(run);
    }
  }
  const tests = withQ(await judge(store, [...cells.values()]));
  return {
    periods: read,
    counts: {
      WORSE: tests.filter(({ change }) => change === 'WORSE').length,
      BETTER: tests.filter(({ change }) => change === 'BETTER').length,
      UNCHANGED: tests.filter(({ change }) => change === 'UNCHANGED').length,
    },
    async listTests(wanted, most, name) {
      const all = tests.filter(({ change }) => wanted.includes(change));
      const found = name === null ? all.slice(0, most) : all;
      const names = new Map<PeriodTest, CaseName>();
      for (const [index, of] of Map.groupBy(found, (test) => test.index)) {
        const given = await index.namesOf(of.map(({ n }) => n));
        for (const [i, test] of of.entries()) if (given[i]) names.set(test, given[i]);
      }
      const rows = found.flatMap((test) => {
        const named = names.get(test);
        return named && (name === null || named.name === name) ? [{ ...test, ...named }] : [];
      });
      return rows.slice(0, most);
    },
  };
}

async function suiteIdOf({ sql }: Store, name: string): Promise<number> {
  const row = await sql.get<{ id: number }>('SELECT id FROM suite WHERE name = ?', toStored(splitSuiteName(name).name));
  return row?.id ?? 0;
}

type Run = {
  envId: number;
  suiteId: number;
  shapeId: number;
  jobId: number;
  ord: number;
  verdicts: Buffer;
  size: number;
  failureClass: number;
};
type Cell = { suiteId: number; deviceType: string; runs: Run[][] };

/** Newest first; jobs that failed by the lab's fault say nothing of a test. */
async function readRuns(
  { sql, engine }: Store,
  environments: ReadonlyMap<number, EnvironmentRow>,
  { since, until }: Period,
  { project, branch, suiteId, includeHealthChecks }: PeriodScope & { suiteId: number | null },
  limits: Limits,
): Promise<{ runs: Run[]; isCut: boolean }> {
  const rows = await sql.all<Run>(
    `${STREAMS(engine)}
     SELECT h.env_id AS "envId", h.suite_id AS "suiteId", h.shape_id AS "shapeId", h.job_id AS "jobId", h.ord, r.verdicts,
       r.pass + r.fail + r.skip + r.unknown AS size, j.failure_class AS "failureClass"
     FROM stream s JOIN branch b ON b.id = s.branch_id JOIN project p ON p.id = b.project_id
       CROSS JOIN suite_history h JOIN job j ON j.id = h.job_id AND j.env_id = h.env_id
       JOIN suite_run r ON r.env_id = h.env_id AND r.job_id = h.job_id AND r.ord = h.ord
     WHERE ${PLACE} AND (p.slug = ? OR ? = 1) AND (b.name = ? OR ? = 1) AND (s.suite_id = ? OR ? = 1)
       AND h.at >= ? AND h.at <= ? AND j.submit_at >= ? AND j.submit_at < ? AND (j.health_check = 0 OR ? = 1)
     ORDER BY h.at DESC, h.number DESC, h.job_id DESC, h.ord DESC LIMIT ?`,
    ...[idList(environments.keys()), toStored(project ?? ''), project == null ? 1 : 0],
    ...[toStored(branch ?? ''), branch == null ? 1 : 0, suiteId ?? 0, suiteId === null ? 1 : 0],
    ...[secondOf(since), secondOf(until), since, until, includeHealthChecks ? 1 : 0, limits.runs + 1],
  );
  const runs: Run[] = [];
  let results = 0;
  for (const run of rows.slice(0, limits.runs)) {
    results += run.size;
    if (results > limits.results && runs.length > 0) return { runs: runs.filter(isOfTest), isCut: true };
    runs.push(run);
  }
  return { runs: runs.filter(isOfTest), isCut: rows.length > limits.runs };
}

function isOfTest({ failureClass }: Run): boolean {
  return !isInfrastructure(FailureClass.options[failureClass] ?? '');
}

type Judged = PeriodTest & { index: CaseIndex; n: number };

async function judge(store: Store, cells: readonly Cell[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  const suites = await bySuiteName(
    store,
    [...new Set(cells.map(({ suiteId }) => suiteId))].map((id) => ({ id })),
  );
  for (const { id, name: suite } of suites) {
    const ofSuite = cells.filter(({ suiteId }) => suiteId === id);
    const shapes = new Set(ofSuite.flatMap(({ runs }) => runs.flat().map(({ shapeId }) => shapeId)));
    const index = await indexCases(store, [...shapes]);
    await setImmediate();
    for (const { deviceType, runs } of ofSuite.toSorted((a, b) => compare(a.deviceType, b.deviceType))) {
      const counted = runs.map((ofPeriod) => countRuns(index, ofPeriod));
      for (const n of orderCases(index, runs.flat())) {
        const windows = counted.map(({ passes, fails }) => ({ passes: passes[n] ?? 0, fails: fails[n] ?? 0 }));
        const change = periodChange(windows);
        if (!change) continue;
        const placesOf = (period: number, most: number) => {
          const found = createResultReader()(index, runs[period] ?? [], n);
          return found.slice(0, most).map(({ run, position }) => ({ jobId: run.jobId, ord: run.ord, position }));
        };
        judged.push({ suite, deviceType, windows, p: change.p, q: 1, change: change.direction, placesOf, index, n });
      }
    }
  }
  return judged;
}

/** Of each case the runs that passed and that failed. The cost is that of the runs' own cases, however many names come and go. */
function countRuns(index: CaseIndex, runs: readonly Run[]): { passes: Int32Array; fails: Int32Array } {
  const passes = new Int32Array(index.size);
  const fails = new Int32Array(index.size);
  const said = new Uint8Array(index.size);
  for (const run of runs) {
    sayWorst(index, run, said);
    for (const n of index.casesOf(run.shapeId)) {
      if (said[n] === PASS + 1) passes[n] = (passes[n] ?? 0) + 1;
      else if (said[n] === FAIL + 1) fails[n] = (fails[n] ?? 0) + 1;
      said[n] = NO_RESULT;
    }
  }
  return { passes, fails };
}

/** Of tests that never failed nothing can be found: they are not among those that q is over. */
function withQ(judged: readonly Judged[]): Judged[] {
  const failing = judged.filter(({ windows }) => windows.some(({ fails }) => fails > 0));
  const q = benjaminiHochberg(failing.map(({ p }) => p));
  const byTest = new Map(failing.map((test, i) => [test, q[i] ?? 1]));
  return judged
    .map((test): Judged => {
      const own = byTest.get(test) ?? 1;
      return { ...test, q: own, change: own < Q ? test.change : 'UNCHANGED' };
    })
    .sort((a, b) => PERIOD_CHANGES.indexOf(a.change) - PERIOD_CHANGES.indexOf(b.change) || a.p - b.p);
}
