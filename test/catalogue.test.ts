import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gapsOf, numbersIn, readEntries, readNames } from './catalogue.ts';

const CATALOGUE = readFileSync(join(import.meta.dirname, 'CATALOGUE.md'), 'utf8');

test('every number of the catalogue is in the name of a test where it says so, and nowhere else', () => {
  expect(gapsOf(readEntries(CATALOGUE), readNames(import.meta.dirname))).toEqual([]);
});

/** In two parts, so that this file names none. */
const named = (number: string) => new Map([['a.test.ts', numbersIn(`test('${number}: it is so', () => {});`)]]);

test('a number without its test, without its line, or of another file, is found', () => {
  const entries = readEntries(CATALOGUE).map((entry) => ({ ...entry, files: [], isCovered: false }));
  const one = (files: string[], isCovered = true) =>
    entries.map((entry) => (entry.number === 'L-01' ? { number: 'L-01', files, isCovered } : entry));
  expect(gapsOf(one(['a.test.ts']), named('L-01'))).toEqual([]);
  expect(gapsOf(one(['a.test.ts']), new Map())).toHaveLength(1);
  expect(gapsOf(one(['a.test.ts', 'b.test.ts']), named('L-01'))).toHaveLength(1);
  expect(gapsOf(one([]), new Map())).toHaveLength(1);
  expect(gapsOf(one([], false), named('L-01'))).toHaveLength(1);
  expect(gapsOf(entries, named('L-99'))).toHaveLength(1);
  expect(gapsOf(entries.slice(1), new Map())).toHaveLength(1);
  expect(gapsOf([...entries, ...entries.slice(0, 1)], new Map())).toHaveLength(1);
});

test('numbers are read off names of tests that run', () => {
  expect(numbersIn(`test.each([1])('${'L'}-04, ${'T'}-07: so', f);`)).toEqual(new Set(['L-04', 'T-07']));
  for (const word of ['skip', 'todo']) expect(numbersIn(`test.${word}('${'L'}-04: so', f);`)).toEqual(new Set());
  expect(numbersIn(`// as ${'L'}-04: says`)).toEqual(new Set());
});
