import { existsSync } from 'node:fs';

export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-sync',
  '--disable-component-update',
];

/** The browser the tests drive, or null where there is none. */
export function findChromium(): string | null {
  return [process.env.BASALT_CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path)) ?? null;
}
