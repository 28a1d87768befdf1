/** A server that is not ready for Basalt: what it lacks is said, and what to do. */
import { expect, onTestFinished, test } from 'vitest';
import { InvalidInput } from '#store/error.ts';
import { openStore } from '#store/open.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { createCluster } from './cluster.ts';
import { databaseUrl, inDatabase } from './setup.ts';

test('no such database, no such user, no right, another encoding', { timeout: 60_000 }, async () => {
  const cluster = await createCluster();
  onTestFinished(() => cluster.remove());
  await inDatabase(cluster.url, 'CREATE ROLE guest LOGIN');
  await inDatabase(cluster.url, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  const withUser = (user: string) => cluster.url.replace('//basalt@', `//${user}@`);
  const refusals: [string, RegExp][] = [
    [databaseUrl(cluster.url, 'nowhere'), /\/nowhere: database "nowhere" does not exist; make it: CREATE DATABASE/],
    [withUser('nobody'), /role "nobody" does not exist; check the user/],
    [withUser('guest'), /permission denied .*; the user must own the database/],
    [databaseUrl(cluster.url, 'latin'), /its encoding is LATIN1; create it with UTF8/],
  ];
  for (const [url, said] of refusals) {
    const opening = openStore({ url, mode: 'write', logDir: temporaryFolder() });
    await expect(opening).rejects.toThrow(InvalidInput);
    await expect(opening).rejects.toThrow(said);
  }
});
