import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingCases } from '#adapters/case-list.ts';
import { caseArbitrary } from '../store/arbitrary.ts';

test('cases come back field for field and in order, wherever they were packed, and as often as they are gone through', () => {
  fc.assert(
    fc.property(fc.array(fc.array(caseArbitrary, { size: 'large', maxLength: 500 }), { maxLength: 4 }), (runs) => {
      const growing = new GrowingCases();
      for (const cases of runs) {
        for (const one of cases) growing.add(one);
        growing.pack();
      }
      const given = runs.flat();
      for (const one of given.slice(0, 10)) growing.add(one);
      const all = [...given, ...given.slice(0, 10)];
      const list = growing.list();
      expect(list.length).toBe(all.length);
      expect([...list]).toEqual(all);
      expect([...list]).toEqual(all);
    }),
    { numRuns: 60 },
  );
});
