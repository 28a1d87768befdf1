import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '#cli/config.ts';
import { inviteOf, setupToken } from '#cli/setup-token.ts';
import { temporaryFolder } from '../store/temporary.ts';

test('without an admin there is a token for whoever sets Basalt up, shown once and kept for its owner alone', () => {
  const data = join(temporaryFolder(), 'data');
  const first = setupToken({ access: [{ login: 'ci', token: 'x', teams: [], role: 'viewer' }], data }, false);
  const again = setupToken({ access: [], data }, false);
  if (!first || !again) throw new Error('no token');

  expect(Buffer.from(first.access.token, 'base64url')).toHaveLength(32);
  expect(again.access).toEqual(first.access);
  expect(first.access).toMatchObject({ login: 'setup', role: 'admin' });
  expect(statSync(first.path).mode & 0o777).toBe(0o600);
  expect(readFileSync(first.path, 'utf8').trim()).toBe(first.access.token);
  expect(inviteOf(first, 'http://h')).toContain(first.access.token);
  expect(inviteOf(again, 'http://h')).not.toContain(first.access.token);
});

test('where an admin is configured there is none', () => {
  const data = join(temporaryFolder(), 'data');
  expect(setupToken({ access: [{ login: 'root', token: 'x', teams: [], role: 'admin' }], data }, false)).toBeNull();
});

test('once somebody has an account as an admin there is none any more, not even in the file', () => {
  const data = join(temporaryFolder(), 'data');
  const { path } = setupToken({ access: [], data }, false) ?? {};
  expect(setupToken({ access: [], data }, true)).toBeNull();
  expect(existsSync(path ?? '')).toBe(false);
});

test('nothing has to be configured, but a file that is named has to be there', () => {
  const folder = temporaryFolder();
  expect(loadConfig({ BASALT_DATA: folder })).toMatchObject({ sources: [], access: [], data: folder });
  expect(() => loadConfig({ BASALT_CONFIG: join(folder, 'none.yaml') })).toThrow(/cannot be read \(ENOENT\)/);
});

test('the key of a store that several machines share has to be given, and be one', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  expect(loadConfig({ BASALT_DATA: '/srv/basalt', BASALT_SECRET_KEY: key }).vault).toEqual({
    key,
    file: null,
    old: [],
  });
  expect(loadConfig({ BASALT_DATA: '/srv/basalt' }).vault).toEqual({
    ...{ key: null, file: '/srv/basalt/secret-key', old: [] },
  });
  expect(loadConfig({ BASALT_SECRET_KEY: key, BASALT_SECRET_KEY_OLD: `${key}, ${key}` }).vault.old).toEqual([key, key]);
  expect(() => loadConfig({ BASALT_SECRET_KEY_OLD: 'short' })).toThrow(/BASALT_SECRET_KEY_OLD: not keys of 32 bytes/);
  expect(() => loadConfig({ BASALT_SECRET_KEY: 'short' })).toThrow(/BASALT_SECRET_KEY: not 32 bytes in base64/);
  expect(() => loadConfig({ BASALT_SECRET_KEY_FILE: '/does/not/exist' })).toThrow(
    /BASALT_SECRET_KEY_FILE: .*cannot be read/,
  );
});
