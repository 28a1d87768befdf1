/** Builds whose verdicts are known. */
import type { JobRecord, TestResult } from '#schema/records.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { write } from './temporary.ts';

export type VerdictJob = {
  lab?: string;
  type?: string;
  version: string;
  suite: string;
  results?: Record<string, TestResult>;
} & Partial<JobRecord>;

let number = 1;

/** Jobs of the project "p" in their order of submission. */
export async function writeBuild(writer: Writer, jobs: readonly VerdictJob[]): Promise<void> {
  for (const { lab = 'alpha', type = 'qemu', version, suite, results, ...more } of jobs) {
    const record = jobOf({
      externalId: String(number),
      submitAt: 1_780_000_000_000_000 + number++ * 1_000_000,
      deviceType: type,
      device: null,
      metadata: { 'git-tree': 'p', 'git-describe': version, 'git-branch': 'main' },
      plannedSuites: [suite],
      ...more,
    });
    const cases = Object.entries(results ?? {}).map(([name, result], i) =>
      caseOf({ externalId: 100 * number + i, name, result }),
    );
    const change = changeOf(record, results ? [{ externalId: 1, name: `0_${suite}`, isSteps: false, cases }] : []);
    await write(writer, lab, record.state === 'FINISHED' ? change : { ...change, results: null });
  }
}

const LOST = { health: 'INCOMPLETE', errorType: 'Infrastructure' } as const;
const QUEUED = { state: 'SUBMITTED', health: 'UNKNOWN', startAt: null, endAt: null } as const;

/** One build a verdict, each after one that ran both suites on both device types. */
export const BUILDS: readonly VerdictJob[] = [
  ...['qemu', 'x15'].flatMap((type): VerdictJob[] => [
    { type, version: 'v0', suite: 'smoke', results: { boot: 'PASS' } },
    { type, version: 'v0', suite: 'ltp', results: { fork01: 'PASS', read01: 'PASS' } },
  ]),
  { version: 'fails', suite: 'smoke', results: { boot: 'PASS' } },
  { type: 'x15', version: 'fails', suite: 'smoke', results: { boot: 'PASS' } },
  { version: 'fails', suite: 'ltp', results: { fork01: 'FAIL', read01: 'PASS' } },
  { lab: 'beta', version: 'fails', suite: 'ltp', results: { fork01: 'PASS', read01: 'PASS' } },
  { type: 'x15', version: 'fails', suite: 'ltp', ...LOST },
  { version: 'lost', suite: 'smoke', results: { boot: 'PASS' } },
  { type: 'x15', version: 'lost', suite: 'smoke', ...LOST },
  { version: 'waits', suite: 'smoke', results: { boot: 'PASS' } },
  { type: 'x15', version: 'waits', suite: 'smoke', ...QUEUED },
];
