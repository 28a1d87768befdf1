/** The next instant at which a clock on a wall shows an hour, over changes to and from summer time. */

const DAY_MS = 86_400_000;

/** What the clock shows at `at`, as if it were UTC. Milliseconds, whole seconds. */
function wallOf(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const offsetOf = (at: number, zone: string) => wallOf(at, zone) - Math.floor(at / 1000) * 1000;

/** The first instant at which the clock shows it; where it jumps over that, as long after the jump as that is into it. */
function instantOf(wall: number, zone: string): number {
  const before = wall - offsetOf(wall - DAY_MS, zone);
  const after = wall - offsetOf(wall + DAY_MS, zone);
  const shown = [before, after].filter((at) => wallOf(at, zone) === wall);
  return shown.length > 0 ? Math.min(...shown) : before;
}

/** After `now`, both in microseconds. */
export function nextDaily(now: number, { hour, zone }: { hour: number; zone: string }): number {
  const nowMs = now / 1000;
  const today = Math.floor(wallOf(nowMs, zone) / DAY_MS) * DAY_MS;
  for (let day = 0; ; day++) {
    const at = instantOf(today + day * DAY_MS + hour * 3_600_000, zone);
    if (at > nowMs) return at * 1000;
  }
}
