import { expect, test } from 'vitest';
import { measurement } from '../../frontend/features/test-case/measurement.ts';
import { clock, duration, roughly } from '../../frontend/ui/duration.ts';
import { bytes, count, plural, share } from '../../frontend/ui/number.ts';
import { decodeSegment } from '../../frontend/ui/segment.ts';
import { shortestPrefixes } from '../../frontend/ui/shortest-prefix.ts';

test('durations are said as a colleague would', () => {
  expect([0, 41, 90, 600, 8040, 7200, 90_061, 200_000].map(duration)).toEqual([
    '0 s',
    '41 s',
    '1 min 30 s',
    '10 min',
    '2 h 14 min',
    '2 h',
    '25 h 1 min',
    '2 d 7 h',
  ]);
  expect([41, 90, 8040, 200_000].map(roughly)).toEqual(['41 s', '1 min', '2 h', '2 d']);
  expect([5, 861, 8040].map(clock)).toEqual(['0:05', '14:21', '2:14:00']);
});

test('numbers carry their unit, and below twenty the share says its numbers', () => {
  expect([count(12_431), plural(1, 'job'), plural(1716, 'job')]).toEqual(['12,431', '1 job', '1,716 jobs']);
  expect([share(3, 7), share(1, 200), share(30, 200), share(0, 200)]).toEqual(['3 of 7', '0.5 %', '15 %', '0 %']);
  expect([bytes(12), bytes(412_331), bytes(5_100_000)]).toEqual(['12 B', '412 kB', '5.1 MB']);
});

test('a measurement loses only zeros that say nothing', () => {
  expect(measurement('61.2000000000', 'usec')).toBe('61.2 usec');
  expect(measurement('100.0000000000', null)).toBe('100');
  expect(measurement('100', 'x')).toBe('100 x');
});

test('a lab’s letter is the shortest beginning nobody shares', () => {
  expect([...shortestPrefixes(['alpha', 'beta', 'berlin', 'b']).entries()]).toEqual([
    ['alpha', 'a'],
    ['beta', 'bet'],
    ['berlin', 'ber'],
    ['b', 'b'],
  ]);
});

test('a broken escape in an address stays as it is', () => {
  expect(decodeSegment('a%2Fb%20c')).toBe('a/b c');
  expect(decodeSegment('100%')).toBe('100%');
});
