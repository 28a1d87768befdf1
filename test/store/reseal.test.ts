import { expect, test } from 'vitest';
import { addSource, callbackPlace, listAddedSources, sealedPlace } from '#store/added-source.ts';
import { reseal } from '#store/reseal.ts';
import { createVault } from '#store/vault.ts';
import { temporaryWriter } from './temporary.ts';

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const vaultOf = (key: number, ...old: number[]) => createVault({ key: keyOf(key), file: null, old: old.map(keyOf) });
const ROOT = { kind: 'person', login: 'root', role: 'admin', teams: [] } as never;

async function world() {
  const { store } = await temporaryWriter([]);
  const seal = (slug: string, key: number) => {
    const place = { slug, url: `http://${slug}.example/` };
    return {
      ...place,
      ...{ name: slug, visibility: 'PUBLIC' as const, teams: [], maxConcurrent: 2, maxPerMinute: 60, caPem: null },
      token: vaultOf(key).seal(`token of ${slug}`, sealedPlace(place)),
      callbackToken: vaultOf(key).seal(`callback of ${slug}`, callbackPlace(place)),
      ...{ retention: null, quietHours: null, megabytesPerHour: null, history: 'newest' as const },
    };
  };
  for (const [slug, key] of [
    ['alpha', 1],
    ['beta', 2],
    ['gone', 9],
  ] as const)
    await addSource(store, ROOT, seal(slug, key), 1);
  return store;
}

test('S-19: what keys of before sealed opens beside them, and after it was sealed anew without them', async () => {
  const store = await world();
  const tokens = async (vault: ReturnType<typeof vaultOf>) => {
    const sources = (await listAddedSources(store)).filter(({ slug }) => slug !== 'gone');
    return sources.map((one) => [
      vault.open(one.token ?? Buffer.of(), sealedPlace(one)),
      vault.open(one.callbackToken ?? Buffer.of(), callbackPlace(one)),
    ]);
  };
  const wanted = ['alpha', 'beta'].map((slug) => [`token of ${slug}`, `callback of ${slug}`]);
  await expect(tokens(vaultOf(2))).rejects.toThrow('BASALT_SECRET_KEY_OLD');
  expect(await tokens(vaultOf(2, 1))).toEqual(wanted);

  const done = await reseal(store, vaultOf(3, 1, 2), 'test', 2);

  expect(done.slice(0, 2)).toEqual([
    { what: 'tokens of sources', count: 2, lost: ['gone'] },
    { what: 'tokens of callbacks', count: 2, lost: ['gone'] },
  ]);
  expect(await tokens(vaultOf(3))).toEqual(wanted);
  const gone = (await listAddedSources(store)).find(({ slug }) => slug === 'gone');
  expect(vaultOf(9).open(gone?.token ?? Buffer.of(), sealedPlace({ slug: 'gone', url: 'http://gone.example/' }))).toBe(
    'token of gone',
  );
  await expect(tokens(vaultOf(1))).rejects.toThrow('another key');
});
