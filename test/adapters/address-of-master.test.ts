import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOfMaster } from '#adapters/lava/address-of-master.ts';

const PLACES = [
  '',
  'RPC2',
  'RPC2/',
  'api/v0.2/',
  'api/v0.2/jobs/7/',
  'scheduler/job/7',
  'results/7',
  'admin',
  'accounts/login/?next=/',
];

test('whatever place of a master is pasted, its address is the same, and stays so', () => {
  fc.assert(
    fc.property(fc.constantFrom('', 'lava/', 'a/b/'), fc.constantFrom(...PLACES), (prefix, place) => {
      const master = `https://lab.example/${prefix}`;
      expect(addressOfMaster(`${master}${place}`)).toBe(master);
      expect(addressOfMaster(master)).toBe(master);
    }),
  );
});
