/** Generated jobs of several labs on two builds, and what the cells of a build come to, worked out in memory. */
import fc from 'fast-check';
import type { SuiteRecord, TestResult } from '#schema/records.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import type { Server } from './server.ts';

export const LABS = ['alpha', 'beta', 'gamma'];
export const SECOND = 1_000_000;
export const START = 1_780_000_000 * SECOND;

export type Run = { suite: string; results: [name: string, result: TestResult][] };
export type Job = {
  lab: string;
  type: string;
  build: 'v1' | 'v2' | 'v3';
  isPublic: boolean;
  isLost: boolean;
  runs: Run[];
};

const resultArbitrary = fc.constantFrom<TestResult>('PASS', 'PASS', 'PASS', 'FAIL', 'FAIL', 'SKIP', 'UNKNOWN');
export const jobArbitrary: fc.Arbitrary<Job> = fc.record({
  lab: fc.constantFrom(...LABS),
  type: fc.constantFrom('qemu', 'x15'),
  build: fc.constantFrom('v1', 'v2', 'v2'),
  isPublic: fc.constantFrom(true, true, false),
  isLost: fc.constantFrom(false, false, false, true),
  // A name may occur twice in a run, and a suite twice in a job.
  runs: fc.array(
    fc.record({
      suite: fc.constantFrom('ltp', 'smoke', 'net'),
      results: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), resultArbitrary), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Every other job of the first build comes among those of the second. */
export function secondOf({ build }: Job, n: number): number {
  return build === 'v1' && n % 2 === 0 ? n : 100 + n;
}

let caseId = 1;

/** The jobs in a project of their own; those of the second half are written a second time, with other results first. */
export async function writeAll(server: Server, project: string, jobs: readonly Job[], numberOf: (n: number) => string) {
  for (const again of [false, true]) {
    for (const [n, job] of jobs.entries()) {
      if (again && n % 2 === 0) continue;
      const isFirst = !again && n % 2 === 1;
      const suites = job.runs.map(
        ({ suite, results }, ord): SuiteRecord => ({
          externalId: ord,
          name: `${ord}_${suite}`,
          isSteps: false,
          cases: results.map(([name, result]) =>
            caseOf({ externalId: caseId++, name, result: isFirst ? 'FAIL' : result }),
          ),
        }),
      );
      const record = jobOf({
        externalId: numberOf(n),
        submitAt: START + secondOf(job, n) * SECOND,
        deviceType: job.type,
        device: null,
        isPublic: job.isPublic,
        metadata: { 'git-tree': project, 'git-describe': job.build, 'git-branch': 'main' },
        ...(job.isLost && {
          health: 'INCOMPLETE' as const,
          errorType: 'Infrastructure',
          plannedSuites: job.runs.map(({ suite }) => suite),
        }),
      });
      await write(server.writer, job.lab, changeOf(record, job.isLost ? [] : suites));
    }
  }
}

const BADNESS = ['PASS', 'SKIP', 'UNKNOWN', 'FAIL'];
export type Cell = {
  name: string;
  type: string;
  labs: Map<string, { counts: Record<TestResult, number>; infra: number; newest: Map<string, TestResult> }>;
};

/** The cells of a build by suite and kind of board, in their order. */
export function cellsOf(jobs: readonly Job[], build: string): Cell[] {
  const cells = new Map<string, Cell>();
  const labOf = (suite: string, { type, lab }: Job) => {
    const key = `${suite} ${type}`;
    const cell: Cell = cells.get(key) ?? { name: suite, type, labs: new Map() };
    cells.set(key, cell);
    const found = cell.labs.get(lab) ?? {
      counts: { PASS: 0, FAIL: 0, SKIP: 0, UNKNOWN: 0 },
      infra: 0,
      newest: new Map(),
    };
    cell.labs.set(lab, found);
    return found;
  };
  for (const job of jobs.filter((one) => one.build === build)) {
    if (job.isLost) {
      for (const suite of new Set(job.runs.map((run) => run.suite))) labOf(suite, job).infra += 1;
      continue;
    }
    for (const { suite, results } of job.runs) {
      const lab = labOf(suite, job);
      const worst = new Map<string, TestResult>();
      for (const [name, result] of results) {
        lab.counts[result] += 1;
        if (BADNESS.indexOf(result) >= BADNESS.indexOf(worst.get(name) ?? 'PASS')) worst.set(name, result);
      }
      for (const [name, result] of worst) lab.newest.set(name, result);
    }
  }
  return [...cells.values()].sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
}
