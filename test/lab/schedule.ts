/** What goes wrong when: the same for the same seed. */
import { FAULT_NAMES, type FaultName } from '../fault-proxy/proxy.ts';
import { pickOf, type Random, randomOf } from '../fault-proxy/random.ts';

export type Episode = { atMs: number; master: string; fault: FaultName | null; share: number };
export type Schedule = { episodes: Episode[]; killsAtMs: number[] };

/** Each master is ill and well in turn, every kind of fault as often as the others; the process dies in between. */
export function planFaults(seed: number, seconds: number, masters: readonly string[]): Schedule {
  const random = randomOf(seed);
  const end = seconds * 1000;
  const episodes = masters.flatMap((master) => {
    let left = shuffled(FAULT_NAMES, random);
    const of: Episode[] = [];
    for (let at = 2_000 + random() * 5_000; at < end - 5_000; ) {
      const fault = left.pop();
      if (!fault) left = shuffled(FAULT_NAMES, random);
      else {
        of.push({ atMs: at, master, fault, share: pickOf(random, [0.1, 0.3, 0.6, 1]) });
        at += 4_000 + random() * 11_000;
        of.push({ atMs: Math.min(at, end), master, fault: null, share: 0 });
        at += 2_000 + random() * 8_000;
      }
    }
    return of;
  });
  const killsAtMs: number[] = [];
  for (let at = 10_000 + random() * 10_000; at < end; at += 8_000 + random() * 25_000) killsAtMs.push(at);
  return { episodes: episodes.sort((a, b) => a.atMs - b.atMs), killsAtMs };
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

export function tellSchedule({ episodes, killsAtMs }: Schedule): string {
  const all = [
    ...episodes.map(({ atMs, master, fault, share }) => ({
      atMs,
      text: `${master}: ${fault === null ? 'well' : `${fault}, ${share * 100} % of the answers`}`,
    })),
    ...killsAtMs.map((atMs) => ({ atMs, text: 'kill -9' })),
  ];
  return all
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `    ${(atMs / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
    .join('');
}
