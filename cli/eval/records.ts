/** Simulated jobs and boards as an adapter would give them. */
import type { CaseRecord, FleetSnapshot, JobChange, SuiteRecord } from '#schema/records.ts';
import type { Device, Fleet } from './fleet.ts';
import type { SimulatedJob } from './simulate.ts';

const MICROS = 1_000_000;

export function toChange(job: SimulatedJob): JobChange {
  const { number, device, build, ending, failed, suites } = job;
  const tests = suites.map(({ name, tests }, i) =>
    suiteOf(
      number * 10 + i,
      `${i}_${name}`,
      tests.map((test) => [test, !failed.has(test)]),
    ),
  );
  const steps = suiteOf(number * 10 + 9, 'lava', [
    ['validate', ending?.action !== 'validate'],
    ...(ending && ending.action !== 'validate' ? [[ending.action, false] as const] : []),
    ['job', ending === null],
  ]);
  return {
    job: {
      externalId: String(number),
      url: null,
      state: 'FINISHED',
      health: ending ? 'INCOMPLETE' : 'COMPLETE',
      description: null,
      submitter: null,
      priority: 50,
      healthCheck: build === null,
      deviceType: device.type,
      device: device.name,
      tags: [],
      submitAt: job.submitAt * MICROS,
      startAt: job.startAt * MICROS,
      endAt: job.endAt * MICROS,
      isPublic: true,
      multinodeGroup: null,
      role: null,
      definition: '',
      metadata: build
        ? { 'git-tree': build.line.project, 'git-describe': build.version, 'git-branch': build.line.branch }
        : {},
      plannedSuites: suites.map(({ name }) => name),
      failureComment: null,
      errorType: ending?.errorType ?? null,
      errorMessage: ending?.errorMessage ?? null,
    },
    results: { suites: [{ ...steps, isSteps: true }, ...(ending ? [] : tests)], log: null },
    settled: true,
  };
}

function suiteOf(externalId: number, name: string, results: readonly (readonly [string, boolean])[]): SuiteRecord {
  const cases = results.map(
    ([test, passes], i): CaseRecord => ({
      externalId: externalId * 100 + i,
      name: test,
      set: null,
      setExternalId: null,
      result: passes ? 'PASS' : 'FAIL',
      measurement: null,
      unit: null,
      startLogLine: null,
      endLogLine: null,
      loggedAt: null,
      metadata: null,
    }),
  );
  return { externalId, name, isSteps: false, cases };
}

/** The boards and workers of a lab; those that were found bad are. */
export function toSnapshot({ devices }: Fleet, lab: string, bad: ReadonlySet<Device>): FleetSnapshot {
  const here = devices.filter((device) => device.lab === lab);
  return {
    workers: [...new Set(here.map(({ worker }) => worker))].map((hostname) => ({
      hostname,
      state: 'Online',
      health: 'Active',
      description: null,
      version: null,
      jobLimit: null,
      lastPingAt: null,
    })),
    deviceTypes: [],
    devices: here.map((device) => ({
      hostname: device.name,
      deviceType: device.type,
      worker: device.worker,
      state: 'Idle',
      health: bad.has(device) ? 'Bad' : 'Good',
      description: null,
      deviceVersion: null,
      tags: [],
      isPublic: true,
    })),
    queue: null,
    rejected: [],
  };
}
