import { expect, test } from 'vitest';
import { readRecording } from '#cli/demo/recording.ts';
import { RECORDINGS } from '#cli/demo/replay.ts';
import { shiftRecording } from '#cli/demo/shift.ts';

type Row = { id: number; submit_time: string; start_time: string | null; end_time: string | null };

test.each(RECORDINGS)('of $name nothing lies in the future, and what has ended keeps its distances', ({ path }) => {
  const now = Date.parse('2027-03-01T12:00:00Z');
  const recorded = readRecording(path);
  const rows = (jobs: readonly string[]) => jobs.map((text): Row => JSON.parse(text));
  const shifted = shiftRecording(recorded, now);
  const pairs = rows(recorded.lists.jobs).map((before, i) => ({ before, after: rows(shifted.lists.jobs)[i] }));
  const moves = new Set<number>();
  for (const { before, after } of pairs) {
    for (const name of ['submit_time', 'start_time', 'end_time'] as const) {
      const [was, is] = [before[name], after?.[name] ?? null];
      if (was === null || is === null) expect(is).toBe(was);
      else {
        expect(Date.parse(is)).toBeLessThan(now);
        expect(is.slice(19)).toBe(was.slice(19));
        if (before.end_time !== null) moves.add(Date.parse(is) - Date.parse(was));
      }
    }
  }
  expect(moves.size).toBe(1);
});
