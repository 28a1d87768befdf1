import { expect, test } from 'vitest';
import { type Cell, newFailures, toMatrix } from '../../frontend/features/build/matrix.ts';

const counts = (pass: number, fail: number) => ({ pass, fail, skip: 0, unknown: 0, total: pass + fail });
const cell = (suite: string, name: string, pass: number, fail: number, extra: Partial<Cell> = {}): Cell => ({
  suite,
  environment: { name, deviceType: name },
  counts: counts(pass, fail),
  infrastructureFailures: 0,
  disagree: false,
  labs: [{ source: { slug: 'alpha' }, counts: counts(pass, fail), infrastructureFailures: 0 }],
  ...extra,
});

test('rows and columns are in alphabetical order, and only rows with a problem have one', () => {
  const matrix = toMatrix([cell('smoke', 'x15', 9, 0), cell('ltp', 'qemu', 90, 6), cell('ltp', 'x15', 96, 0)]);
  expect(matrix.environments).toEqual(['qemu', 'x15']);
  expect(matrix.rows.map(({ suite, hasProblem, cases }) => [suite, hasProblem, cases])).toEqual([
    ['ltp', true, 96],
    ['smoke', false, 9],
  ]);
  expect([matrix.cells, matrix.problems]).toEqual([3, 1]);
});

test('a lab’s fault and a disagreement are problems too', () => {
  expect(
    toMatrix([cell('a', 'x', 1, 0, { infrastructureFailures: 1 }), cell('b', 'x', 1, 0, { disagree: true })]).problems,
  ).toBe(2);
});

test('a failure is new only where the build before ran without one', () => {
  const now = [cell('ltp', 'qemu', 90, 6), cell('ltp', 'x15', 90, 6), cell('smoke', 'qemu', 8, 1)];
  const before = [cell('ltp', 'qemu', 96, 0), cell('ltp', 'x15', 95, 1), cell('smoke', 'qemu', 0, 0)];
  expect([...newFailures(now, before)].map(({ suite, environment }) => `${suite} ${environment.name}`)).toEqual([
    'ltp qemu',
  ]);
});
