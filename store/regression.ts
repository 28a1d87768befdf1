/**
 * Tests that began to fail: series (test, device type and branch, over labs) of which builds fail after one that passes.
 * Found through the changes of histories from the newest back until the page is full; nothing is kept for it.
 */
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import type { Viewer } from '#schema/viewer.ts';
import type { CaseName } from './codec.ts';
import { listEnvironments } from './environment.ts';
import { compareKeys, isOnPage, type Key, type Page, type PageRequest, toPage } from './page.ts';
import { createJudge, type FoundRow, type Judgements } from './regression-judge.ts';
import { type BaselinePolicy, type RegressionFilter, type RegressionRow, regressionKey } from './regression-row.ts';
import { SERIES_LIMITS } from './series-runs.ts';
import type { Store } from './store.ts';
import { toStored } from './text.ts';
import { listTurnsToFail, type Span, spanOfChanges } from './turn-to-fail.ts';

/** `stoppedAt`: so much was looked at that the page ends short of rows; the next goes on there. */
export type RegressionPage = Page<RegressionRow> & {
  stoppedAt: Key | null;
  /** Of a suite there are more runs than are read. */
  truncated: boolean;
};

/** Seconds of the first stretch that is looked through; the next is as many times longer where few tests turned, or shorter. */
const FIRST_STRETCH = 3_600;
const GROWTH = 2;
const FEW_TURNS = 1_000;
/** After so many turns a page ends, short of rows where most tests that turned are flaky. */
const LIMITS = { turns: 20_000, series: SERIES_LIMITS };

export async function listRegressions(
  store: Store,
  viewer: Viewer,
  filter: RegressionFilter,
  policy: BaselinePolicy,
  page: PageRequest,
  limits = LIMITS,
): Promise<RegressionPage> {
  const environments = await listEnvironments(store, viewer, filter.scope);
  const envIds = environments.map(({ id }) => id);
  const caseId = filter.test ? await getCaseId(store, filter.test) : null;
  if (filter.test && caseId === null) return { ...toPage([], page), stoppedAt: null, truncated: false };
  const judged: Judgements = { p: [], truncated: false };
  const everywhere = filter.scope.deviceTypes
    ? await listEnvironments(store, viewer, { sources: filter.scope.sources })
    : environments;
  const judge = createJudge(store, viewer, { environments, everywhere, filter, policy, judged, limits: limits.series });
  const found: FoundRow[] = [];
  const { from, until } = await spanOfChanges(store, envIds, spanOfPage(filter.span, page));
  let stoppedAt: Key | null = null;
  let [looked, length] = [0, FIRST_STRETCH];
  for (let at = page.backward ? from : until; page.backward ? at < until : at > from; ) {
    const stretch = page.backward
      ? { from: at, until: Math.min(until, at + length) }
      : { from: Math.max(from, at - length), until: at };
    const { turns, reached } = await listTurnsToFail(store, envIds, { ...filter, caseId }, stretch, page.backward);
    const rows = await judge(turns);
    found.push(...rows.filter((row) => isOnPage(regressionKey(row), page)));
    at = page.backward ? reached.until : reached.from;
    looked += turns.length;
    length =
      turns.length < FEW_TURNS ? length * GROWTH : Math.max(1, Math.ceil((reached.until - reached.from) / GROWTH));
    if (found.length > page.limit) break;
    if (looked <= limits.turns || at === (page.backward ? until : from)) continue;
    // Behind all of a later second, before all of an earlier one.
    stoppedAt = [1 - at, '', '', '', '', 0, '', ''];
    break;
  }
  found.sort((a, b) => compareKeys(regressionKey(a), regressionKey(b)) * (page.backward ? -1 : 1));
  const q = benjaminiHochberg(judged.p);
  const rows = found.slice(0, page.limit + 1).map(({ place, ...row }) => ({ ...row, q: q[place] ?? 1 }));
  const edges = toPage(rows, page);
  if (stoppedAt) edges[page.backward ? 'hasPrevious' : 'hasNext'] = true;
  return { ...edges, stoppedAt, truncated: judged.truncated };
}

/** What of the span a page may be about. */
function spanOfPage({ from, until }: Span, { after, before }: PageRequest): Span {
  return {
    from: before ? Math.max(from, -Number(before[0])) : from,
    until: after ? Math.min(until, 1 - Number(after[0])) : until,
  };
}

async function getCaseId({ sql }: Store, { suite, set, name }: CaseName & { suite: string }): Promise<number | null> {
  const row = await sql.get<{ id: number }>(
    `SELECT c.id FROM suite s JOIN test_case c ON c.suite_id = s.id
     WHERE s.name = ? AND c.name = ? AND COALESCE(c.set_name, '') = ? AND (c.set_name IS NULL) = (? = 1)`,
    ...[toStored(suite), toStored(name), toStored(set ?? ''), set === null ? 1 : 0],
  );
  return row?.id ?? null;
}
