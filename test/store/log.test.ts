import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getJob } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

test('a log whose file is lost is told as lost, with what is known of it', async () => {
  const writer = await temporaryWriter();
  const change = changeOf(jobOf(), []);
  if (!change.results) throw new Error('it has finished');
  change.results.log = { bytes: Buffer.from('one\ntwo\n'), truncated: false };
  await write(writer, 'alpha', change);
  const { store } = writer;
  const id = (await getJob(store, ANONYMOUS, 'alpha', '1'))?.id ?? 0;
  const slice = (levels: string[] | null) => getLogSlice(store, ANONYMOUS, id, { from: 0, limit: 10, levels });
  expect(await slice(null)).toMatchObject({ isLost: false, totalLines: 2, lines: [{ raw: 'one' }, { raw: 'two' }] });

  rmSync(store.logDir, { recursive: true });
  for (const levels of [null, ['']]) {
    expect(await slice(levels)).toMatchObject({ isLost: true, totalLines: 2, bytes: 8, lines: [] });
  }
});
