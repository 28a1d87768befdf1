import { expect } from 'vitest';

/** Is the number the wanted one but for one part in 10^12? */
export function expectNear(found: number, wanted: number, relative = 1e-12): void {
  expect(Math.abs(found - wanted), `${found} for ${wanted}`).toBeLessThanOrEqual(relative * Math.abs(wanted));
}
