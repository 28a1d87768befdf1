import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Field, isKnown, known, readFilters, toHref, without } from '../../frontend/ui/filter.ts';

const FIELDS: Field[] = [
  { key: 'lab', label: 'lab', kind: 'many', options: [{ value: 'alpha', label: 'alpha' }] },
  { key: 'q', label: 'description', kind: 'text' },
  { key: 'since', label: 'since', kind: 'day' },
  { key: 'checks', label: 'checks', kind: 'flag' },
  { key: 'build', label: 'build', kind: 'text', needs: 'q' },
];

test('an unknown value stays in the filters and out of the question', () => {
  const filters = readFilters(FIELDS, { lab: ['alpha', 'nowhere'] });
  expect(filters).toEqual({ lab: ['alpha', 'nowhere'] });
  expect(known(FIELDS, filters, 'lab')).toEqual(['alpha']);
});

test('a value without the key it needs stays in the filters and out of the question', () => {
  const filters = readFilters(FIELDS, { build: 'v1' });
  expect([filters, known(FIELDS, filters, 'build')]).toEqual([{ build: ['v1'] }, undefined]);
  expect(known(FIELDS, readFilters(FIELDS, { build: 'v1', q: 'x' }), 'build')).toEqual(['v1']);
});

test('keys the page does not have and empty values are no filters', () => {
  expect(readFilters(FIELDS, { utm: 'x', q: '', lab: [' ', 'alpha', 'alpha'] })).toEqual({ lab: ['alpha'] });
});

test('a key that takes one value takes the first', () => {
  expect(readFilters(FIELDS, { q: ['a', 'b'] })).toEqual({ q: ['a'] });
});

test('a day must be one', () => {
  const since: Field = { key: 'since', label: 'since', kind: 'day' };
  expect(isKnown(since, '2026-06-01')).toBe(true);
  expect(isKnown(since, '2026-13-01')).toBe(false);
  expect(isKnown(since, 'yesterday')).toBe(false);
});

test('taking one value away leaves the others, and the key goes with its last', () => {
  expect(without({ lab: ['a', 'b'], q: ['x'] }, 'lab', 'a')).toEqual({ lab: ['b'], q: ['x'] });
  expect(without({ lab: ['a'], q: ['x'] }, 'lab', 'a')).toEqual({ q: ['x'] });
});

test('filters survive the way through the address', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && text.isWellFormed());
  fc.assert(
    fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 4 }), value, (labs, q) => {
      const filters = { lab: labs, q: [q] };
      const params = new URL(toHref('/jobs', filters), 'http://localhost').searchParams;
      const back = Object.fromEntries([...new Set(params.keys())].map((key) => [key, params.getAll(key)]));
      expect(readFilters(FIELDS, back)).toEqual(filters);
    }),
  );
});
