import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rawRecord } from '#adapters/lava/raw-record.ts';
import { fromMicros, toMicros } from '#adapters/lava/time.ts';
import { createRedactor } from '#adapters/redact.ts';

test('an instant survives the way to the wire and back to the last microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (micros) => {
      expect(toMicros(fromMicros(micros))).toBe(micros);
    }),
  );
});

test('L-22: an instant is exact with or without decimals, zone and all', () => {
  expect(toMicros('2026-06-01T00:00:00Z')).toBe(1_780_272_000_000_000);
  expect(toMicros('2026-06-01T00:00:00.000001Z')).toBe(1_780_272_000_000_001);
  expect(toMicros('2026-06-01T02:00:00.5+02:00')).toBe(1_780_272_000_500_000);
  expect(toMicros('2026-06-01T00:00:00.12')).toBe(1_780_272_000_120_000);
  for (const text of ['', 'None', 'yesterday', '2026-06-01', '2026-13-01T00:00:00Z', '2026-06-01T00:00:00.Z'])
    expect(toMicros(text)).toBeNull();
});

test('the bytes of a record are found whatever it holds', () => {
  const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), fc.constantFrom(0, 2), (results, indent) => {
      const document = JSON.stringify({ count: results.length, next: null, results }, null, indent);
      for (const [i, one] of results.entries())
        expect(JSON.parse(rawRecord(document, i))).toEqual(JSON.parse(JSON.stringify(one)));
    }),
  );
});

test('what is kept under the name of a secret never comes through, at any depth of quoting', () => {
  const secret = fc
    .stringMatching(/^[A-Za-z0-9+/=_.-]{8,40}$/)
    .filter((text) => !/token|secret|password|key/i.test(text));
  const key = fc.constantFrom('token', 'password', 'API_TOKEN', 'secret', 'api-key', 'Authorization');
  const redact = createRedactor(null);
  fc.assert(
    fc.property(
      key,
      secret,
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom('json', 'yaml', 'quoted'),
      (name, value, depth, style) => {
        let text =
          style === 'json'
            ? JSON.stringify({ [name]: value })
            : style === 'yaml'
              ? `a: 1\n${name}: ${value}\nb: 2\n`
              : `${name}: "${value}"\n`;
        for (let i = 0; i < depth; i++) text = JSON.stringify({ definition: text });
        expect(redact(text)).not.toContain(value);
      },
    ),
  );
});

test('a text without secrets comes through unchanged', () => {
  const redact = createRedactor('0123456789abcdef');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !/token|secret|passw|key|authorization/i.test(text)),
      (text) => {
        expect(redact(text)).toBe(text);
      },
    ),
  );
});
