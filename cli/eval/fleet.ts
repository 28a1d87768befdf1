/** Labs that never were: boards behind workers, lines of builds, suites. */
import type { Random } from './random.ts';

export const HOUR = 3_600;
export const DAY = 24 * HOUR;
/** Seconds since 1970 at which it all begins. */
export const START = 1_780_000_000;
export const DAYS = 16;

export type Device = { name: string; type: string; lab: string; worker: string };
export type Suite = { name: string; tests: readonly string[] };
export type Line = { project: string; branch: string; hours: number };
export type Build = { line: Line; version: string; at: number };
export type Fleet = { labs: string[]; devices: Device[]; suites: readonly [Suite, ...Suite[]]; builds: Build[] };

const TYPES = ['bbb', 'imx8', 'rpi4', 'qemu'] as const;
const LABS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const LINES: readonly Line[] = [
  { project: 'linux', branch: 'main', hours: 8 },
  { project: 'linux', branch: 'stable', hours: 16 },
  { project: 'u-boot', branch: 'master', hours: 10 },
];
const SUITES: readonly [Suite, ...Suite[]] = [
  { name: 'smoke', tests: numbered('smoke', 8) },
  { name: 'net', tests: numbered('net', 10) },
  { name: 'mm', tests: numbered('mm', 14) },
];

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${String(i + 1).padStart(2, '0')}`);
}

export function createFleet(random: Random): Fleet {
  const labs = LABS.slice(0, random.whole(2, LABS.length));
  const devices: Device[] = [];
  for (const lab of labs) {
    const workers = random.whole(1, 2);
    for (const type of TYPES) {
      if (random.chance(0.25)) continue;
      for (let i = random.whole(1, 4); i > 0; i--)
        devices.push({ name: `${lab}-${type}-0${i}`, type, lab, worker: `${lab}-worker-${random.whole(1, workers)}` });
    }
  }
  const builds = LINES.flatMap((line) => {
    const count = Math.floor((DAYS * 24) / line.hours);
    const offset = random.between(0, line.hours * HOUR);
    return Array.from({ length: count }, (_, i) => ({
      line,
      version: `${line.branch}-${String(i + 1).padStart(3, '0')}`,
      at: Math.floor(START + offset + i * line.hours * HOUR),
    }));
  });
  return { labs, devices, suites: SUITES, builds: builds.sort((a, b) => a.at - b.at) };
}
