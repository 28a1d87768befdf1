import { expect, test } from 'vitest';
import { manyAddress, readMany, sidesOf } from '../../frontend/features/compare/many-address.ts';
import {
  instantsOf,
  periodsAddress,
  readPeriod,
  readPeriods,
} from '../../frontend/features/compare/periods-address.ts';

test('every build in every lab on every device type that an address names is a side', () => {
  const asked = readMany({ project: 'p', build: ['v1', 'v2', 'v1'], lab: 'alpha', type: ['', 'qemu'] });

  expect(asked && sidesOf(asked)).toEqual([
    { version: 'v1', source: 'alpha', deviceType: 'qemu' },
    { version: 'v2', source: 'alpha', deviceType: 'qemu' },
  ]);
  expect(readMany({ project: 'p', base: 'v1', target: 'v2', type: 'qemu' })).toBeNull();
  expect(readMany({ build: ['v1', 'v2'] })).toBeNull();
});

test('the address of many sides says again what was read of it, but for the place in the list', () => {
  const asked = readMany({ project: 'p', lab: ['a', 'b', 'c'], show: 'still', of: 'C', after: 'x' });
  if (!asked) throw new Error('it asks for three labs');

  expect(manyAddress(asked)).toBe('/compare?project=p&lab=a&lab=b&lab=c&show=still&of=C');
  expect(manyAddress(asked, { side: undefined, show: 'PASS_TO_FAIL' })).toBe('/compare?project=p&lab=a&lab=b&lab=c');
});

test('a period is two days that there are, in their order, and ends with the last of them', () => {
  expect(readPeriod('2026-05-01 .. 2026-05-31')).toEqual({ since: '2026-05-01', until: '2026-05-31' });
  for (const text of ['2026-05-02..2026-05-01', '2026-02-30..2026-03-01', '2026-05-01', 'x..y'])
    expect(readPeriod(text)).toBeNull();
  expect(instantsOf({ since: '2026-05-01', until: '2026-05-31' })).toEqual({
    since: '2026-05-01T00:00:00Z',
    until: '2026-06-01T00:00:00Z',
  });
});

test('without a period the last week is held against the one before it, and what cannot be read is told', () => {
  const now = Date.parse('2026-05-14T12:00:00Z');

  expect(readPeriods({}, now).periods).toEqual([
    { since: '2026-05-01', until: '2026-05-07' },
    { since: '2026-05-08', until: '2026-05-14' },
  ]);
  expect(readPeriods({ period: ['last week', ''] }, now).unread).toEqual(['last week']);
  expect(periodsAddress(readPeriods({ lab: 'alpha' }, now), { show: 'all' })).toBe(
    '/compare/periods?period=2026-05-01..2026-05-07&period=2026-05-08..2026-05-14&lab=alpha&show=all',
  );
});
