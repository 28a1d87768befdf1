import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pieces } from '#adapters/pieces.ts';
import { readLogFrames, writeLogFile } from '#store/log-file.ts';
import { packLog } from '#store/pack-log.ts';
import { temporaryFolder } from './temporary.ts';

const LINE = fc.oneof(
  fc.constant('- {"dt": "x", "lvl": "error", "msg": "m"}'),
  fc.constant('- {"dt": "x", "lvl": "target", "msg": "Kernel panic"}'),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 1, max: 150_000 }).map((length) => 'x'.repeat(length)),
);

function pieced(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

test('a log is packed the same in whatever pieces it comes, and is read as it came', () => {
  const dir = temporaryFolder();
  fc.assert(
    fc.property(
      fc.array(LINE, { maxLength: 40 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 30 }),
      (lines, endsWithNewline, cuts) => {
        const bytes = Buffer.from(lines.join('\n') + (endsWithNewline ? '\n' : ''));
        const packed = packLog([bytes]);
        expect(packLog(pieced(bytes, cuts))).toEqual(packed);
        expect(packed.hash).toEqual(createHash('sha256').update(bytes).digest());
        expect(packed.lineCount).toBe(
          bytes.length === 0 ? 0 : bytes.toString('latin1').replace(/\n$/, '').split('\n').length,
        );
        writeLogFile(dir, packed);
        expect(
          packed.bytes === 0 || Buffer.concat([...readLogFrames(dir, packed.hash, packed.index)]).equals(bytes),
        ).toBe(true);
      },
    ),
    { numRuns: 200 },
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
