/** Injected flaky tests against those that Basalt calls flaky. */
import { describeFlakyTests, type FlakyFacts } from '#store/flaky-state.ts';
import { type FlakyTestRow, flakyKey, listFlakyTests } from '#store/flaky-test.ts';
import type { Key } from '#store/page.ts';
import type { Store } from '#store/store.ts';
import type { Score } from './score.ts';
import type { Seeding } from './truth-file.ts';

const VIEWER = { kind: 'everything' } as const;
const DAY_MS = 86_400_000;
const PAGE = 200;

export async function scoreFlaky(store: Store, seedings: readonly Seeding[]): Promise<Score> {
  const injected = new Map<string, number>(
    seedings.flatMap(({ flaky }) =>
      Object.entries(flaky).flatMap(([suite, cases]) =>
        Object.entries(cases).map(([name, rate]) => [`${suite}/${name}`, rate] as const),
      ),
    ),
  );
  const found = await describeAll(store, seedings);
  const score: Score = { kind: 'flaky tests', hits: 0, missed: [], right: 0, wrong: [], unseen: [] };
  for (const [name, ofTest] of found) {
    const worst = worstOf(ofTest);
    if (worst?.state !== 'FLAKY') continue;
    if (injected.has(name)) score.right += 1;
    else score.wrong.push({ what: name, why: said(worst) });
  }
  for (const [name, rate] of injected) {
    const worst = worstOf(found.get(name) ?? []);
    const what = `${name}, fails in ${Math.round(100 * rate)} % of its runs`;
    if (worst?.state === 'FLAKY') score.hits += 1;
    else if (worst) score.missed.push({ what, why: said(worst) });
    else score.unseen.push({ what, why: 'its verdict never changed' });
  }
  return score;
}

function said({ flakes, considered, state }: FlakyFacts): string {
  return `${flakes} flakes in ${considered} runs, ${state}`;
}

/** Of the device types of a test, one that is flaky if there is, else the one with most flakes. */
function worstOf(facts: readonly FlakyFacts[]): FlakyFacts | undefined {
  return facts.toSorted((a, b) => Number(b.state === 'FLAKY') - Number(a.state === 'FLAKY') || b.flakes - a.flakes)[0];
}

/** Every test whose verdict changed, by suite and name. */
async function describeAll(store: Store, seedings: readonly Seeding[]): Promise<Map<string, FlakyFacts[]>> {
  const suites = new Set(seedings.flatMap(({ flaky }) => Object.keys(flaky)));
  const days = seedings.flatMap(({ builds }) => builds.map(({ at }) => Math.floor(at / DAY_MS)));
  const window = { from: Math.min(...days) - 1, until: Math.max(...days) + 90 };
  const found = new Map<string, FlakyFacts[]>();
  for (let after: Key | null = null; ; ) {
    const page = { limit: PAGE, after, before: null, backward: false };
    const { rows, hasNext } = await listFlakyTests(store, VIEWER, {}, 'SERIES', window, page);
    const ofSuites = rows.filter((row: FlakyTestRow) => suites.has(row.suite));
    const facts = await describeFlakyTests(store, VIEWER, {}, window, ofSuites);
    for (const [i, { suite, name }] of ofSuites.entries()) {
      const one = facts[i];
      const key = `${suite}/${name}`;
      if (one) found.set(key, [...(found.get(key) ?? []), one]);
    }
    const last = rows.at(-1);
    if (!hasNext || !last) return found;
    after = flakyKey(last);
  }
}
