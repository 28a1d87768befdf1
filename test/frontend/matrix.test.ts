import { expect, test } from 'vitest';
import { fitSuites } from '../../frontend/features/build/fit-suites.ts';
import {
  type Cell,
  isCrowded,
  linesOf,
  type Suite,
  toMatrix,
  toShown,
  wordOf,
} from '../../frontend/features/build/matrix.ts';

const counts = (pass: number, fail = 0, skip = 0) => ({ pass, fail, skip, unknown: 0, total: pass + fail + skip });
const lab = (slug: string, pass: number, fail = 0, infrastructureFailures = 0) => ({
  source: { slug },
  counts: counts(pass, fail),
  infrastructureFailures,
});
const cell = (name: string, labs: Cell['labs'], extra: Partial<Cell> = {}): Cell => ({
  environment: { name },
  infrastructureFailures: labs.reduce((n, one) => n + one.infrastructureFailures, 0),
  disagree: false,
  isNewlyFailing: false,
  recent: '',
  labs,
  ...extra,
});
const suite = (name: string, ...cells: Cell[]): Suite => ({ name, cells });

test('columns are in alphabetical order, and those without a problem are known', () => {
  const matrix = toMatrix([
    suite('ltp', cell('x15', [lab('alpha', 96)]), cell('qemu', [lab('alpha', 90, 6)])),
    suite('smoke', cell('bcm', [lab('alpha', 0, 0, 1)]), cell('imx', [lab('alpha', 9)], { disagree: true })),
  ]);

  expect(matrix.environments).toEqual(['bcm', 'imx', 'qemu', 'x15']);
  expect(matrix.passing).toEqual(['x15']);
  expect(matrix.rows.map((row) => [row.suite, row.cases])).toEqual([
    ['ltp', 96],
    ['smoke', 9],
  ]);
});

test('up to three labs have a line each, in their order', () => {
  const lines = linesOf(cell('qemu', [lab('alpha', 9), lab('beta', 8, 1), lab('gamma', 0, 0, 2)]));

  expect(lines.map(({ label, kind, most }) => `${label} ${kind} ${most}`)).toEqual([
    'alpha pass 9',
    'beta fail 1',
    'gamma infra 2',
  ]);
});

test('of many labs what needs a look comes first, and three of a kind share a line', () => {
  const passing = ['c', 'd', 'e', 'f'].map((slug, i) => lab(slug, 9 - (i % 2)));
  const lines = linesOf(cell('qemu', [...passing, lab('b', 7, 2), lab('a', 8, 1), lab('g', 0)]));

  expect(lines).toEqual([
    { label: 'b', kind: 'fail', least: 2, most: 2 },
    { label: 'a', kind: 'fail', least: 1, most: 1 },
    { label: 'g', kind: 'none', least: 0, most: 0 },
    { label: '4 labs', kind: 'pass', least: 8, most: 9 },
  ]);
});

test('a matrix of more than 400 cells is crowded, and a cell without a problem then says one word for all labs', () => {
  const wide = (n: number) => suite('ltp', ...Array.from({ length: n }, (_, i) => cell(`type-${i}`, [])));

  expect([isCrowded(toMatrix([wide(400)])), isCrowded(toMatrix([wide(400), suite('smoke', cell('x15', []))]))]).toEqual(
    [false, true],
  );
  expect(wordOf(cell('qemu', [lab('alpha', 1200), lab('beta', 8)]))).toBe('1,208 pass');
  expect(wordOf(cell('qemu', [{ ...lab('alpha', 0), counts: counts(0, 0, 2) }]))).toBe('skip');
  expect(wordOf(cell('qemu', [lab('alpha', 0)]))).toBe('no results');
});

test('in a crowded matrix a cell with a problem still says all, and one that passes a word', () => {
  const many = Array.from({ length: 400 }, (_, i) => cell(`type-${i}`, []));
  const bad = cell('x15', [lab('alpha', 7, 2)], { isNewlyFailing: true, recent: 'PF' });
  const [row] = toShown(toMatrix([suite('ltp', ...many, bad, cell('y', [lab('alpha', 9)]))]), ['x15', 'y', 'z']);

  expect(row?.cells).toEqual([
    {
      ...{ lines: linesOf(bad), counted: { value: 2, isFailing: true } },
      ...{ disagree: false, isNewlyFailing: true, recent: 'PF' },
    },
    '9 pass',
    null,
  ]);
});

test('a page of the matrix is cut to whole suites, and goes on behind the last that is shown', () => {
  const page = {
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: 'a', endCursor: 'd' },
    edges: ['a', 'b', 'c', 'd'].map((cursor) => ({ cursor })),
    nodes: [3, 3, 2, 9].map((size) => ({ cells: Array.from({ length: size }) })),
  };
  const told = ({ pageInfo, nodes }: typeof page) => ({ ...pageInfo, sizes: nodes.map(({ cells }) => cells.length) });

  expect(told(fitSuites(page, false, 17))).toEqual({ ...page.pageInfo, sizes: [3, 3, 2, 9] });
  expect(told(fitSuites(page, false, 8))).toEqual({
    ...{ hasNextPage: true, hasPreviousPage: false, startCursor: 'a', endCursor: 'c', sizes: [3, 3, 2] },
  });
  expect(told(fitSuites(page, true, 8))).toEqual({
    ...{ hasNextPage: false, hasPreviousPage: true, startCursor: 'd', endCursor: 'd', sizes: [9] },
  });
});
