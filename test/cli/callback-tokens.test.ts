/** Whose jobs may tell of their end, as sources come and go in the store. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { keepCallbackTokens, readCallbackTokens } from '#cli/callback-tokens.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type AddedSource, addSource, callbackPlace, removeSource, sealedPlace } from '#store/added-source.ts';
import { createVault } from '#store/vault.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

const ROOT: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const vaultOf = (byte: number) => createVault({ key: Buffer.alloc(32, byte).toString('base64'), file: null });

function added(slug: string, callbackToken: Uint8Array | null): AddedSource {
  return {
    ...{ slug, url: `https://${slug}.example/`, name: slug, visibility: 'INTERNAL', teams: [] },
    ...{ maxConcurrent: 2, maxPerMinute: 120, token: null, caPem: null, callbackToken },
    ...{ retention: null, quietHours: null, megabytesPerHour: null, history: 'newest' },
  };
}

const place = (slug: string) => ({ slug, url: `https://${slug}.example/` });
const sealed = (slug: string, key = 1) => vaultOf(key).seal(`of-${slug}`, callbackPlace(place(slug)));

test('tokens are of both, the configuration wins, and what does not open is none', async () => {
  const { store } = await temporaryWriter([]);
  await addSource(store, ROOT, added('mine', sealed('mine')), 1);
  await addSource(store, ROOT, added('deaf', null), 1);
  await addSource(store, ROOT, added('other-key', sealed('other-key', 2)), 1);
  await addSource(store, ROOT, added('both', sealed('both')), 1);
  await addSource(store, ROOT, added('closed', sealed('closed')), 1);
  // A token that reads the master is no token of callbacks.
  await addSource(store, ROOT, added('moved', vaultOf(1).seal('master', sealedPlace(place('moved')))), 1);
  const configured = [
    { slug: 'file', callbackToken: 'of-file' },
    { slug: 'both', callbackToken: 'of-the-file' },
    { slug: 'closed', callbackToken: null },
  ];
  expect(Object.fromEntries(await readCallbackTokens(store, configured, vaultOf(1)))).toEqual({
    mine: 'of-mine',
    file: 'of-file',
    both: 'of-the-file',
  });
});

test('a source that is added or removed is taken up while the server runs, also after the store was away', async () => {
  const { store } = await temporaryWriter([]);
  const tokens = new Map<string, string>();
  const stop = new AbortController();
  const said: string[] = [];
  let isAway = true;
  const read = async () => {
    if (isAway) throw new Error('away');
    return readCallbackTokens(store, [], vaultOf(1));
  };
  const log = pino({ level: 'error' }, { write: (line: string) => said.push(JSON.parse(line).msg) });
  const kept = keepCallbackTokens(tokens, read, log, stop.signal, 5);
  await soon(() => said.length).toBeGreaterThan(0);
  expect(new Set(said)).toEqual(new Set(['the tokens of callbacks could not be looked up']));
  isAway = false;
  await addSource(store, ROOT, added('mine', sealed('mine')), 1);
  await soon(() => [...tokens]).toEqual([['mine', 'of-mine']]);
  await removeSource(store, ROOT, 'mine', 1);
  await soon(() => tokens.size).toBe(0);
  stop.abort();
  await kept;
});
