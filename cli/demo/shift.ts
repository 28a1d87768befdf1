/** Moves every instant of a recording by the same time, to the microsecond, and touches nothing else. */
import type { Recording } from './recording.ts';

const INSTANT = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(Z?)"/g;

/** The recording as if its newest job had ended a minute before `now` (milliseconds). */
export function shiftRecording(recording: Recording, now: number): Recording {
  const ends = recording.lists.jobs.flatMap((text) => {
    const { end_time: end } = JSON.parse(text) as { end_time: string | null };
    return end === null ? [] : [Date.parse(end)];
  });
  const seconds = Math.floor((now - 60_000 - Math.max(...ends)) / 1000);
  const move = (text: string) =>
    text.replace(INSTANT, (_, whole: string, fraction: string | undefined, zone: string) => {
      const moved = new Date(Date.parse(`${whole}Z`) + seconds * 1000).toISOString().slice(0, 19);
      return `"${moved}${fraction ?? ''}${zone}"`;
    });
  const all = (rows: readonly string[]) => rows.map(move);
  const each = (byJob: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(byJob).map(([job, rows]) => [job, all(rows)]));
  const { lists } = recording;
  return {
    ...recording,
    lists: { ...lists, workers: all(lists.workers), devices: all(lists.devices), jobs: lists.jobs.map(moveFields) },
    tests: each(recording.tests),
    logs: Object.fromEntries(
      Object.entries(recording.logs).map(([job, log]) => [job, log === null ? null : move(log)]),
    ),
  };

  /** A job's row holds its definition: only the row's own instants move. */
  function moveFields(text: string): string {
    return text.replace(
      /"(submit|start|end)_time":("[^"]*")/g,
      (_, name: string, instant: string) => `"${name}_time":${move(instant)}`,
    );
  }
}
