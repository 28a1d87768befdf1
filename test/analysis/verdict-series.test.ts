import { expect, test } from 'vitest';
import { describeSeries } from '#analysis/verdict-series.ts';
import { wilson } from '#analysis/wilson.ts';

const NAMES = { P: 'PASS', F: 'FAIL', S: 'SKIP', U: 'UNKNOWN' } as const;

function series(letters: string): string[] {
  return [...letters].map((letter) => NAMES[letter as keyof typeof NAMES]);
}

test.each([
  ['PPPPPFFFFF', 1 / 9, 0.5],
  ['PFPFPFPFPF', 1, 0.5],
  ['PPPP', 0, 1],
  ['PSPU', 1, 1],
  ['SS', 0, null],
  ['P', null, 1],
  ['', null, null],
])('%s flips at %s of its neighbours and passes at %s', (letters, flipRate, passRate) => {
  const facts = describeSeries([series(letters)]);

  expect(facts.flipRate).toEqual(flipRate);
  expect(facts.passRate).toEqual(passRate);
});

test('several series are added up, and the last of one is no neighbour of the first of the next', () => {
  const facts = describeSeries([series('PPP'), series('FFF'), series('PF')]);

  expect(facts).toEqual({ passRate: 0.5, flipRate: 1 / 5, flakeInterval: wilson(1, 5) });
});
