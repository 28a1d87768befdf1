import { expect, test } from 'vitest';
import { probability } from '../../frontend/ui/probability.ts';

test.each([
  [1, '1'],
  [0.31060122, '0.31'],
  [0.0413, '0.041'],
  [0.001, '0.001'],
  [0.00042108, '4.2e-4'],
  [0.0000015, '1.5e-6'],
  [7e-10, '7e-10'],
  [0, 'under 1e-300'],
])('%s is said as %s', (p, words) => {
  expect(probability(p)).toBe(words);
});
