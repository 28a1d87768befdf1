/** Weeks of a fleet with its faults: every job, how it ended, and why whatever failed did. */
import { ANY_ENDING, createFaults, type Ending, type Fault, type Plan } from './faults.ts';
import { createFleet, DAY, DAYS, type Device, type Fleet, HOUR, START } from './fleet.ts';
import { createRandom, type Random } from './random.ts';

/** By what it failed; noise where by no fault. */
export type Cause = Fault | 'NOISE';

export type SimulatedJob = Plan & {
  number: number;
  submitAt: number;
  /** Null when it completed. */
  ending: (Ending & { causes: Cause[] }) | null;
  /** Tests that failed. */
  failed: ReadonlyMap<string, Cause[]>;
};

export type Simulation = { fleet: Fleet; faults: Fault[]; jobs: SimulatedJob[] };

/** How often a test, and a job, fails by nobody's fault. */
const NOISE = { test: 0.001, job: 0.004 };

export function simulate(seed: number): Simulation {
  const random = createRandom(seed);
  const fleet = createFleet(random);
  const faults = createFaults(random, fleet);
  const plans = [...buildPlans(random, fleet), ...healthChecks(random, fleet)].sort((a, b) => a.submitAt - b.submitAt);
  const jobs = plans.map((plan, i) => ({ ...plan, number: i + 1, ...run(random, faults, plan) }));
  return { fleet, faults, jobs };
}

type Submitted = Plan & { submitAt: number };

/** Every build runs every suite on every kind of board in every lab: two suites in a job and one, on boards by chance. */
function buildPlans(random: Random, { builds, devices, suites }: Fleet): Submitted[] {
  const places = [...Map.groupBy(devices, ({ lab, type }) => `${lab} ${type}`).values()];
  return builds.flatMap((build) =>
    places.flatMap((place) =>
      [suites.slice(0, 2), suites.slice(2)].flatMap((of) => {
        const runs = random.chance(0.15) ? 2 : 1;
        return random.some([...place, ...place], runs).map((device) => plan(random, device, build, of, build.at));
      }),
    ),
  );
}

function healthChecks(random: Random, { devices, suites }: Fleet): Submitted[] {
  const [smoke] = suites;
  return devices.flatMap((device) =>
    Array.from({ length: DAYS * 2 }, (_, i) => plan(random, device, null, [smoke], START + i * (DAY / 2))),
  );
}

function plan(random: Random, device: Device, build: Plan['build'], suites: Plan['suites'], at: number): Submitted {
  const submitAt = Math.floor(at + random.between(0, HOUR));
  const startAt = Math.floor(submitAt + random.between(60, 3 * HOUR));
  return { device, build, suites, submitAt, startAt, endAt: Math.floor(startAt + random.between(600, 2_400)) };
}

function run(random: Random, faults: readonly Fault[], job: Plan): Pick<SimulatedJob, 'ending' | 'failed'> {
  const here = faults.filter((fault) => fault.hits(job));
  const ends = here.flatMap((fault) =>
    fault.endsJob && random.chance(fault.endsJob.chance) ? [{ fault, of: fault.endsJob }] : [],
  );
  const [first] = ends;
  const failed = new Map<string, Cause[]>();
  if (first) return { ending: { ...random.pick(first.of.endings), causes: ends.map(({ fault }) => fault) }, failed };
  if (random.chance(NOISE.job)) return { ending: { ...random.pick(ANY_ENDING), causes: ['NOISE'] }, failed };
  for (const test of job.suites.flatMap(({ tests }) => tests)) {
    const causes: Cause[] = here.filter(
      ({ failsTests }) => failsTests?.tests.has(test) && random.chance(failsTests.chance),
    );
    if (causes.length === 0 && random.chance(NOISE.test)) causes.push('NOISE');
    if (causes.length > 0) failed.set(test, causes);
  }
  return { ending: null, failed };
}
