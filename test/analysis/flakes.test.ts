import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isActive, trailingWindows } from '#analysis/hysteresis.ts';
import { isInfrastructureBatch } from '#analysis/infrastructure-batch.ts';
import { passedOnRetry } from '#analysis/pass-on-retry.ts';
import { type FlipCell, testgridFlips } from '#analysis/testgrid-flip.ts';

const CELLS = { P: 'PASS', F: 'FAIL', K: 'FLAKY' } as const;
const cells = (text: string): FlipCell[] => [...text].map((letter) => CELLS[letter as keyof typeof CELLS]);

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
