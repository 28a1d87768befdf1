/** Jobs that fail in several labs, boards and ways, and what their kernels said. */
import type { JobRecord, SuiteRecord } from '#schema/records.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { write } from './temporary.ts';

export const NOW = 1_790_000_000_000_000;
export const DAY = 86_400_000_000;

export const OOPS = [
  'BUG: kernel NULL pointer dereference, address: 0000000000000018',
  'Oops: 0000 [#1] SMP',
  'RIP: 0010:fizz_probe+0x1c/0x90',
  'Call Trace:',
  ' really_probe+0xd4/0x3a0',
  '---[ end trace 0000000000000000 ]---',
];
const steps = (...names: string[]): SuiteRecord => ({
  externalId: 1,
  name: 'lava',
  isSteps: true,
  cases: names.map((name, i) => caseOf({ externalId: i, name, result: 'FAIL', endLogLine: 3 + i })),
});

/** A job that failed `days` ago, with what its kernel said. */
export function addFailure(
  writer: Writer,
  slug: string,
  number: number,
  job: Partial<JobRecord>,
  lines: readonly string[],
  days = 1,
) {
  const submitAt = NOW - days * DAY + number * 1_000_000;
  const change = changeOf(
    jobOf({
      externalId: String(number),
      health: 'INCOMPLETE',
      submitAt,
      startAt: submitAt + 1,
      endAt: submitAt + 2,
      ...job,
    }),
    [steps('login-action', 'job')],
  );
  const text = lines.map(
    (msg, i) =>
      `- {"dt": "2026-01-01T00:00:0${i % 10}", "lvl": "target", "msg": ${JSON.stringify(`[   ${number}.${i}00000] ${msg}`)}}\n`,
  );
  if (change.results && text.length > 0) change.results.log = { bytes: [Buffer.from(text.join(''))], truncated: false };
  return write(writer, slug, change);
}

export const timedOut = (device: string, seconds: number): Partial<JobRecord> => ({
  ...{ device, errorType: 'Job', errorMessage: `login-action timed out after ${seconds} seconds on ${device}` },
});
export const noPower = (device: string): Partial<JobRecord> => ({
  ...{ device, errorType: 'Infrastructure', errorMessage: `no power at ${device}` },
});

export async function addFailures(writer: Writer, order: readonly number[] = [0, 1, 2, 3, 4, 5, 6]): Promise<void> {
  const jobs = [
    () => addFailure(writer, 'alpha', 1, timedOut('rpi-1', 119), []),
    () => addFailure(writer, 'alpha', 2, timedOut('rpi-2', 300), [], 3),
    () => addFailure(writer, 'beta', 1, timedOut('rpi-1', 60), []),
    () => addFailure(writer, 'alpha', 4, { ...timedOut('rpi-1', 7), isPublic: false }, OOPS),
    () => addFailure(writer, 'alpha', 5, timedOut('rpi-2', 7), ['booting', ...OOPS]),
    () => addFailure(writer, 'beta', 6, noPower('pdu-9'), OOPS),
    () => addFailure(writer, 'beta', 7, { health: 'COMPLETE' }, ['fine']),
  ];
  for (const i of order) await jobs[i]?.();
}
