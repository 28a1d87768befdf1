import { expect, test } from 'vitest';
import { InvalidInput } from '#store/error.ts';
import { openStore } from '#store/open.ts';
import { temporaryPlace, temporaryWriter } from './temporary.ts';

test('T-45: a store that a newer version wrote is refused before anything is written to it', async () => {
  const place = await temporaryPlace();
  const { store } = await temporaryWriter(['alpha'], place);
  expect(await store.schemaProblem()).toBeNull();
  await store.sql.run("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 9000000000000)");

  expect(await store.schemaProblem()).toMatch(/newer Basalt: install that version/);
  for (const mode of ['write', 'read'] as const) {
    const opening = openStore({ ...place, mode });
    await expect(opening).rejects.toThrow(InvalidInput);
    await expect(opening).rejects.toThrow(/newer Basalt: install that version, or restore a backup$/);
  }
  expect(await store.sql.all('SELECT slug FROM source')).toEqual([{ slug: 'alpha' }]);
});
