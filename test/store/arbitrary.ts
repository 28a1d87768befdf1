/** Random jobs for property tests: everything a master may say, odd values included. */
import fc from 'fast-check';
import type { CaseRecord, JobChange, JobRecord, SuiteRecord } from '#schema/records.ts';

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', 'a\0b', '\ud800', 'x\udc00y', '\ufdd00041', "o'neil: 'x'", 'net', '\u0001\u0007'),
);
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const line = fc.nat({ max: 200_000 });
const decimal = fc.oneof(
  fc.tuple(fc.integer(), fc.nat({ max: 999_999 })).map(([a, b]) => `${a}.${String(b).padStart(6, '0')}0000`),
  fc.constantFrom(
    '0E-10',
    '0.0000000000',
    '-0.0000000000',
    '1.5000000000',
    '16.0526000000000017564616427990',
    '12',
    '00.10',
    '1e3',
  ),
  fc.bigInt({ min: 0n, max: 10n ** 28n }).map((n) => `${n}.5000000000`),
);

export const caseArbitrary: fc.Arbitrary<CaseRecord> = fc
  .record({
    externalId: fc.nat(),
    name: fc.oneof(fc.constantFrom('read01', 'write02', 'fork03', 'boot'), text),
    set: fc.option(fc.constantFrom('net', 'mm'), { nil: null }),
    setExternalId: nullable(fc.nat()),
    result: fc.constantFrom('PASS', 'PASS', 'PASS', 'FAIL', 'SKIP', 'UNKNOWN'),
    measurement: nullable(decimal),
    unit: nullable(fc.oneof(fc.constantFrom('seconds', 'MB/s', ''), text)),
    startLogLine: nullable(line),
    endLogLine: nullable(line),
    loggedAt: nullable(fc.integer({ min: 1_700_000_000_000_000, max: 1_900_000_000_000_000 })),
    metadata: nullable(text),
  })
  .chain((record) =>
    fc
      .constantFrom(
        record.metadata,
        `case: ${record.name}\nresult: ${record.result.toLowerCase()}\nset: ${record.set}\n`,
        null,
      )
      .map((metadata) => ({
        ...record,
        metadata,
      })),
  ) as fc.Arbitrary<CaseRecord>;

export const suitesArbitrary: fc.Arbitrary<SuiteRecord[]> = fc.array(
  fc
    .record({
      externalId: fc.nat(),
      name: fc.constantFrom('lava', '0_smoke', '1_ltp', 'smoke', '01_odd', '2_', 'plain'),
      cases: fc.array(caseArbitrary, { maxLength: 12 }),
    })
    .map((suite) => ({ ...suite, isSteps: suite.name === 'lava' })),
  { maxLength: 4 },
);

export function jobOf(overrides: Partial<JobRecord> = {}): JobRecord {
  return {
    externalId: '1',
    url: 'http://master.example/scheduler/job/1',
    state: 'FINISHED',
    health: 'COMPLETE',
    description: 'a job',
    submitter: 'bot',
    priority: 50,
    healthCheck: false,
    deviceType: 'qemu',
    device: 'qemu-01',
    tags: [],
    submitAt: 1_780_000_000_000_000,
    startAt: 1_780_000_060_000_000,
    endAt: 1_780_000_360_000_000,
    isPublic: true,
    multinodeGroup: null,
    role: null,
    definition: 'job_name: a job\n',
    metadata: { 'git-tree': 'mainline', 'git-describe': 'v1', 'git-branch': 'master' },
    plannedSuites: [],
    failureComment: null,
    errorType: null,
    errorMessage: null,
    ...overrides,
  };
}

/** A case that says nothing but its number, name and result. */
export function caseOf(record: Pick<CaseRecord, 'externalId' | 'name'> & Partial<CaseRecord>): CaseRecord {
  return {
    set: null,
    setExternalId: null,
    result: 'PASS',
    measurement: null,
    unit: '',
    startLogLine: null,
    endLogLine: null,
    loggedAt: null,
    metadata: null,
    ...record,
  };
}

export function changeOf(job: JobRecord, suites: SuiteRecord[]): JobChange {
  return { job, results: job.state === 'FINISHED' ? { suites, log: null } : null, settled: true };
}
