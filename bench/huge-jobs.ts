/** Builds of very many cells: 300 suites, 20 of them a job, on as many kinds of boards and labs as asked. */
import type { CaseRecord, SuiteRecord } from '#schema/records.ts';
import { type GeneratedJob, generate, hash32 } from './generate.ts';

const SUITES = 300;
/** Suites that a job runs. */
const IN_A_JOB = 20;

export type HugeShape = {
  types: number;
  /** Cases of a suite. */
  cases: number;
  /** Masters that have boards of a type. */
  labsOf: (type: number) => number[];
  /** Whether the job of a type whose first suite this is runs for a build. */
  runs: (build: number, type: number, first: number) => boolean;
  /** Seconds, of a job by its place in the build. */
  submitAt: (build: number, place: number) => number;
  /** Jobs of the same masters are numbered from here on. */
  firstNumber: number;
};

export function* hugeBuild(build: number, shape: HugeShape): Generator<GeneratedJob> {
  const [{ change } = { change: null }] = generate({ results: 50, metadata: false });
  if (!change) throw new Error('no job');
  let place = 0;
  for (let type = 0; type < shape.types; type++) {
    for (const lab of shape.labsOf(type)) {
      for (let first = 0; first < SUITES; first += IN_A_JOB) {
        if (!shape.runs(build, type, first)) continue;
        const number = (build * shape.types + type) * SUITES + first;
        const submitAt = shape.submitAt(build, place++) * 1_000_000;
        const job = {
          ...change.job,
          externalId: String(shape.firstNumber + number),
          deviceType: `type-${String(type).padStart(2, '0')}`,
          device: `board-${type}-${lab}`,
          submitAt,
          startAt: submitAt + 1_000_000,
          endAt: submitAt + 60_000_000,
          metadata: { 'git-tree': 'huge', 'git-describe': `v${build}`, 'git-branch': 'main' },
        };
        const suites = Array.from({ length: IN_A_JOB }, (_, i) => suiteOf(first + i, build, type, lab, shape.cases));
        yield { source: lab, change: { ...change, job, results: { suites, log: null } } };
      }
    }
  }
}

/** One case in 500 fails; in one suite of ten boards fail alike, in the others one lab alone. */
function suiteOf(suite: number, build: number, type: number, lab: number, count: number): SuiteRecord {
  const cases = Array.from({ length: count }, (_, i): CaseRecord => {
    const board = suite % 10 === 0 ? hash32(suite, i, type) : hash32(suite, i, type, lab);
    return {
      externalId: (suite % IN_A_JOB) * count + i,
      name: `case_${i}`,
      set: null,
      setExternalId: null,
      result: hash32(board, build) % 500 === 0 ? 'FAIL' : i % 13 === 0 ? 'SKIP' : 'PASS',
      measurement: null,
      unit: '',
      startLogLine: i,
      endLogLine: null,
      loggedAt: null,
      metadata: null,
    };
  });
  return {
    externalId: suite,
    name: `${suite % IN_A_JOB}_suite-${String(suite).padStart(3, '0')}`,
    isSteps: false,
    cases,
  };
}
