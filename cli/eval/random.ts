/** Random numbers that are the same for the same seed, everywhere. */
export type Random = {
  /** 0 up to, and without, 1. */
  next(): number;
  between(from: number, until: number): number;
  /** Whole, both ends included. */
  whole(from: number, until: number): number;
  chance(p: number): boolean;
  pick<T>(of: readonly [T, ...T[]]): T;
  /** So many of them, in random order. */
  some<T>(of: readonly T[], count: number): T[];
};

/** Mulberry32, by T. Ettinger. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (from: number, until: number) => from + Math.floor(next() * (until - from + 1));
  return {
    next,
    whole,
    between: (from, until) => from + next() * (until - from),
    chance: (p) => next() < p,
    pick: (of) => of[whole(0, of.length - 1)] ?? of[0],
    some(of, count) {
      return of
        .map((value) => ({ value, key: next() }))
        .sort((a, b) => a.key - b.key)
        .slice(0, count)
        .map(({ value }) => value);
    },
  };
}
