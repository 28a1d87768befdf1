import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseMessage } from '#analysis/normalise-message.ts';

describe('reads the same', () => {
  const same: [string, string, string][] = [
    ['at another time', '[   12.345678] Kernel panic', '[ 9912.000001][    T1] Kernel panic'],
    ['with and without the kernel’s time', 'mmc0: error -110', '[    3.120000] mmc1: error -110'],
    ['in LAVA’s wrapping', '- {"dt": "2026-01-02T03:04:05.678901", "lvl": "target", "msg": "no link"}', 'no link'],
    ['with the dispatcher’s or the syslog’s time', '2026-01-02T03:04:05.678 no link', 'Jan  2 03:04:05 no link'],
    ['whatever the time took', 'login-action timed out after 119 seconds', 'login-action timed out after 300 seconds'],
    ['from another address', 'PC is at 0xffff800010a1b2c3', 'PC is at 0xffff800010ffffff'],
    ['at another offset', 'do_one_initcall+0x1a/0x2c failed', 'do_one_initcall+0x44/0x1b0 failed'],
    ['in another process', 'init[1]: PID: 431 on CPU#3', 'init[2]: PID: 7 on CPU#0'],
    ['on another CPU', 'stall on CPU3 by swapper/3', 'stall on CPU0 by swapper/0'],
    ['by another network card', 'no lease for 00:1a:2b:3c:4d:5e', 'no lease for 52:54:00:12:34:56'],
    ['by another address', 'connect to 10.0.0.7:69 failed', 'connect to 192.168.1.1:7040 failed'],
    [
      'by another address of IPv6',
      'connect to fe80::1ff:fe23:4567 failed',
      'connect to 2001:db8::8a2e:370:7334 failed',
    ],
    ['of another disk', 'no root 6f1c0e4a-4c1e-4f0e-9b1a-0123456789ab', 'no root 0b1d2f3a-1111-2222-3333-abcdefabcdef'],
    ['of another file', 'cannot get http://a.example/1/Image', 'cannot get https://b.example:8080/77/Image?x=1'],
    ['of another job', 'in /var/lib/lava/dispatcher/tmp/17/x_a1/', 'in /var/lib/lava/dispatcher/tmp/4711/y_b2/'],
    ['of another commit', 'bad commit 3c5f9a1e8d', 'bad commit deadbeef0123456789'],
    ['of another version', 'Linux 6.6.1-rc3-00012-g12ab', 'Linux 6.9.0-next-20260101'],
    ['in colours', '\x1b[1;31merror\x1b[0m: no link', 'error: no link'],
    ['however often it is said', 'no link\n[ 1.000000] no link\nno link', 'no link'],
    ['with another end of line', 'no\r\nlink', 'no\nlink'],
  ];
  test.each(same)('%s', (_, a, b) => {
    expect(normaliseMessage(a)).toBe(normaliseMessage(b));
  });

  test('on another board and another host of a lab', () => {
    expect(normaliseMessage('rpi4-01 lost by worker-a.example', ['rpi4-01', 'worker-a.example'])).toBe(
      '<host> lost by <host>',
    );
    expect(normaliseMessage('http://rpi4-01/x', ['rpi4-01'])).toBe('<url>');
  });
});

test('a name is not looked for inside another', () => {
  expect(normaliseMessage('rpi4 rpi4-01 rpi4b my-rpi4', ['rpi4'])).toBe('<host> rpi4-<n> rpi4b my-rpi4');
});

describe('reads otherwise', () => {
  const other: [string, string, string][] = [
    ['by its code', 'probe failed with error -110', 'probe failed with error -5'],
    ['by its code in brackets', 'probe failed (-110)', 'probe failed (-5)'],
    ['by its status', 'HTTP 404 from the server', 'HTTP 503 from the server'],
    ['by how init died', 'Attempted to kill init! exitcode=0x0000000b', 'Attempted to kill init! exitcode=0x00007f00'],
    ['by its function', 'RIP: ext4_fill_super+0x1/0x2', 'RIP: ext2_fill_super+0x1/0x2'],
    ['by its action', 'auto-login-action timed out after 5 s', 'bootloader-commands timed out after 5 s'],
  ];
  test.each(other)('%s', (_, a, b) => {
    expect(normaliseMessage(a)).not.toBe(normaliseMessage(b));
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    ...['[   12.345678]', '[ 1.2]', '<6>', '<n>', '<host>', '2026-01-02', 'T', '03:04:05', '.5', '0x1f', '+0x1a/0x2c'],
    ...[
      'aa:bb:cc:dd:ee:ff',
      '10.0.0.7',
      ':69',
      'fe80::1',
      'error',
      '-110',
      '404',
      'eth0',
      'CPU3',
      'ms',
      ' ',
      '\n',
      '\r',
    ],
    ...['deadbeef12', '\x1b[31m', '\x1b', '\u202e', '- {"dt": "", "lvl": "", "msg": "', '"}', 'http://', '/tmp/', '='],
    ...['Jan', '12', 'A1B2C3D4E5F6G7H8', 'board-1', '_', '-', ':', '/', '6.1', '9'],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
const names = fc.array(fc.oneof(fc.constantFrom('board-1', 'eth', 'n', 'host', '9', 'ab'), fc.string()), {
  maxLength: 3,
});

test('what went through stays as it is, and has no control characters', () => {
  fc.assert(
    fc.property(text, names, (raw, hostnames) => {
      const once = normaliseMessage(raw, hostnames);
      expect(normaliseMessage(once, hostnames)).toBe(once);
      expect(once).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
    { numRuns: 5000 },
  );
});

test('a megabyte of what invites a pattern to try again ends, and stays as it is', () => {
  const parts = [
    'a',
    '1',
    'f',
    'a/',
    '1.',
    '1:',
    'a:',
    '-1',
    '<',
    '\n',
    '+0x1',
    'f1-',
    'error ',
    'ab==',
    '1-a.',
    'Jan ',
  ];
  for (const part of parts) {
    const before = process.threadCpuUsage();
    const once = normaliseMessage(part.repeat(1_000_000 / part.length), ['aaaa', 'f1-f1', '1.1.1']);
    expect(normaliseMessage(once, ['aaaa', 'f1-f1', '1.1.1']) === once, part).toBe(true);
    expect(process.threadCpuUsage(before).user, part).toBeLessThan(10_000_000);
  }
});
