import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grantedBy, groupsIn } from '#api/granted.ts';
import { isLogin, loginsFor } from '#api/login.ts';
import type { Grant } from '#api/oidc-config.ts';
import { ROLES } from '#schema/viewer.ts';

const groups: Record<string, Grant[]> = {
  devs: [{ team: 'kernel', role: 'viewer' }],
  keepers: [{ team: 'kernel', role: 'source-admin' }, { role: 'triage' }],
  storage: [{ team: 'storage', role: 'viewer' }],
  root: [{ role: 'admin' }],
};
const granted = (names: string[], everybody = false) => grantedBy(names, { groups, everybody });

test('the most that any group gives holds, and no group that is not named gives anything', () => {
  expect(granted(['devs', 'x'])).toEqual({ role: 'viewer', teams: [{ team: 'kernel', role: 'viewer' }] });
  expect(granted(['keepers', 'storage', 'devs'])).toEqual({
    role: 'triage',
    teams: [
      { team: 'kernel', role: 'source-admin' },
      { team: 'storage', role: 'viewer' },
    ],
  });
  expect([granted(['x']), granted(['constructor', '__proto__']), granted([])]).toEqual([null, null, null]);
  expect(granted(['x'], true)).toEqual({ role: 'viewer', teams: [] });
});

test('more groups never give less, in whatever order they come', () => {
  const names = fc.subarray([...Object.keys(groups), 'x']);
  fc.assert(
    fc.property(names, names, (some, more) => {
      const [a, b] = [granted(some, true), granted([...more, ...some], true)];
      expect(ROLES.indexOf(b?.role ?? 'viewer')).toBeGreaterThanOrEqual(ROLES.indexOf(a?.role ?? 'viewer'));
      expect(b).toEqual(granted([...some, ...more].reverse(), true));
    }),
  );
});

test('a claim of groups is a list of names or one name, and anything else is none', () => {
  expect([['a', 1, null, 'b'], 'a', undefined, null, { a: 1 }, 7].map(groupsIn)).toEqual([
    ['a', 'b'],
    ['a'],
    [],
    [],
    [],
    [],
  ]);
});

test('whatever somebody is called at a provider, he gets logins that are ones, and no two alike', () => {
  const some = (name: string, host: string) =>
    Array.from(
      { length: 4 },
      (
        (made) => () =>
          made.next().value ?? ''
      )(loginsFor(name, host)),
    );
  expect(some('Ånn Smith', 'login.example')).toEqual([
    'ann-smith',
    'ann-smith@login.example',
    'ann-smith-2@login.example',
    'ann-smith-3@login.example',
  ]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.domain(), (name, host) => {
      const logins = some(name, host);
      expect(logins.filter((login) => !isLogin(login))).toEqual([]);
      expect(new Set(logins).size).toBe(4);
    }),
  );
});
