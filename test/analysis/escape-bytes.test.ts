import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeBytes } from '#analysis/escape-bytes.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
/** What was escaped, as bytes again; right for texts without a backslash of their own. */
const back = (text: string) =>
  Buffer.concat(
    text
      .split(/(\\x[0-9a-f]{2})/)
      .map((part) => (/^\\x..$/.test(part) ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part))),
  );

test('printable text stays, everything else is told byte by byte', () => {
  expect(escapeBytes(bytesOf('{"a": "ä € 😀"}\n\t'))).toBe('{"a": "ä € 😀"}\n\t');
  expect(escapeBytes(Uint8Array.of(0x61, 0xff, 0xc3, 0x28, 0))).toBe('a\\xff\\xc3(\\x00');
  expect(escapeBytes(bytesOf('\r\u001b[31m\u202eabc\ufeff\u200b'))).toBe(
    '\\x0d\\x1b[31m\\xe2\\x80\\xaeabc\\xef\\xbb\\xbf\\xe2\\x80\\x8b',
  );
  expect(escapeBytes(Buffer.from('€').subarray(0, 2))).toBe('\\xe2\\x82');
});

test('whatever the bytes are: no control is left, and they can be had back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = escapeBytes(bytes);
      expect(text).not.toMatch(/[^\P{C}\n\t\p{Co}\p{Cn}]/u);
      if (!bytes.includes(0x5c)) expect(back(text)).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 2_000, examples: [[Uint8Array.of(0xd8, 0x80)]] },
  );
});
