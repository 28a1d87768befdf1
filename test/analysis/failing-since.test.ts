import { expect, test } from 'vitest';
import { failingSince, hasChanged, isGreen } from '#analysis/failing-since.ts';

test.each([
  ['FFFP', { since: 2, lastPass: 3, builds: 3 }],
  ['FMFP', { since: 2, lastPass: 3, builds: 3 }],
  ['F.SIUFP', { since: 5, lastPass: 6, builds: 2 }],
  ['.IF.P', { since: 2, lastPass: 4, builds: 1 }],
  ['FFSU.', { since: 1, lastPass: null, builds: 2 }],
  ['PFFF', null],
  ['SPF', null],
  ['..I', null],
  ['SSU', null],
  ['', null],
])('%s: failing since', (cells, expected) => {
  expect(failingSince(cells)).toEqual(expected);
});

test.each([
  ['PP.IP', false],
  ['FFFF', false],
  ['SSSS', false],
  ['...', false],
  ['PPFP', true],
  ['PPS', true],
  ['FM', true],
])('%s has changed: %s', (cells, expected) => {
  expect(hasChanged(cells)).toBe(expected);
});

test.each([
  ['PP.IP', true],
  ['...', true],
  ['PPS', false],
  ['PM', false],
])('%s is green: %s', (cells, expected) => {
  expect(isGreen(cells)).toBe(expected);
});
