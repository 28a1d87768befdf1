/** What of a source is asked again with a whole run, besides its jobs: what it is and can do, its boards and hosts. */
import { isDue } from '#adapters/due.ts';
import type { Micros } from '#schema/records.ts';

export type Refresh = { probe: boolean; fleet: boolean };

const FLEET_EVERY = 300_000_000;
const PROBE_EVERY = 86_400_000_000;

export function createRefreshes() {
  let probedAt = Number.NEGATIVE_INFINITY;
  let fleetAt = Number.NEGATIVE_INFINITY;
  return {
    due: (now: Micros): Refresh => ({
      probe: isDue(now, probedAt, PROBE_EVERY),
      fleet: isDue(now, fleetAt, FLEET_EVERY),
    }),
    /** It was asked for by a run that began at `at`; what failed stays due. */
    done({ probe, fleet }: Refresh, at: Micros): void {
      if (probe) probedAt = at;
      if (fleet) fleetAt = at;
    },
  };
}

export const NOTHING: Refresh = { probe: false, fleet: false };
