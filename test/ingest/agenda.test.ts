/** Many hints, few runs: by a clock that the test turns. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAgenda, type Pace, type Turn } from '#ingest/agenda.ts';

const PACE: Pace = { gatherMs: 1_000, betweenMs: 3_000, longestRestMs: 30_000, againMs: [2_000, 5_000] };

/** Takes whatever comes due until `until`, with the instants; each run takes `lasts`. */
function run(
  agenda: ReturnType<typeof createAgenda>,
  until: number,
  { lasts = 0, areOpen = false } = {},
): [number, Turn][] {
  const turns: [number, Turn][] = [];
  for (let at = agenda.nextAt(); at !== null && at <= until; at = agenda.nextAt()) {
    const turn = agenda.take(at);
    if (!turn) throw new Error(`nothing at ${at}, though it was said`);
    turns.push([at, turn]);
    agenda.end(areOpen ? turn.externalIds : [], at + lasts);
  }
  return turns;
}

test('hints that come together share a run', () => {
  const agenda = createAgenda(PACE);
  for (let i = 0; i < 1_000; i++) agenda.hear('EVENT', String(i % 10), i / 10);
  expect(agenda.take(999)).toBeNull();
  const externalIds = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  expect(run(agenda, 60_000)).toEqual([
    [1000, { trigger: 'EVENT', isWhole: false, externalIds: ['0'] }],
    [4000, { trigger: 'EVENT', isWhole: false, externalIds: externalIds.slice(1) }],
  ]);
  expect(agenda.nextAt()).toBeNull();
});

test('a job that is still open is looked at again, later each time, and then left to the next whole run', () => {
  const agenda = createAgenda(PACE);
  agenda.hear('CALLBACK', '7', 0);
  const turns = run(agenda, 3_600_000, { areOpen: true });
  expect(turns.map(([at]) => at)).toEqual([1_000, 4_000, 9_000]);
  expect(turns.every(([, { trigger, externalIds }]) => trigger === 'CALLBACK' && externalIds.join() === '7')).toBe(
    true,
  );
});

test('a run that took long is followed by a rest as long, up to a limit', () => {
  const agenda = createAgenda(PACE);
  agenda.hear('EVENT', '1', 0);
  expect(agenda.take(1_000)).not.toBeNull();
  agenda.hear('EVENT', '2', 2_000);
  agenda.end([], 11_000);
  expect(agenda.nextAt()).toBe(21_000);
  expect(agenda.take(21_000)).not.toBeNull();
  agenda.hear('EVENT', '3', 22_000);
  agenda.end([], 621_000);
  expect(agenda.nextAt()).toBe(651_000);
});

test('a whole run is not held up by hints, and takes those that are due with it', () => {
  const agenda = createAgenda(PACE);
  agenda.hear('EVENT', '1', 0);
  agenda.take(1_000);
  agenda.hear('EVENT', '2', 1_000);
  agenda.hear('EVENT', '3', 1_900);
  agenda.plan('SCHEDULE', 2_000);
  expect(agenda.take(2_000)).toEqual({ trigger: 'SCHEDULE', isWhole: true, externalIds: ['2'] });
  expect(agenda.take(5_000)).toEqual({ trigger: 'EVENT', isWhole: false, externalIds: ['3'] });
});

test('of several whole runs the first is run, once', () => {
  const agenda = createAgenda(PACE);
  for (let i = 0; i < 50; i++) agenda.plan('CALLBACK', 15_000 + i);
  agenda.plan('SCHEDULE', 9_000);
  expect(run(agenda, 60_000)).toEqual([[9_000, { trigger: 'SCHEDULE', isWhole: true, externalIds: [] }]]);
});

test('whatever is heard: runs are few, no job is forgotten, and what waits is bounded', () => {
  const hint = fc.record({ id: fc.integer({ min: 1, max: 3_000 }), at: fc.integer({ min: 0, max: 60_000 }) });
  fc.assert(
    fc.property(fc.array(hint, { maxLength: 2_000 }), fc.integer({ min: 0, max: 9_000 }), (hints, lasts) => {
      const agenda = createAgenda(PACE);
      const seen = new Set<string>();
      const turns: [number, Turn][] = [];
      const keep = (more: [number, Turn][]) => {
        for (const [at, turn] of more) {
          turns.push([at, turn]);
          for (const id of turn.externalIds) seen.add(id);
          expect(turn.externalIds.length).toBeLessThanOrEqual(1_000);
        }
      };
      const heard = new Set<string>();
      for (const { id, at } of hints.toSorted((a, b) => a.at - b.at)) {
        keep(run(agenda, at, { lasts }));
        agenda.hear('EVENT', String(id), at);
        heard.add(String(id));
      }
      keep(run(agenda, 1_000_000, { lasts }));
      if (heard.size <= 1_000) expect(seen).toEqual(heard);
      for (const [i, [at]] of turns.entries()) {
        const before = turns[i - 1]?.[0] ?? Number.NEGATIVE_INFINITY;
        expect(at - before).toBeGreaterThanOrEqual(Math.max(PACE.betweenMs, 2 * lasts));
      }
    }),
  );
});
