/** Wrong tries to sign in: after some, whoever tries has to wait. Kept in memory, for each server. */
import { LRUCache } from 'lru-cache';

/** From one address, and from it for one login. */
const TRIES = 10;
const TRIES_MS = 60_000;

export type Tries = {
  mustWait(ip: string, login: string): boolean;
  /** True when this was the try after which one has to wait. */
  failed(ip: string, login: string): boolean;
};

export function createTries(): Tries {
  const wrong = new LRUCache<string, number>({ max: 50_000, ttl: TRIES_MS, noUpdateTTL: true });
  // From anywhere for one login: ten times as many, so that nobody can lock another out with one machine.
  const keys = (ip: string, login: string): [string, number][] => [
    [`ip ${ip}`, TRIES],
    ...(login ? [[`login ${login}`, TRIES * 10] as [string, number]] : []),
  ];
  return {
    mustWait: (ip, login) => keys(ip, login).some(([key, most]) => (wrong.get(key) ?? 0) >= most),
    failed(ip, login) {
      let isLast = false;
      for (const [key, most] of keys(ip, login)) {
        const count = (wrong.get(key) ?? 0) + 1;
        wrong.set(key, count);
        isLast ||= count === most;
      }
      return isLast;
    },
  };
}
