/** The file of an agent: what is in it is on the disk, and never more than it may hold. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { StoreDamaged, StoreInUse } from '#store/error.ts';
import { openSpool, type Spool, SpoolFull, WalkEnded } from '#store/spool.ts';
import { temporaryFolder } from './temporary.ts';

function spoolIn(folder: string, limitBytes = 10_000): Spool {
  const spool = openSpool(join(folder, 'spool.db'), limitBytes);
  onTestFinished(() => spool.close());
  return spool;
}

const entry = (bytes: number, kind: 'log' | 'delta' | 'probe' = 'log') => ({ kind, body: Buffer.alloc(bytes, kind) });

test('entries and the bookmark after them are written together, or not at all', () => {
  const spool = spoolIn(temporaryFolder());
  const walk = spool.walk();
  walk.add([entry(100), entry(100, 'delta')], 'one');
  const breaks = function* () {
    yield entry(100);
    throw new Error('the source broke off');
  };
  expect(() => walk.add(breaks(), 'two')).toThrow('broke off');
  expect(() => walk.add([entry(9_900)], 'two')).toThrow(SpoolFull);
  expect(spool.state().bookmark).toBe('one');
  expect(spool.next(1_000_000).map(({ sequence, kind }) => [sequence, kind])).toEqual([
    [1, 'log'],
    [2, 'delta'],
  ]);
  expect(spool.waiting()).toMatchObject({ entries: 2, isFull: true });
});

test('a number is never used again, whatever is deleted', () => {
  const folder = temporaryFolder();
  let spool = spoolIn(folder);
  spool.add([entry(1), entry(1)]);
  spool.acknowledge(2, 0);
  spool.close();
  spool = spoolIn(folder);
  spool.add([entry(1)]);
  expect(spool.next(1_000_000).map(({ sequence }) => sequence)).toEqual([3]);
  expect(spool.state()).toMatchObject({ after: 2, generation: 0 });
});

test('of what the source is only the newest waits', () => {
  const spool = spoolIn(temporaryFolder());
  for (let i = 1; i <= 3; i++) spool.add([entry(i, 'probe')]);
  expect(spool.next(1_000_000)).toMatchObject([{ sequence: 3, kind: 'probe', body: { length: 3 } }]);
  expect(spool.waiting()).toMatchObject({ entries: 1, bytes: 3 + 64 });
});

test('what is larger than all of it is taken when nothing else waits', () => {
  const spool = spoolIn(temporaryFolder());
  expect(spool.add([entry(20_000)])).toBe(1);
  expect(spool.waiting().isFull).toBe(true);
  spool.acknowledge(1, 0);
  expect(spool.waiting()).toMatchObject({ entries: 0, bytes: 0, isFull: false });
});

test('a walk ends when everything is to be read once more', () => {
  const spool = spoolIn(temporaryFolder());
  const before = spool.walk();
  before.add([entry(1)], 'one');
  spool.acknowledge(0, 3);
  expect(spool.state()).toMatchObject({ bookmark: 'one', generation: 3 });
  spool.acknowledge(0, 4);
  expect(() => before.add([entry(1)], 'two')).toThrow(WalkEnded);
  expect(spool.walk().bookmark).toBeNull();
  const { stream } = spool.state();
  spool.beginAnew();
  expect(spool.state()).toMatchObject({ was: stream, after: 0, bookmark: null });
  expect(spool.waiting().entries).toBe(1);
});

test('one process has it; what is no spool is said to be damaged', () => {
  const folder = temporaryFolder();
  spoolIn(folder);
  expect(() => spoolIn(folder)).toThrow(StoreInUse);
  const other = temporaryFolder();
  writeFileSync(join(other, 'spool.db'), 'no database at all, but a text that somebody put there'.repeat(50));
  expect(() => spoolIn(other)).toThrow(StoreDamaged);
});

test('what waits is counted right in any order, also by who opens it anew, and the file does not outgrow it', () => {
  const step = fc.oneof(
    fc.record({ add: fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 5 }) }),
    fc.record({ probe: fc.integer({ min: 0, max: 500 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const folder = temporaryFolder();
      const path = join(folder, 'spool.db');
      const spool = openSpool(path, 10_000);
      for (const one of steps) {
        try {
          if ('add' in one) spool.add(one.add.map((bytes) => entry(bytes)));
          else if ('probe' in one) spool.add([entry(one.probe, 'probe')]);
          else spool.acknowledge(spool.next(1_000_000)[one.take]?.sequence ?? spool.state().after, 0);
        } catch (cause) {
          if (!(cause instanceof SpoolFull)) throw cause;
        }
      }
      const waiting = spool.waiting();
      const all = spool.next(1_000_000);
      expect(waiting.entries).toBe(all.length);
      expect(waiting.bytes).toBe(all.reduce((sum, { body }) => sum + body.length + 64, 0));
      spool.close();
      const again = openSpool(path, 10_000);
      const { isFull: _, ...counted } = again.waiting();
      expect(waiting).toMatchObject(counted);
      again.close();
      expect(statSync(path).size).toBeLessThan(150_000);
    }),
    { numRuns: 40 },
  );
});
