/** Boards whose jobs fail by the lab's fault far more often than those of their peers. */
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { fisherRightTail } from './fisher.ts';

/** A board's finished jobs on a day, and those of them that failed by the lab's fault. */
export type DeviceDay = { device: string; lab: string; day: number; jobs: number; infrastructure: number };

export type BadDevice = {
  device: string;
  lab: string;
  /** The seven days that say it most, the last of them included. */
  from: number;
  until: number;
  jobs: number;
  infrastructure: number;
  /** Fisher's right tail against the other boards of the lab in the same days, and Benjamini and Hochberg's q over all boards. */
  p: number;
  q: number;
};

const WINDOW = 7;
const MOST_Q = 0.01;
/** Of fewer failures nobody says that it is the board. */
const FEWEST = 3;

/** By rising q. Each board is held against the others of its lab; a lab of one board has no peers. */
export function findBadDevices(days: readonly DeviceDay[]): BadDevice[] {
  const worst = [...Map.groupBy(days, ({ lab }) => lab).values()].flatMap((ofLab) =>
    [...Map.groupBy(ofLab, ({ device }) => device).values()].map((ofDevice) => worstWindow(ofDevice, ofLab)),
  );
  // Each board is asked once a window: the least of several p is no p.
  const q = benjaminiHochberg(worst.map(({ p, windows }) => Math.min(1, p * windows)));
  return worst
    .map(({ windows: _, ...device }, i) => ({ ...device, q: q[i] ?? 1 }))
    .filter((device) => device.q <= MOST_Q && device.infrastructure >= FEWEST)
    .sort((a, b) => a.q - b.q);
}

function worstWindow(ofDevice: readonly DeviceDay[], ofLab: readonly DeviceDay[]) {
  const { device = '', lab = '' } = ofDevice[0] ?? {};
  const ends = [...new Set(ofDevice.map(({ day }) => day))];
  const windows = ends.map((until) => {
    const within = ({ day }: DeviceDay) => day <= until && day > until - WINDOW;
    const own = sum(ofDevice.filter(within));
    const all = sum(ofLab.filter(within));
    const [failed, others] = [own.infrastructure, all.infrastructure - own.infrastructure];
    const p = fisherRightTail(failed, own.jobs - failed, others, all.jobs - own.jobs - others);
    return { device, lab, from: until - WINDOW + 1, until, ...own, p };
  });
  const least = windows.reduce((best, window) => (window.p < best.p ? window : best));
  return { ...least, windows: windows.length };
}

function sum(days: readonly DeviceDay[]): { jobs: number; infrastructure: number } {
  return {
    jobs: days.reduce((n, day) => n + day.jobs, 0),
    infrastructure: days.reduce((n, day) => n + day.infrastructure, 0),
  };
}
