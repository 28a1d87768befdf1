import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fisherRightTail } from '#analysis/fisher.ts';
import { judgeRegression } from '#analysis/regression-rule.ts';
import { wilson } from '#analysis/wilson.ts';

const of = (fails: number, passes: number) => ({ fails, passes });

test.each([
  ['10 of 100 after 2 of 200', of(10, 90), of(2, 198), 'SIGNIFICANT_REGRESSION'],
  ['3 of 100 after 1 of 100', of(3, 97), of(1, 99), 'NOT_SIGNIFICANT'],
  ['3 of 10 after 0 of 100', of(3, 7), of(0, 100), 'EXTREME_REGRESSION'],
  ['two failures only', of(2, 0), of(0, 500), 'NOT_SIGNIFICANT'],
  ['five points exactly', of(50, 950), of(0, 10_000), 'NOT_SIGNIFICANT'],
  ['more than five points', of(51, 949), of(0, 10_000), 'SIGNIFICANT_REGRESSION'],
  ['fifteen points exactly', of(150, 850), of(0, 10_000), 'SIGNIFICANT_REGRESSION'],
  ['more than fifteen points', of(151, 849), of(0, 10_000), 'EXTREME_REGRESSION'],
  ['better by 30 points', of(0, 100), of(30, 70), 'SIGNIFICANT_IMPROVEMENT'],
  ['better, but base failed twice', of(0, 100), of(2, 2), 'NOT_SIGNIFICANT'],
  ['no sample', of(0, 0), of(3, 7), 'MISSING_SAMPLE'],
  ['no base, few runs', of(5, 0), of(0, 0), 'MISSING_BASE'],
  ['no base, 9 of 10 pass', of(1, 9), of(0, 0), 'NOT_SIGNIFICANT'],
  ['no base, 17 of 20 pass', of(3, 17), of(0, 0), 'SIGNIFICANT_REGRESSION'],
  ['no base, 7 of 10 pass', of(3, 7), of(0, 0), 'EXTREME_REGRESSION'],
] as const)('%s', (_, sample, base, status) => {
  expect(judgeRegression(sample, base).status).toBe(status);
});

test('rates, intervals and effect are those of the counts', () => {
  const facts = judgeRegression(of(3, 7), of(0, 100));

  expect(facts).toMatchObject({
    sampleRate: 0.7,
    baseRate: 1,
    sampleInterval: wilson(7, 10),
    baseInterval: wilson(100, 100),
  });
  expect(facts.effect).toBeCloseTo(30, 12);
  expect(facts.p).toBe(fisherRightTail(3, 7, 0, 100));
});

test('what is a regression one way is an improvement the other way, with the same p', () => {
  const count = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      fc.pre(a + b > 0 && c + d > 0);
      const [one, other] = [judgeRegression(of(a, b), of(c, d)), judgeRegression(of(c, d), of(a, b))];
      expect(other.status === 'SIGNIFICANT_IMPROVEMENT').toBe(/_REGRESSION$/.test(one.status));
      if (one.effect !== 0) expect(one.p).toBe(other.p);
    }),
  );
});
