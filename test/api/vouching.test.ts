/** Who is signed in by a provider, and what becomes of it when the provider says something else. */
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createSecret } from '#api/secret.ts';
import { openHeld } from '#api/vouching.ts';
import { createToken } from '#store/api-token.ts';
import { personBy } from '#store/credential.ts';
import { reseal } from '#store/reseal.ts';
import { createVault } from '#store/vault.ts';
import { listVouchedSeals, takeTurn } from '#store/vouched-session.ts';
import type { Browser } from './identity-provider.ts';
import { MINUTE, vouchedWorld } from './vouched-world.ts';

/** A subscription by what the browser keeps; how it was closed. */
function listen(url: string, browser: Browser) {
  const cookie = `basalt_token=${browser.cookies(url).get('basalt_token')}`;
  class WithCookie extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers: { cookie, origin: url } });
    }
  }
  const heard: { acknowledged: boolean; closed: number[] } = { acknowledged: false, closed: [] };
  const client = createClient({
    ...{ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WithCookie, retryAttempts: 0 },
    on: {
      connected: () => {
        heard.acknowledged = true;
      },
      closed: (event) => heard.closed.push((event as { code: number }).code),
    },
  });
  const sink = { next: () => undefined, error: () => undefined, complete: () => undefined };
  client.subscribe({ query: 'subscription { jobFinished { externalId } }' }, sink);
  onTestFinished(() => void client.dispose());
  return heard;
}

test('S-12: a group that is taken away counts within the interval, and closes what is open', async () => {
  const { idp, signIn, who, wait, url, events } = await vouchedWorld({
    people: { ben: { groups: ['kernel-devs', 'judges'] } },
  });
  const { browser } = await signIn('ben');
  const heard = listen(url, browser);
  await expect.poll(() => heard.acknowledged).toBe(true);
  idp.people.set('ben', { groups: ['judges'] });
  expect((await who(browser)).labs).toContain('kernel');
  const asked = idp.asked.tokens;
  wait(5 * MINUTE);
  await expect.poll(() => heard.closed, { timeout: 5_000 }).toEqual([4403]);
  expect(await who(browser)).toEqual({
    ...{ login: 'ben', labs: ['inside', 'open'], scopes: ['read', 'write:triage'] },
  });
  expect(idp.asked.tokens).toBe(asked + 1);
  const [event] = await events();
  expect(event).toMatchObject({
    ...{ action: 'account.groups', actor: idp.issuer, target: 'ben' },
    before: { role: 'triage', teams: [{ team: 'kernel', role: 'viewer' }] },
    after: { role: 'triage', teams: [] },
  });
});

test('S-12: what is done in the name of somebody who is away is asked about, too', async () => {
  const { idp, signIn, wait, writer, app, events } = await vouchedWorld();
  await signIn('ann');
  const account = await writer.store.sql.get<{ id: number }>('SELECT id FROM account');
  const vouched = () => app.vouchesFor(account?.id ?? 0);
  expect(await vouched()).toBe(true);
  const asked = idp.asked.tokens;
  wait(6 * MINUTE);
  expect(await vouched()).toBe(true);
  expect(idp.asked.tokens).toBe(asked + 1);
  // Away for longer than an answer counts: asked now, he counts now.
  wait(120 * MINUTE);
  expect(await vouched()).toBe(true);
  idp.people.delete('ann');
  expect(await vouched()).toBe(true);
  wait(6 * MINUTE);
  expect(await vouched()).toBe(false);
  expect((await events())[0]).toMatchObject({ action: 'session.end', target: 'ann' });
});

test('S-12: who is gone at the provider is gone here within the interval, with his access tokens', async () => {
  const { idp, signIn, who, wait, url, writer, now, ask, events } = await vouchedWorld();
  const { browser } = await signIn('ann');
  const [session] = await writer.store.sql.all<{ hash: Uint8Array }>('SELECT hash FROM session');
  const by = { issuer: idp.issuer, since: 0 };
  const owner = await personBy(writer.store, 'session', session?.hash ?? new Uint8Array(), now(), by);
  if (!owner) throw new Error('no session');
  const token = createSecret('token');
  const fresh = { hash: token.hash, name: 'a script', hint: 'x', scopes: ['read' as const], sources: null };
  await createToken(writer.store, owner, { ...fresh, expiresAt: now() + 600 * MINUTE }, now());
  const byToken = async () => (await ask('{ viewer { login } }', { token: token.secret })).status;
  expect(await byToken()).toBe(200);

  // Long after: the session was idle, and is asked about before it counts again.
  wait(120 * MINUTE);
  expect([await byToken(), (await who(browser)).login]).toEqual([200, 'ann']);
  idp.people.delete('ann');
  wait(5 * MINUTE);
  expect([await byToken(), (await who(browser)).login]).toEqual([401, null]);
  expect(browser.cookies(url).size).toBe(0);
  expect((await events())[0]).toMatchObject({
    ...{ action: 'session.end', actor: idp.issuer, target: 'ann' },
    after: { because: 'the provider does not vouch for it any more' },
  });
});

test('who is in none of the groups any more is signed out everywhere', async () => {
  const { idp, signIn, who, wait, sessions } = await vouchedWorld();
  const [one] = [await signIn('ann'), await signIn('ann')];
  expect(await sessions()).toBe(2);
  idp.people.set('ann', { groups: ['others'] });
  wait(5 * MINUTE);
  expect((await who(one.browser)).login).toBeNull();
  expect(await sessions()).toBe(0);
});

test('while the provider is down sessions go on for the time of grace, and then end', async () => {
  const { idp, signIn, who, wait, url, sessions } = await vouchedWorld({ graceMinutes: 30 });
  const { browser } = await signIn('ann');
  const heard = listen(url, browser);
  await expect.poll(() => heard.acknowledged).toBe(true);
  await idp.close();
  for (const minutes of [6, 20]) {
    wait(minutes * MINUTE);
    expect((await who(browser)).labs).toContain('kernel');
  }
  expect(heard.closed).toEqual([]);
  wait(10 * MINUTE);
  expect((await who(browser)).labs).toEqual(['open']);
  await expect.poll(() => heard.closed, { timeout: 5_000 }).toEqual([4403]);
  expect(await sessions()).toBe(0);
});

test('a provider without refresh tokens is asked by the access token, while it lasts', async () => {
  const world = await vouchedWorld();
  world.idp.refreshes = false;
  const { browser } = await world.signIn('ann');
  world.wait(5 * MINUTE);
  expect((await world.who(browser)).labs).toContain('kernel');
  world.idp.people.delete('ann');
  world.wait(5 * MINUTE);
  expect((await world.who(browser)).login).toBeNull();
});

test('what is asked at once is one question to the provider, and of two processes one wins', async () => {
  const { idp, signIn, who, wait, writer } = await vouchedWorld();
  const { browser } = await signIn('ann');
  const before = idp.asked.tokens;
  wait(5 * MINUTE);
  const seen = await Promise.all(Array.from({ length: 10 }, () => who(browser)));
  expect(new Set(seen.map(({ login }) => login))).toEqual(new Set(['ann']));
  expect(idp.asked.tokens).toBe(before + 1);

  const row = await writer.store.sql.get<{ hash: Uint8Array; sealed: Uint8Array }>(
    'SELECT hash, refresh AS sealed FROM session',
  );
  if (!row) throw new Error('no session');
  const tries = await Promise.all([1, 2].map((n) => takeTurn(writer.store, row, Buffer.of(n))));
  expect(tries.filter(Boolean)).toHaveLength(1);
});

test('S-19: what the provider is asked by is sealed anew with a new key', async () => {
  const { signIn, writer, now, idp } = await vouchedWorld();
  await signIn('ann');
  const vaultOf = (byte: number, ...old: number[]) => {
    const keyOf = (one: number) => Buffer.alloc(32, one).toString('base64');
    return createVault({ key: keyOf(byte), file: null, old: old.map(keyOf) });
  };
  const done = await reseal(writer.store, vaultOf(8, 7), 'test', now());
  expect(done).toContainEqual({ what: 'sessions by an OpenID provider', count: 1, lost: [] });
  const [session] = await listVouchedSeals(writer.store);
  const held = session && openHeld(vaultOf(8), idp.issuer, session.hash, session.sealed);
  expect(held).toMatchObject({ refresh: expect.stringMatching(/.{20}/), idToken: expect.stringMatching(/^eyJ/) });
});

test('a session of a provider that the configuration does not name is none', async () => {
  const { idp, signIn, writer, now } = await vouchedWorld();
  await signIn('ann');
  const [session] = await writer.store.sql.all<{ hash: Uint8Array }>('SELECT hash FROM session');
  const hash = session?.hash ?? new Uint8Array();
  const found = [null, { issuer: 'https://other.example', since: 0 }, { issuer: idp.issuer, since: now() + 1 }].map(
    (by) => personBy(writer.store, 'session', hash, now(), by),
  );
  expect(await Promise.all(found)).toEqual([null, null, null]);
  expect(await personBy(writer.store, 'session', hash, now(), { issuer: idp.issuer, since: 0 })).toMatchObject({
    ...{ login: 'ann', isVouched: true },
  });
});
