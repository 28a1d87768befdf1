import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '#analysis/glob.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '?'), maxLength: 8 });
const names = fc.string({ unit: fc.constantFrom('a', 'b', '.', '?'), maxLength: 12 });

test('a star stands for any characters, and everything else for itself', () => {
  fc.assert(
    fc.property(letters, names, (pattern, name) => {
      const parts = pattern.split('*').map((part) => part.replace(/[.?]/g, '\\$&'));
      expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${parts.join('.*')}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars takes no longer than the name is long', () => {
  // A matcher that goes back would take years.
  expect(matchesGlob(`${'*a'.repeat(200)}*b`, 'a'.repeat(100_000))).toBe(false);
});
