import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decayedMean, unsteadinessOf } from '#analysis/flip-entropy.ts';
import { isActive, trailingWindows } from '#analysis/hysteresis.ts';
import { isInfrastructureBatch } from '#analysis/infrastructure-batch.ts';
import { passedOnRetry } from '#analysis/pass-on-retry.ts';
import { type FlipCell, testgridFlips } from '#analysis/testgrid-flip.ts';
import { transitionScore } from '#analysis/transition-score.ts';

const CELLS = { P: 'PASS', F: 'FAIL', K: 'FLAKY' } as const;
const cells = (text: string): FlipCell[] => [...text].map((letter) => CELLS[letter as keyof typeof CELLS]);
const passes = (text: string) => [...text].map((letter) => letter === 'P');

test.each([
  ['PFPFPFPFPF', 50],
  ['PPFFFFPPPP', 0],
  ['PFFPPPPPPP', 10],
  ['PKPK', 50],
  ['PFFFPF', 100 / 3],
  ['FFF', 0],
  ['', 0],
])('TestGrid: %s flips %s percent', (text, wanted) => {
  expect(testgridFlips(cells(text))).toBeCloseTo(wanted, 12);
});

test.each([
  ['PPPPPFFFFF', 1, 1 / 9],
  ['PFPFPFPFPF', 1, 1],
  ['PPPP', 0, 0],
  ['PPPF', 0.8112781244591328, 1 / 3],
  ['F', 0, 0],
])('entropy of %s is %s, its flip rate %s', (text, entropy, flipRate) => {
  const found = unsteadinessOf(passes(text));

  expect(found.entropy).toBeCloseTo(entropy, 12);
  expect(found.flipRate).toBeCloseTo(flipRate, 12);
});

test('of versions the newest weighs most', () => {
  expect(decayedMean([1, 0, 0], 0.5)).toBeCloseTo(4 / 7, 12);
  expect(decayedMean([0, 0, 1], 0.5)).toBeCloseTo(1 / 7, 12);
  expect(decayedMean([], 0.5)).toBe(0);
});

test('Buildkite: PPFFF over five scores 0.2, and only the last of the window count', () => {
  expect(transitionScore(passes('PPFFF'), 5)).toBe(0.2);
  expect(transitionScore(passes('PFPFPFPPFFF'), 5)).toBe(0.2);
  expect(transitionScore(passes('PF'), 5)).toBe(0.2);
});

describe('pass on retry', () => {
  const attempts = (text: string) =>
    text.split(' ').map(([revision = '', verdict], at) => ({ revision, at, passed: verdict === 'P' }));

  test.each([
    ['aF aP bP', ['a']],
    ['aP aF bF', []],
    ['aF bP', []],
    ['aF bF aP bP', ['a', 'b']],
    ['aP aF aP', ['a']],
  ])('%s: %s', (text, revisions) => {
    expect(passedOnRetry(attempts(text))).toEqual(revisions);
  });

  test('attempts may come in any order', () => {
    const attempt = fc.record({ revision: fc.constantFrom('a', 'b'), passed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (list, order) => {
        const all = list.map((one, at) => ({ ...one, at }));
        const keys = new Map(all.map((one) => [one, order.next().value ?? 0]));
        const shuffled = [...all].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        expect(passedOnRetry(shuffled)).toEqual(passedOnRetry(all));
      }),
    );
  });
});

describe('hysteresis', () => {
  const thresholds = { activation: 0.3, minHits: 3, resolution: 0.15, minRuns: 5 };
  const windows = (...rates: number[]) => rates.map((rate) => ({ hits: rate, runs: 100 }));

  test.each([
    [[29], false],
    [[30], true],
    [[29, 30, 15, 20], true],
    [[30, 14, 29], false],
  ])('windows of %j percent leave it %s', (rates, wanted) => {
    expect(isActive(windows(...rates), thresholds)).toBe(wanted);
  });

  test('few runs change nothing, and few hits begin nothing', () => {
    expect(isActive([...windows(30), { hits: 0, runs: 4 }], thresholds)).toBe(true);
    expect(isActive([{ hits: 2, runs: 5 }], thresholds)).toBe(false);
  });

  test('a window trails each mark', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 20 }), fc.integer({ min: 1, max: 6 }), (marks, size) => {
        const wanted = marks.map((_, i) => {
          const window = marks.slice(Math.max(0, i + 1 - size), i + 1);
          return { hits: window.filter(Boolean).length, runs: window.length };
        });
        expect([...trailingWindows(marks, size)]).toEqual(wanted);
      }),
    );
  });
});

test('a batch of ten and more of which 80 percent fail is the lab', () => {
  expect(isInfrastructureBatch({ pass: 2, fail: 8 })).toBe(true);
  expect(isInfrastructureBatch({ pass: 3, fail: 8 })).toBe(false);
  expect(isInfrastructureBatch({ pass: 0, fail: 9 })).toBe(false);
});
