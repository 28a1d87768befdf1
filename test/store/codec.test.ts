import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  packCases,
  packVerdicts,
  unpackCases,
  unpackVerdicts,
  verdictAt,
  verdictOf,
  verdictsAt,
} from '#store/codec.ts';
import { compressDetail, createFrames, metadataOf, unpackDetail } from '#store/detail.ts';
import { packLogIndex, unpackLogIndex } from '#store/log-index.ts';
import { packLog } from '#store/pack-log.ts';
import { joinSuiteName, splitSuiteName } from '#store/suite-run.ts';
import { fromStored, toStored } from '#store/text.ts';
import { createReader, createWriter } from '#store/varint.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

describe('the codec gives back what went in', () => {
  test('integers up to 2^51, both signs', () => {
    const limit = 2 ** 51;
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.integer(),
            fc.maxSafeInteger().map((n) => n % limit),
          ),
        ),
        (values) => {
          const writer = createWriter(1);
          for (const value of values) writer.int(value);
          const reader = createReader(writer.finish());
          expect(values.map(() => reader.int())).toEqual(values.map((v) => v + 0));
          expect(reader.done).toBe(true);
        },
      ),
    );
  });

  test('any text, NUL and lone surrogates included, without either in what is stored', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = toStored(text);
        expect(stored.isWellFormed()).toBe(true);
        expect(stored.includes('\0')).toBe(false);
        expect(fromStored(stored)).toBe(text);
        expect(fromStored(Buffer.from(stored).toString('utf8'))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('verdict vectors and their counts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 400 }), (verdicts) => {
        const { bytes, counts } = packVerdicts(verdicts);
        expect([...unpackVerdicts(bytes, verdicts.length)]).toEqual(verdicts);
        expect(verdicts.map((_, position) => verdictAt(bytes, position))).toEqual(verdicts);
        expect(counts).toEqual({
          pass: verdicts.filter((v) => v === 0).length,
          fail: verdicts.filter((v) => v === 1).length,
          skip: verdicts.filter((v) => v === 2).length,
          unknown: verdicts.filter((v) => v === 3).length,
        });
      }),
    );
  });

  test('verdicts at some positions', () => {
    const vector = fc.array(fc.nat({ max: 3 }), { maxLength: 400 });
    fc.assert(
      fc.property(vector, fc.uniqueArray(fc.nat({ max: 410 })), (verdicts, chosen) => {
        const positions = chosen.toSorted((a, b) => a - b);
        expect(verdictsAt(packVerdicts(verdicts).bytes, positions)).toEqual(positions.map((at) => verdicts[at] ?? 0));
      }),
    );
  });

  test('a run in which all passed takes no byte', () => {
    expect(packVerdicts(new Array(2000).fill(0)).bytes.length).toBe(0);
  });

  test('case lists', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 })), (ids) => {
        expect([...unpackCases(packCases(ids), ids.length)]).toEqual(ids);
      }),
    );
  });

  test('suite names', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom('0_smoke', '01_x', '12_', '_', '3_4_y', '0_a\nb')), (name) => {
        const { prefix, name: rest } = splitSuiteName(name);
        expect(joinSuiteName(prefix, rest)).toBe(name);
      }),
    );
  });

  test('log indexes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '- {"dt": "x", "lvl": "error", "msg": "m"}',
            '- {"dt": "x", "lvl": "target", "msg": "Kernel panic"}',
            'junk',
            '',
          ),
        ),
        (lines) => {
          const packed = packLog([Buffer.from(lines.map((l) => `${l}\n`).join(''))], () => undefined);
          const levels = [...packed.index.levels];
          expect(unpackLogIndex(packLogIndex(packed.index))).toEqual({ ...packed.index, levels });
          expect(packed.lineCount).toBe(lines.length);
          expect(packed.index.errorLines).toEqual(lines.flatMap((l, i) => (/error|panic/.test(l) ? [i] : [])));
        },
      ),
    );
  });

  test('a block of the first version', () => {
    const body = Buffer.from(
      'BQHIAQICAgICGxQGDAYCEwQAAAIbgICau9G5qQYWLBYCAh4CAgICAhQBBTBFLTEwAAMBAQABAgAHc2Vjb25kcwEBAgEBAQABAQECCA4BEmNhc2U6IAEKcmVzdWx0OiADCgAEAQE=',
      'base64',
    );
    const detail = unpackDetail(0, body);
    expect({ ...detail, template: null }).toEqual({
      externalId: [100, 101, 102, 103, 104],
      startLogLine: [10, 13, null, 19, 22],
      endLogLine: [12, 15, null, null, 24],
      loggedAt: [1780000000000000, 1780000000000011, null, 1780000000000033, 1780000000000044],
      measurement: [null, '1.5000000000', null, '0E-10', null],
      unit: ['', 'seconds', '', null, ''],
      setExternalId: [null, null, null, 7, null],
      template: null,
    });
    const known = { name: 'case4', suite: '0_a', result: 'PASS', set: null, units: null, measurement: null } as const;
    expect(metadataOf({ ...known, template: detail.template[4] ?? null })).toBe('case: case4\nresult: pass\n');
  });

  test('a cut block is told, not guessed', () => {
    const { codec, body } = compressDetail(createFrames([]).done()[0]?.block ?? expect.fail('no frame'));
    expect(() => unpackDetail(codec, body.subarray(0, body.length - 1))).toThrow(RangeError);
    expect(() => unpackDetail(9, body)).toThrow(/unknown detail codec/);
  });

  test('verdicts name the four results', () => {
    expect((['PASS', 'FAIL', 'SKIP', 'UNKNOWN'] as const).map(verdictOf)).toEqual([0, 1, 2, 3]);
  });
});
