/** A newer version was tried, and the older one is wanted again: the copy made before is the way back. */
import { expect, test } from 'vitest';
import { copyStore } from '#store/copy.ts';
import { openStore } from '#store/open.ts';
import { createWriter } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { olderJobs } from './older/jobs.ts';
import { readable } from './readable.ts';
import { fileIn, temporaryFolder, temporaryPlace, temporaryWriter, write } from './temporary.ts';

test('T-44: a newer version has changed the store: the older one refuses it, and takes the copy of before, which is whole', async () => {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['alpha'], place);
  for (const change of olderJobs()) await write(writer, 'alpha', change);
  const before = await readable(writer.store);
  const backup = fileIn(temporaryFolder());
  const copy = await openStore({ ...backup, mode: 'write' });
  await copyStore(writer.store, copy);
  await copy.close();

  await writer.store.sql.run('ALTER TABLE job ADD COLUMN of_the_future integer');
  await write(writer, 'alpha', changeOf(jobOf({ externalId: '4711' }), []));
  await writer.store.sql.run(
    "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 9000000000000)",
  );
  await expect(openStore({ ...place, mode: 'write' })).rejects.toThrow(/restore a backup$/);

  const store = await openStore({ ...backup, mode: 'write' });
  expect(await readable(store)).toEqual(before);
  const again = createWriter(store, []);
  for (const change of olderJobs()) expect(await write(again, 'alpha', change)).toBe('unchanged');
  await store.close();
});
