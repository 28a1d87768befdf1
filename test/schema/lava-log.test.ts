import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLogLine } from '#schema/lava-log.ts';

const AT = 1_795_470_617_128_642;
const line = (message: string) => `- {"dt": "2026-11-23T21:50:17.128642", "lvl": "target", "msg": ${message}}`;

test.each([
  ['plain text', '"hello"', 'hello'],
  [
    'escapes JSON has not',
    String.raw`"\e[31mred\e[0m \a\_\L\P\N\0 \x41 \U0001F600 \\e \\\e"`,
    '\x1b[31mred\x1b[0m \x07\xa0\u2028\u2029\x85\0 A 😀 \\e \\\x1b',
  ],
  ['a tag-like end of a text', String.raw`"\e! "`, '\x1b! '],
  ['quotes and slashes', String.raw`"say \"hi\" \/ \\"`, 'say "hi" / \\'],
  [
    'tagged numbers',
    '{"case": "boot", "endtc": ! "570", "n": !!int "12", "x": 3}',
    'case: boot  endtc: 570  n: 12  x: 3',
  ],
  ['nested results', '{"case": "x", "extra": {"a": [1]}}', 'case: x  extra: {"a":[1]}'],
  ['bytes', '!!binary "aGVsbG8="', 'hello'],
  ['nothing', 'null', 'null'],
  ['a namespace behind it', '"hi", "ns": "serial"', 'hi'],
  ['a code point that is none', String.raw`"\U00110000"`, '\ufffd'],
])('%s', (_, message, text) => {
  expect(parseLogLine(line(message))).toEqual({ at: AT, level: 'target', text });
});

test('L-22: times with a zone, without decimals, and none', () => {
  expect(parseLogLine('- {"dt": "2026-11-23T21:50:17.128642+00:00", "lvl": "info", "msg": ""}').at).toBe(AT);
  expect(parseLogLine('- {"dt": "2026-11-23T21:50:17", "lvl": "info", "msg": ""}').at).toBe(AT - 128_642);
  expect(parseLogLine('- {"dt": "noon", "lvl": "info", "msg": ""}')).toEqual({ at: null, level: 'info', text: '' });
});

test('L-45: a line that cannot be understood is shown as it is', () => {
  for (const raw of [
    '',
    '- ',
    '- []',
    '{"lvl": "info", "msg": "x"}',
    '- {"msg": 1}',
    line('"cut').slice(0, -3),
    '<line way too long ...>',
    '- {"__proto__": {"lvl": "x"}}',
  ]) {
    expect(parseLogLine(raw)).toEqual({ at: null, level: '', text: raw });
  }
});

/** As PyYAML writes double-quoted scalars. */
function pyYaml(text: string): string {
  const short = new Map(
    Object.entries({
      '\0': '0',
      '\x07': 'a',
      '\b': 'b',
      '\t': 't',
      '\n': 'n',
      '\v': 'v',
      '\f': 'f',
      '\r': 'r',
      '\x1b': 'e',
      '"': '"',
      '\\': '\\',
      '\x85': 'N',
      '\xa0': '_',
      '\u2028': 'L',
      '\u2029': 'P',
    }),
  );
  const escaped = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const name = short.get(char);
    if (name) return `\\${name}`;
    if (code >= 0x20 && code < 0x7f) return char;
    if (code <= 0xff) return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    return code <= 0xffff
      ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
      : `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

test('whatever a dispatcher writes is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseLogLine(line(pyYaml(text)))).toEqual({ at: AT, level: 'target', text });
    }),
  );
});

test('no line throws, none takes long', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (raw) => void parseLogLine(raw)));
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, cut) => void parseLogLine(line(pyYaml(text)).slice(0, cut % 120))),
  );
  const before = process.threadCpuUsage();
  for (const evil of ['!'.repeat(100_000), '\\'.repeat(100_001), '! "'.repeat(50_000)]) parseLogLine(line(evil));
  expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
});
