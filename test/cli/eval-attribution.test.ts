import { beforeAll, describe, expect, test } from 'vitest';
import type { WeightTable } from '#analysis/attribution.ts';
import { CULPRITS, type EvidenceKind, WEIGHTS, type Weights } from '#analysis/attribution-weights.ts';
import type { Asked } from '#cli/eval/ask.ts';
import { askFleets, TARGET } from '#cli/eval/attribution.ts';
import { report } from '#cli/eval/report.ts';
import { judge, scoreOf, shortfalls } from '#cli/eval/score.ts';
import { simulate } from '#cli/eval/simulate.ts';

function tableOf(of: (kind: EvidenceKind) => Weights): WeightTable {
  const kinds = Object.keys(WEIGHTS) as EvidenceKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as Record<EvidenceKind, Weights>;
}

const ZERO: Weights = { BOARD: 0, LAB: 0, INFRASTRUCTURE: 0, TEST: 0, CODE: 0 };

describe('one simulated fleet', () => {
  let asked: Asked[] = [];
  beforeAll(async () => {
    asked = await askFleets(1, 3);
  }, 120_000);

  test('is attributed as well as the target demands', () => {
    expect(shortfalls(scoreOf(asked.map((one) => judge(one))), TARGET)).toEqual([]);
  });

  test('misses the target when all weights are zero: nobody is named', () => {
    const score = scoreOf(
      asked.map((one) =>
        judge(
          one,
          tableOf(() => ZERO),
        ),
      ),
    );

    expect(score.named).toBe(0);
    expect(shortfalls(score, TARGET)).toEqual([`0 of ${asked.length} are named, fewer than 60.0 %`]);
  });

  test('misses the target when board and code are taken for each other', () => {
    const swapped = tableOf((kind) => ({ ...WEIGHTS[kind], BOARD: WEIGHTS[kind].CODE, CODE: WEIGHTS[kind].BOARD }));

    const missed = shortfalls(scoreOf(asked.map((one) => judge(one, swapped))), TARGET);

    expect(missed.some((text) => text.includes('are right, fewer than 90.0 %'))).toBe(true);
  });

  test('asks about faults of every kind, and says how each was found', () => {
    const answers = asked.map((one) => judge(one));
    const score = scoreOf(answers);
    const text = report(score, answers);

    for (const culprit of CULPRITS) expect(Object.values(score.confusion[culprit]).some((n) => n > 0)).toBe(true);
    expect(
      Object.values(score.confusion)
        .flatMap(Object.values<number>)
        .reduce((a, b) => a + b),
    ).toBe(asked.length);
    expect(score.calibration.reduce((sum, { answers: n }) => sum + n, 0)).toBe(asked.length);
    expect(text).toContain('What it was (rows) and what was said (columns):');
  });
});

test('a seed gives the same fleet, whenever', () => {
  const plain = (seed: number) =>
    simulate(seed).jobs.map(({ device, submitAt, ending, failed }) => [
      device.name,
      submitAt,
      ending?.action,
      [...failed.keys()],
    ]);

  expect(plain(3)).toEqual(plain(3));
  expect(plain(3)).not.toEqual(plain(4));
});
