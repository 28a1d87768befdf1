/** What goes wrong in a simulated fleet, and what it does to a job. */
import type { Culprit } from '#analysis/attribution-weights.ts';
import { type Build, DAY, DAYS, type Device, type Fleet, HOUR, START, type Suite } from './fleet.ts';
import type { Random } from './random.ts';

/** A job before it has run. */
export type Plan = { device: Device; build: Build | null; suites: readonly Suite[]; startAt: number; endAt: number };

export type Ending = { errorType: string; errorMessage: string; action: string };

export type Fault = {
  culprit: Culprit;
  /** What goes wrong, in a word or two. */
  kind: string;
  hits(plan: Plan): boolean;
  /** Of a job that it hits, how often it does not complete, and how it then ends. */
  endsJob: { chance: number; endings: readonly [Ending, ...Ending[]] } | null;
  /** Of a job that it hits, which tests fail, and how often. */
  failsTests: { chance: number; tests: ReadonlySet<string> } | null;
  /** A board that the lab takes away at the end of it. */
  retires: { device: Device; at: number } | null;
};

const POWER: Ending = {
  errorType: 'Infrastructure',
  errorMessage: 'Unable to power on the device',
  action: 'power-on',
};
const SERIAL: Ending = {
  errorType: 'Infrastructure',
  errorMessage: 'Connection closed',
  action: 'connect-device',
};
const BOOTLOADER: Ending = {
  errorType: 'LAVATimeout',
  errorMessage: 'bootloader-interrupt timed out after 180 seconds',
  action: 'bootloader-interrupt',
};
const DOWNLOAD: Ending = {
  errorType: 'Infrastructure',
  errorMessage: 'Unable to get the file: no route to host',
  action: 'http-download',
};
const TFTP: Ending = {
  errorType: 'LAVATimeout',
  errorMessage: 'bootloader-commands timed out: TFTP',
  action: 'bootloader-commands',
};
const LAVA: Ending = { errorType: 'Bug', errorMessage: 'No space left on device', action: 'prepare-overlay' };
const SETTING: Ending = {
  errorType: 'Configuration',
  errorMessage: 'Missing device configuration',
  action: 'validate',
};
const PANIC: Ending = {
  errorType: 'Job',
  errorMessage: 'Kernel panic - not syncing: Attempted to kill init!',
  action: 'auto-login-action',
};
const LOGIN: Ending = {
  errorType: 'LAVATimeout',
  errorMessage: 'auto-login-action timed out after 300 seconds',
  action: 'auto-login-action',
};
const SCRIPT: Ending = { errorType: 'Test', errorMessage: 'lava-test-shell timed out', action: 'lava-test-shell' };
export const ANY_ENDING: readonly [Ending, ...Ending[]] = [POWER, SERIAL, DOWNLOAD, LOGIN, LAVA];

const NOTHING = { endsJob: null, failsTests: null, retires: null };

/** Several of each kind, at random places and times; some lie over each other. */
export function createFaults(random: Random, fleet: Fleet): Fault[] {
  const make = [board, lab, infrastructure, flakyTest, brokenTest, codeOfTests, codeOfBoot];
  const times = [4, 2, 5, 3, 2, 5, 2];
  return make.flatMap((one, i) => Array.from({ length: times[i] ?? 1 }, () => one(random, fleet)));
}

/** From some day on, for so many hours. */
function spell(random: Random, shortest: number, longest: number): { from: number; until: number } {
  const length = random.between(shortest, longest) * HOUR;
  const from = START + random.between(3 * DAY, DAYS * DAY - length);
  return { from, until: from + length };
}

function someTests(random: Random, fleet: Fleet, most: number): ReadonlySet<string> {
  const suite = random.pick(fleet.suites);
  return new Set(random.some(suite.tests, random.whole(1, most)));
}

function isWithin(plan: Plan, { from, until }: { from: number; until: number }): boolean {
  return plan.endAt >= from && plan.endAt < until;
}

function board(random: Random, fleet: Fleet): Fault {
  const [device] = random.some(fleet.devices, 1);
  const when = spell(random, 36, 180);
  const found = random.chance(0.5) ? { device, at: when.until } : null;
  const isWhole = random.chance(0.5);
  return {
    ...NOTHING,
    culprit: 'BOARD',
    kind: isWhole ? 'goes bad' : 'goes bad for some tests',
    hits: (plan) => plan.device === device && isWithin(plan, when),
    endsJob: isWhole ? { chance: random.between(0.4, 0.9), endings: [POWER, SERIAL, BOOTLOADER] } : null,
    failsTests: isWhole ? null : { chance: random.between(0.4, 1), tests: someTests(random, fleet, 4) },
    retires: found?.device ? { device: found.device, at: found.at } : null,
  };
}

function lab(random: Random, fleet: Fleet): Fault {
  const [name] = random.some(fleet.labs, 1);
  const when = spell(random, 24, 120);
  const isWhole = random.chance(0.5);
  return {
    ...NOTHING,
    culprit: 'LAB',
    kind: isWhole ? 'network' : 'network, seen by tests',
    hits: (plan) => plan.device.lab === name && isWithin(plan, when),
    endsJob: isWhole ? { chance: random.between(0.3, 0.7), endings: [DOWNLOAD, TFTP, SETTING] } : null,
    failsTests: isWhole ? null : { chance: random.between(0.5, 1), tests: someTests(random, fleet, 5) },
  };
}

function infrastructure(random: Random, fleet: Fleet): Fault {
  const [device] = random.some(fleet.devices, 1);
  const when = spell(random, 1, 4);
  const isWhole = random.chance(0.6);
  const all = new Set(fleet.suites.flatMap(({ tests }) => tests));
  return {
    ...NOTHING,
    culprit: 'INFRASTRUCTURE',
    kind: isWhole ? 'a batch of jobs' : 'a batch of tests',
    hits: (plan) => plan.device.worker === device?.worker && isWithin(plan, when),
    endsJob: isWhole ? { chance: 0.95, endings: [LAVA, DOWNLOAD, SERIAL] } : null,
    failsTests: isWhole ? null : { chance: random.between(0.7, 1), tests: all },
  };
}

function flakyTest(random: Random, fleet: Fleet): Fault {
  return {
    ...NOTHING,
    culprit: 'TEST',
    kind: 'flaky test',
    hits: () => true,
    failsTests: { chance: random.between(0.08, 0.35), tests: someTests(random, fleet, 1) },
  };
}

/** From an instant on it fails for every build, on every line. */
function brokenTest(random: Random, fleet: Fleet): Fault {
  const when = { from: START + random.between(3, DAYS - 4) * DAY, until: Number.POSITIVE_INFINITY };
  return {
    ...NOTHING,
    culprit: 'TEST',
    kind: 'broken test',
    hits: (plan) => isWithin(plan, when),
    failsTests: { chance: random.between(0.9, 1), tests: someTests(random, fleet, 2) },
  };
}

/** Some builds of one line, on one kind of board or on all. */
function badBuilds(random: Random, fleet: Fleet): (plan: Plan) => boolean {
  const { line } = random.pick([fleet.builds[0], ...fleet.builds]) ?? {};
  const ofLine = fleet.builds.filter((build) => build.line === line);
  const first = random.whole(Math.floor(ofLine.length / 5), ofLine.length - 2);
  const bad = new Set(ofLine.slice(first, first + random.whole(1, 10)));
  const type = random.chance(0.4) ? random.some(fleet.devices, 1)[0]?.type : null;
  return ({ build, device }) => build !== null && bad.has(build) && (type === null || device.type === type);
}

function codeOfTests(random: Random, fleet: Fleet): Fault {
  return {
    ...NOTHING,
    culprit: 'CODE',
    kind: 'regression',
    hits: badBuilds(random, fleet),
    failsTests: { chance: random.between(0.85, 1), tests: someTests(random, fleet, 4) },
  };
}

function codeOfBoot(random: Random, fleet: Fleet): Fault {
  return {
    ...NOTHING,
    culprit: 'CODE',
    kind: 'regression of the boot',
    hits: badBuilds(random, fleet),
    endsJob: { chance: random.between(0.8, 1), endings: [PANIC, LOGIN, SCRIPT] },
  };
}
