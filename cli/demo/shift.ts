/**
 * Moves the instants of a recording, to the microsecond, and touches nothing else: all by the same time, but for jobs that
 * have not ended. Those were submitted up to half a day after the newest end, and come to lie in the last minutes.
 */
import type { Recording } from './recording.ts';

const INSTANT = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(Z?)"/g;
const MINUTE = 60_000;

type Times = Record<'submit_time' | 'start_time' | 'end_time', string | null>;

/** The recording as if its newest job had ended a minute before `now` (milliseconds). */
export function shiftRecording(recording: Recording, now: number): Recording {
  const { lists } = recording;
  const ends = lists.jobs.flatMap((text) => instantsOf(text, ['end_time']));
  const seconds = Math.floor((now - MINUTE - Math.max(...ends)) / 1000);
  const all = (rows: readonly string[]) => rows.map((row) => move(row, seconds));
  const each = (byJob: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(byJob).map(([job, rows]) => [job, all(rows)]));
  let newest = now - MINUTE;
  const moveJob = (text: string) => {
    const [began = 0] = instantsOf(text, ['start_time', 'submit_time']);
    if (instantsOf(text, ['end_time']).length > 0 || began + seconds * 1000 <= newest) return moveFields(text, seconds);
    const own = Math.floor((newest - began) / 1000);
    newest -= MINUTE;
    return moveFields(text, own);
  };
  return {
    ...recording,
    lists: {
      ...lists,
      workers: all(lists.workers),
      devices: all(lists.devices),
      jobs: lists.jobs.toReversed().map(moveJob).toReversed(),
    },
    tests: each(recording.tests),
    logs: Object.fromEntries(
      Object.entries(recording.logs).map(([job, log]) => [job, log === null ? null : move(log, seconds)]),
    ),
  };
}

/** Those of the instants that a job's row has, in milliseconds. */
function instantsOf(text: string, names: readonly (keyof Times)[]): number[] {
  const times = JSON.parse(text) as Times;
  return names.flatMap((name) => times[name] ?? []).map((instant) => Date.parse(instant));
}

function move(text: string, seconds: number): string {
  return text.replace(INSTANT, (_, whole: string, fraction: string | undefined, zone: string) => {
    const moved = new Date(Date.parse(`${whole}Z`) + seconds * 1000).toISOString().slice(0, 19);
    return `"${moved}${fraction ?? ''}${zone}"`;
  });
}

/** A job's row holds its definition: only the row's own instants move. */
function moveFields(text: string, seconds: number): string {
  return text.replace(
    /"(submit|start|end)_time":("[^"]*")/g,
    (_, name: string, instant: string) => `"${name}_time":${move(instant, seconds)}`,
  );
}
