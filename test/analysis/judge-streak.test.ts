import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fisherRightTail } from '#analysis/fisher.ts';
import { flakeChance } from '#analysis/flake-bar.ts';
import { judgeStreak, type StreakBuild } from '#analysis/judge-streak.ts';
import { judgeRegression } from '#analysis/regression-rule.ts';

const POLICY = { minFails: 3, pity: 5, confidence: 95 };

/** Of each lab, by its number, letters of its runs: the last one is what it says. */
function build(...labs: string[]): StreakBuild {
  const count = (letter: string) => [...labs.join('')].filter((one) => one === letter).length;
  const said = (letter: string) => labs.flatMap((runs, lab) => (runs.endsWith(letter) ? [lab] : []));
  const byLab = new Map(
    labs.flatMap((runs, lab) => {
      const fails = [...runs].filter((one) => one === 'F').length;
      return runs === '' ? [] : [[lab, { fails, passes: runs.length - fails }] as const];
    }),
  );
  return { passes: count('P'), fails: count('F'), failing: said('F'), passing: said('P'), byLab };
}

test('what was significant at an earlier build stays so above the lower bar, and no longer', () => {
  const base = { passes: 4, fails: 0 };
  const failing = [build('F'), build('F'), build('F')];

  expect(judgeStreak(base, failing, POLICY)).toMatchObject({ status: 'EXTREME_REGRESSION', isHeld: false });
  const nearly = [...failing, build('P', 'F')];
  expect(judgeStreak(base, nearly, POLICY)).toMatchObject({
    status: 'EXTREME_REGRESSION',
    isHeld: false,
    p: fisherRightTail(4, 1, 0, 4),
  });
  const held = [...failing, build('PP', 'P')];
  expect(fisherRightTail(3, 3, 0, 4)).toBeGreaterThan(0.1);
  expect(judgeStreak(base, held, POLICY)).toMatchObject({ status: 'NOT_SIGNIFICANT', isHeld: false });
  expect(judgeStreak(base, held, { ...POLICY, confidence: 85 })).toMatchObject({
    status: 'EXTREME_REGRESSION',
    isHeld: true,
    p: fisherRightTail(3, 3, 0, 4),
  });
  // The same runs in an order in which it never was significant.
  const never = [build('FPP', 'P'), build('F'), build('F')];
  expect(judgeStreak(base, never, { ...POLICY, confidence: 85 })).toMatchObject({ status: 'NOT_SIGNIFICANT' });
});

test('held is only what passes the lower bar, and is significant at some earlier look', () => {
  const letters = fc.string({ unit: fc.constantFrom('P', 'F'), maxLength: 3 });
  const builds = fc.array(fc.tuple(letters, letters), { minLength: 1, maxLength: 12 });
  let seen = 0;
  fc.assert(
    fc.property(builds, fc.nat({ max: 20 }), fc.nat({ max: 2 }), (list, passes, fails) => {
      const all = list.map((labs) => build(...labs));
      const base = { passes, fails };
      const facts = judgeStreak(base, all, POLICY);
      const isOpen = (until: number) => /_REGRESSION$/.test(judgeStreak(base, all.slice(0, until), POLICY).status);
      if (!facts.isHeld) return;
      seen += 1;
      expect(facts.p).toBeGreaterThanOrEqual(0.05);
      expect(facts.p).toBeLessThan(0.1);
      // At the build before as well, held or not: what falls below the lower bar has to rise above the upper one again.
      expect(isOpen(all.length - 1)).toBe(true);
    }),
    { numRuns: 3_000, seed: 7 },
  );
  expect(seen).toBeGreaterThan(20);
});

test('without labs that pass it is the rule of two windows', () => {
  const base = { passes: 21, fails: 1 };
  const facts = judgeStreak(base, [build('F'), build('FFP', 'F')], POLICY);
  expect(facts).toMatchObject(judgeRegression({ passes: 1, fails: 4 }, base, POLICY));
});

test('how likely chance is: the first failure is no evidence, and any of the stretches could have been picked', () => {
  expect(flakeChance({ passes: 0, fails: 3 }, { passes: 100, fails: 0, turns: 0 })).toBeNull();
  expect(flakeChance({ passes: 1, fails: 4 }, { passes: 90, fails: 10, turns: 8 })).toBe(
    9 * fisherRightTail(3, 1, 10, 90),
  );
  expect(flakeChance({ passes: 9, fails: 1 }, { passes: 90, fails: 10, turns: 8 })).toBe(1);

  const count = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(count, count, count, count, (passes, fails, p, f) => {
      const elsewhere = { passes: p, fails: f, turns: 1 };
      const chance = flakeChance({ passes, fails }, elsewhere) ?? 2;
      expect(flakeChance({ passes, fails: fails + 1 }, elsewhere)).toBeLessThanOrEqual(chance * (1 + 1e-12));
      expect(flakeChance({ passes: passes + 1, fails }, elsewhere)).toBeGreaterThanOrEqual(chance * (1 - 1e-12));
      expect(flakeChance({ passes, fails }, { ...elsewhere, fails: f + 1 })).toBeGreaterThanOrEqual(
        chance * (1 - 1e-12),
      );
      expect(chance).toBeLessThanOrEqual(1);
    }),
  );
});
