/** Tests by how often they turned to fail over some days. */
import type { Viewer } from '#schema/viewer.ts';
import type { CaseName } from './codec.ts';
import { listEnvironments, type Scope } from './environment.ts';
import { type Days, type FlipGroup, type FlipKey, sumFlips } from './flips.ts';
import { selectIn } from './many-rows.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

type FlipSum = { caseId: number; deviceTypeId: number; sourceId: number | null; flips: number };

export type FlakyTestRow = FlipSum & CaseName & { suiteId: number; suite: string; deviceType: string; slug: string };

export type Ranking = Page<FlakyTestRow> & { total: number };

/** Most flips first, then by name. `slug` is empty where sources are added up. */
export function flakyKey({ flips, suite, name, set, deviceType, slug }: FlakyTestRow): Key {
  return [-flips, suite, name, set === null ? 0 : 1, set ?? '', deviceType, slug];
}

export async function listFlakyTests(
  store: Store,
  viewer: Viewer,
  scope: Scope,
  by: FlipKey,
  days: Days,
  page: PageRequest,
): Promise<Ranking> {
  const environments = await listEnvironments(store, viewer, scope);
  const groups = await sumFlips(store, environments, by, days);
  const types = new Map(environments.map((row) => [row.deviceTypeId, row.deviceType]));
  const slugs = new Map(environments.map((row) => [row.sourceId, row.slug]));
  const near = nearPage(groups, page);
  const names = await caseNames(store, [...new Set(near.map(({ caseId }) => caseId))]);
  const rows = near
    .flatMap((sum): FlakyTestRow[] => {
      const named = names.get(sum.caseId);
      const place = { deviceType: types.get(sum.deviceTypeId) ?? '', slug: slugs.get(sum.sourceId ?? 0) ?? '' };
      return named ? [{ ...sum, ...named, ...place }] : [];
    })
    .map((row) => ({ row, key: flakyKey(row) }))
    .filter(({ key }) => isOnPage(key, page))
    .sort((a, b) => (page.backward ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)))
    .slice(0, page.limit + 1)
    .map(({ row }) => row);
  return { ...toPage(rows, page), total: groups.reduce((n, { caseIds }) => n + caseIds.length, 0) };
}

/** Those among which the page is: all with the same number of flips are, because names put them in order. */
function nearPage(groups: readonly FlipGroup[], page: PageRequest): FlipSum[] {
  const [most, least] = flipsOnPage(groups, page);
  const near: FlipSum[] = [];
  for (const { deviceTypeId, sourceId, caseIds, flips } of groups) {
    for (let i = 0; i < flips.length; i++) {
      const n = flips[i] ?? 0;
      if (n >= least && n <= most) near.push({ caseId: caseIds[i] ?? 0, deviceTypeId, sourceId, flips: n });
    }
  }
  return near;
}

/** Most and fewest flips of a test that may be on the page. */
function flipsOnPage(groups: readonly FlipGroup[], { limit, after, before, backward }: PageRequest): [number, number] {
  const having: number[] = [];
  for (const { flips } of groups) {
    for (let i = 0; i < flips.length; i++) {
      const n = flips[i] ?? 0;
      while (having.length <= n) having.push(0);
      having[n] = (having[n] ?? 0) + 1;
    }
  }
  const most = after ? -Number(after[0]) : having.length - 1;
  const least = before ? -Number(before[0]) : 1;
  // Of those with as many flips as the key nobody knows which side of it they are on.
  const key = (backward ? before : after) && (backward ? least : most);
  let found = 0;
  for (let i = 0; i <= most - least; i++) {
    const n = backward ? least + i : most - i;
    if (n !== key) found += having[n] ?? 0;
    if (found > limit) return backward ? [n, least] : [most, n];
  }
  return [most, least];
}

type Named = CaseName & { suiteId: number; suite: string };

async function caseNames(store: Store, ids: readonly number[]): Promise<Map<number, Named>> {
  const rows = await selectIn<Named & { id: number }>(
    store.sql,
    `SELECT c.id, c.set_name AS "set", c.name, c.suite_id AS "suiteId", s.name AS suite
     FROM test_case c JOIN suite s ON s.id = c.suite_id WHERE c.id`,
    [],
    ids,
  );
  return new Map(
    rows.map(({ id, set, name, suiteId, suite }) => [
      id,
      { set: set === null ? null : fromStored(set), name: fromStored(name), suiteId, suite: fromStored(suite) },
    ]),
  );
}
