import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pieces } from '#adapters/pieces.ts';
import { findFaults } from '#store/log-faults.ts';
import { readLogFrames, writeLogFile } from '#store/log-file.ts';
import { packLogIndex, unpackLogIndex } from '#store/log-index.ts';
import { type PackedLog, packLog } from '#store/pack-log.ts';
import { temporaryFolder } from './temporary.ts';

const LINE = fc.oneof(
  fc.constant('- {"dt": "x", "lvl": "error", "msg": "m"}'),
  fc.constant('- {"dt": "x", "lvl": "target", "msg": "Kernel panic"}'),
  fc.constantFrom('WARNING: CPU: 1 at a.c:1 f+0x1/0x2', 'Call Trace:', ' g+0x1/0x2', '---[ end trace 0 ]---'),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 1, max: 150_000 }).map((length) => 'x'.repeat(length)),
);

function pieced(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const factsOf = ({ index, ...facts }: PackedLog) => ({ ...facts, index: packLogIndex(index) });

test('a log is packed the same in whatever pieces it comes, is read as it came, and says the same of its kernel again', () => {
  const dir = temporaryFolder();
  fc.assert(
    fc.property(
      fc.array(LINE, { maxLength: 40 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 30 }),
      (lines, endsWithNewline, cuts) => {
        const bytes = Buffer.from(lines.join('\n') + (endsWithNewline ? '\n' : ''));
        const packed = writeLogFile(dir, pieced(bytes, cuts));
        expect(factsOf(packLog([bytes], () => undefined))).toEqual(factsOf(packed));
        const index = unpackLogIndex(packLogIndex(packed.index));
        expect(findFaults(readLogFrames(dir, packed.hash, index))).toEqual(packed.faults);
        expect(packed.hash).toEqual(createHash('sha256').update(bytes).digest());
        expect(packed.lineCount).toBe(
          bytes.length === 0 ? 0 : bytes.toString('latin1').replace(/\n$/, '').split('\n').length,
        );
        expect(packed.bytes === 0 || Buffer.concat([...readLogFrames(dir, packed.hash, index)]).equals(bytes)).toBe(
          true,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('the text of pieces is that of the whole, wherever it is cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: 'binary' }),
      fc.array(fc.nat()),
      (raw, text, cuts) => {
        const bytes = Buffer.concat([raw, Buffer.from(text), raw]);
        const pieces = new Pieces();
        for (const chunk of pieced(bytes, cuts)) pieces.add(chunk);
        expect(pieces.text()).toBe(bytes.toString());
      },
    ),
    { numRuns: 2000 },
  );
});

test('pieces say what was put in, be it held as it came or compressed', () => {
  const chunks = Array.from({ length: 70 }, (_, i) => Buffer.alloc(50_000, `${i} `));
  const pieces = new Pieces();
  for (const chunk of chunks) pieces.add(chunk);
  const whole = Buffer.concat(chunks);
  expect(pieces.length).toBe(whole.length);
  expect(Buffer.concat([...pieces]).equals(whole)).toBe(true);
  expect(pieces.text()).toBe(whole.toString());
  expect(pieces.beginning(100)).toBe(whole.toString('utf8', 0, 100));
  expect([pieces.lines, pieces.tail]).toEqual([0, whole.length]);
  for (const chunk of ['\na\nb', 'c', '\n', 'de']) pieces.add(Buffer.from(chunk));
  expect([pieces.lines, pieces.tail]).toEqual([3, 2]);
});
