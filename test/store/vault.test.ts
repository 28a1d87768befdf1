import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVault } from '#store/vault.ts';
import { temporaryFolder } from './temporary.ts';

const keyOf = (byte: number) => ({ key: Buffer.alloc(32, byte).toString('base64'), file: null });

test('what is sealed opens with the same key for the same place', () => {
  const vault = createVault(keyOf(1));
  fc.assert(
    fc.property(fc.string(), fc.string(), (secret, place) => {
      const sealed = vault.seal(secret, place);
      expect(vault.open(sealed, place)).toBe(secret);
      expect(vault.seal(secret, place)).not.toEqual(sealed);
      expect(() => vault.open(sealed, `${place}x`)).toThrow(/sealed with another key/);
    }),
  );
});

test('S-18: another key, and a changed byte, say what to do', () => {
  const sealed = createVault(keyOf(1)).seal('sesame', 'lab');
  expect(sealed.includes('sesame')).toBe(false);
  expect(() => createVault(keyOf(2)).open(sealed, 'lab')).toThrow(
    /another key than that of BASALT_SECRET_KEY: put the old key back as BASALT_SECRET_KEY_OLD/,
  );
  for (let i = 0; i < sealed.length; i++) {
    const spoiled = Buffer.from(sealed);
    spoiled[i] = (spoiled[i] ?? 0) ^ 1;
    expect(() => createVault(keyOf(1)).open(spoiled, 'lab')).toThrow(/sealed with another key/);
  }
});

test('a key of our own is made when it is first needed, for its owner alone, and found again', () => {
  const file = join(temporaryFolder(), 'data/secret-key');
  expect(() => createVault({ key: null, file }).open(Buffer.alloc(40, 1), 'lab')).toThrow(/is not there: put it back/);
  const sealed = createVault({ key: null, file }).seal('sesame', 'lab');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
  expect(createVault({ key: null, file }).open(sealed, 'lab')).toBe('sesame');
});

test('where no key is given and none may be made, what to set is said', () => {
  expect(() => createVault({ key: null, file: null }).seal('x', 'lab')).toThrow(
    /set BASALT_SECRET_KEY, or BASALT_SECRET_KEY_FILE/,
  );
});
