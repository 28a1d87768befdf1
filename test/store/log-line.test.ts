/** Single lines of logs: what each says, for whom, and of a log that is gone or damaged nothing. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { logPath } from '#store/log-file.ts';
import { getLogLines } from '#store/log-line.ts';
import { addFailure, noPower } from './failing-world.ts';
import { temporaryWriter } from './temporary.ts';

const EVERYTHING = { kind: 'everything' } as const;

test('lines of several logs are told in the order they are asked for; hidden, missing and damaged ones are null', async () => {
  const writer = await temporaryWriter();
  const { sql, logDir } = writer.store;
  for (const [number, isPublic] of [
    [1, true],
    [2, false],
    [3, true],
    [4, true],
  ] as const)
    await addFailure(writer, 'alpha', number, { ...noPower('x'), isPublic }, [`${number}: one`, `${number}: two`]);
  const logs = await sql.all<{ jobId: number; number: string; hash: Buffer }>(
    'SELECT j.id AS "jobId", j.external_id AS number, l.hash FROM job j JOIN log l ON l.id = j.log_id ORDER BY j.external_id',
  );
  const idOf = (number: number) => logs[number - 1]?.jobId ?? expect.fail('no job');
  const pathOf = (number: number) => logPath(logDir, logs[number - 1]?.hash ?? Buffer.of());
  rmSync(pathOf(3));
  writeFileSync(
    pathOf(4),
    readFileSync(pathOf(4)).map((byte) => byte ^ 0xff),
  );

  const places = [
    [1, 1],
    [2, 0],
    [1, 0],
    [1, 9],
    [3, 0],
    [4, 0],
  ] as const;
  const ask = (viewer: Parameters<typeof getLogLines>[1]) =>
    getLogLines(
      writer.store,
      viewer,
      places.map(([number, line]) => ({ jobId: idOf(number), line })),
    );
  expect(await ask(EVERYTHING)).toEqual([
    ...['[   1.100000] 1: two', '[   2.000000] 2: one', '[   1.000000] 1: one'],
    ...[null, null, null],
  ]);
  expect((await ask(ANONYMOUS))[1]).toBeNull();
});
