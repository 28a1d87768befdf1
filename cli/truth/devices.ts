/** The board that was made to go bad against those whose jobs fail more often than their peers'. */
import { findBadDevices } from '#analysis/bad-device.ts';
import { listDeviceDays } from '#store/device-day.ts';
import type { Store } from '#store/store.ts';
import type { Score } from './score.ts';
import type { Seeding } from './truth-file.ts';

const VIEWER = { kind: 'everything' } as const;
const DAY_MS = 86_400_000;

export async function scoreDevices(store: Store, seedings: readonly Seeding[]): Promise<Score> {
  const labs = [...new Set(seedings.map(({ master }) => master))];
  const days = seedings.flatMap(({ builds }) => builds.map(({ at }) => Math.floor(at / DAY_MS)));
  const window = { from: Math.min(...days) - 1, until: Math.max(...days) + 90 };
  const rows = await listDeviceDays(store, VIEWER, { sources: { slugs: labs } }, window);
  const injected = new Map(seedings.map(({ master, bad_device }) => [`${master}/${bad_device.hostname}`, bad_device]));
  const found = new Map(findBadDevices(rows).map((device) => [`${device.lab}/${device.device}`, device]));
  const score: Score = { kind: 'bad devices', hits: 0, missed: [], right: 0, wrong: [], unseen: [] };
  for (const [what, { jobs, infrastructure, q }] of found) {
    if (injected.has(what)) score.right += 1;
    else score.wrong.push({ what, why: `${infrastructure} of ${jobs} jobs in a week, q = ${q.toPrecision(2)}` });
  }
  for (const [what, { from }] of injected) {
    if (found.has(what)) {
      score.hits += 1;
      continue;
    }
    const [lab, device] = [what.slice(0, what.indexOf('/')), what.slice(what.indexOf('/') + 1)];
    const since = Math.floor(Date.parse(from) / DAY_MS);
    const bad = rows.filter((row) => row.lab === lab && row.device === device && row.day >= since);
    const jobs = bad.reduce((n, row) => n + row.jobs, 0);
    const failed = bad.reduce((n, row) => n + row.infrastructure, 0);
    const told = { what, why: `${failed} of ${jobs} jobs since it went bad` };
    if (failed === 0) score.unseen.push(told);
    else score.missed.push(told);
  }
  return score;
}
