import { soon } from '../soon.ts';
import type { FakeMaster } from './fake-master.ts';

/** Resolves when the master has been asked nothing for a while, with how often it was asked. */
export async function still(master: Pick<FakeMaster, 'asked'>): Promise<number> {
  let seen = -1;
  await soon(
    () => {
      const isStill = seen === master.asked.length;
      seen = master.asked.length;
      return isStill;
    },
    { interval: 400 },
  ).toBe(true);
  return seen;
}
