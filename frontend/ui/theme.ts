import type { Theme } from './theme-toggle.tsx';

/** The cookie's value; anything else means the system's. */
export function readTheme(value: string | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}
