/** Sign-in by a real OpenID provider, through the product's own handlers. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { saveAccount } from '#store/account.ts';
import { type Browser, CLIENT, createBrowser, passProvider } from './identity-provider.ts';
import { ADMIN } from './signed-in.ts';
import { MINUTE, refusal, vouchedWorld } from './vouched-world.ts';

test('who signs in by the provider has the teams of his groups, a session of his own, and is led on', async () => {
  const { start, who, events, sessions, url, store } = await vouchedWorld();
  const browser = createBrowser();
  const begun = await browser.go(start('/labs?x=1'));
  const sent = new URL(begun.headers.get('location') ?? '');
  expect(Object.fromEntries(sent.searchParams)).toMatchObject({
    ...{ response_type: 'code', client_id: CLIENT.id, scope: 'openid profile email', code_challenge_method: 'S256' },
    ...{ redirect_uri: `${url}/sign-in/oidc/callback`, state: expect.stringMatching(/.{40}/) },
    ...{ nonce: expect.stringMatching(/.{40}/), code_challenge: expect.stringMatching(/.{43}/) },
  });
  expect(begun.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^basalt_attempt=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
  ]);

  const answer = await browser.go(await passProvider(browser, start('/labs?x=1'), 'ann'));
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(await answer.text()).toContain('content="0;url=/labs?x=1"');
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^basalt_attempt=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/),
    expect.stringMatching(/^basalt_token=basalt_ses_\w{38}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/),
  ]);
  expect(await who(browser)).toEqual({ login: 'ann', labs: ['inside', 'kernel', 'open'], scopes: ['read'] });

  const first = browser.cookies(url).get('basalt_token');
  const second = await browser.go(await passProvider(browser, start('//evil.example/'), 'ann'));
  expect(await second.text()).toContain('content="0;url=/"');
  expect(browser.cookies(url).get('basalt_token')).not.toBe(first);
  expect(await sessions()).toBe(1);
  expect((await events()).map(({ action, actor, target }) => [action, actor, target])).toEqual([
    ['session.start', 'ann', 'ann'],
    ['session.start', 'ann', 'ann'],
    ['account.add', 'ann', 'ann'],
  ]);
  const kept = await store.sql.get<{ refresh: Uint8Array }>('SELECT refresh FROM session');
  expect(Buffer.from(kept?.refresh ?? []).toString('latin1')).not.toMatch(/refresh|access|eyJ/);
});

test('behind a proxy that ends TLS it comes back by https, and only a cookie that no other host can set counts', async () => {
  const { start, url } = await vouchedWorld();
  const headers = { 'x-forwarded-proto': 'https' };
  const begun = await createBrowser().go(start('//evil.example/'), { headers });
  const sent = new URL(begun.headers.get('location') ?? '');
  expect(sent.searchParams.get('redirect_uri')).toBe(`${url.replace('http', 'https')}/sign-in/oidc/callback`);
  const [, kept] =
    /^__Host-basalt_attempt=([\w-]+); Path=\/; .*Secure$/.exec(begun.headers.getSetCookie()[0] ?? '') ?? [];

  const query = new URLSearchParams({ code: 'made-up', state: sent.searchParams.get('state') ?? '', iss: sent.origin });
  const come = async (cookie: string) => {
    const callback = `${url}/sign-in/oidc/callback?${query}`;
    return (await fetch(callback, { headers: { ...headers, cookie }, redirect: 'manual' })).headers.get('location');
  };
  expect(await come(`basalt_attempt=${kept}`)).toBe(refusal('attempt'));
  expect(await come(`__Host-basalt_attempt=${kept}`)).toBe(refusal('code'));
});

test('S-36: a sign-in that another browser began, that is too old or that nobody began signs nobody in', async () => {
  const { start, wait, sessions, events, url } = await vouchedWorld();
  const [ann, mallory] = [createBrowser(), createBrowser()];
  const hers = await passProvider(mallory, start(), 'ann');
  const places = async (browser: Browser, address: string) => (await browser.go(address)).headers.get('location');
  expect(await places(ann, hers)).toBe(refusal('attempt'));

  await ann.go(start('/labs'));
  expect(await places(ann, hers)).toBe(refusal('attempt', '/labs'));
  const denied = `${url}/sign-in/oidc/callback?error=access_denied&state=made-up`;
  await ann.go(start());
  expect(await places(ann, denied)).toBe(refusal('attempt'));

  const late = await passProvider(ann, start(), 'ann');
  wait(11 * MINUTE);
  expect(await places(ann, late)).toBe(refusal('attempt'));
  expect([await sessions(), await events()]).toEqual([0, []]);
});

test('a code that was used, a no and a made-up code are each said, and leave no session', async () => {
  const { start, sessions, events, url } = await vouchedWorld();
  const browser = createBrowser();
  const address = await passProvider(browser, start(), 'ann');
  const cookie = `basalt_attempt=${browser.cookies(url).get('basalt_attempt')}`;
  const again = () => fetch(address, { headers: { cookie }, redirect: 'manual' });
  expect((await again()).status).toBe(200);
  const replayed = await again();
  expect([replayed.headers.get('location'), replayed.headers.getSetCookie()]).toEqual([
    refusal('code'),
    [expect.stringMatching(/^basalt_attempt=;/)],
  ]);
  expect(await sessions()).toBe(1);

  const unwilling = createBrowser();
  const no = await unwilling.go(await passProvider(unwilling, start('/x'), null));
  expect(no.headers.get('location')).toBe(refusal('denied', '/x'));
  const other = new URL(await passProvider(browser, start(), 'ann'));
  other.searchParams.set('iss', 'http://other.example');
  expect((await browser.go(other.href)).headers.get('location')).toBe(refusal('untrusted'));
  expect(await sessions()).toBe(1);
  const refused = (await events()).filter(({ action }) => action === 'session.refused');
  expect(refused.map(({ after }) => (after as { why: string }).why)).toEqual(['untrusted', 'denied', 'code']);
});

test('an ID token that was changed, or is of or for another, is not believed', async () => {
  const { idp, signIn, sessions } = await vouchedWorld();
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const hour = 3600;
  const spoils: Record<string, NonNullable<typeof idp.spoil>> = {
    'another key': (claims) => idp.signed(claims, { key: stranger }),
    'changed after it was signed': (claims) => {
      const [head, , seal] = idp.signed(claims).split('.');
      return [head, Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url'), seal].join('.');
    },
    'alg none': (claims) => idp.signed(claims, { alg: 'none' }),
    'another nonce': (claims) => idp.signed({ ...claims, nonce: 'another' }),
    'no nonce': ({ nonce: _, ...claims }) => idp.signed(claims),
    'another issuer': (claims) => idp.signed({ ...claims, iss: 'https://other.example' }),
    'for another': (claims) => idp.signed({ ...claims, aud: 'another' }),
    'too old': (claims) =>
      idp.signed({ ...claims, exp: Number(claims.exp) - 2 * hour, iat: Number(claims.iat) - 2 * hour }),
    'of somebody else': (claims) => idp.signed({ ...claims, sub: 'root' }),
  };
  const told: Record<string, string | null> = {};
  for (const [name, spoil] of Object.entries(spoils)) {
    idp.spoil = spoil;
    const { place, answer } = await signIn('ann');
    told[name] = answer.headers.getSetCookie().some((text) => text.startsWith('basalt_token')) ? 'a session' : place;
  }
  expect(told).toEqual(Object.fromEntries(Object.keys(spoils).map((name) => [name, refusal('untrusted')])));
  expect(await sessions()).toBe(0);
});

test('who is in no group that is named here, or is disabled here, is told so', async () => {
  const { signIn, sessions, writer, now, events } = await vouchedWorld({ people: { eve: { groups: ['others'] } } });
  expect((await signIn('eve')).place).toBe(refusal('groups'));
  expect(await writer.store.sql.get('SELECT 1 AS one FROM account')).toBeUndefined();
  await signIn('ann');
  await saveAccount(writer.store, ADMIN, { login: 'ann', isDisabled: true }, now());
  expect((await signIn('ann')).place).toBe(refusal('disabled'));
  expect(await sessions()).toBe(0);
  const refused = (await events()).filter(({ action }) => action === 'session.refused');
  expect(refused.map(({ actor, after }) => [actor, (after as { why: string }).why])).toEqual([
    ['ann', 'disabled'],
    ['eve', 'groups'],
  ]);
});

test('an account of the same login that is kept here is another, and so is a token of the configuration', async () => {
  const { signIn, who, writer, now } = await vouchedWorld({
    people: { ci: { groups: ['judges'] }, 'u-1': { groups: ['judges'], called: 'Ånn ', name: 'Ann Two' } },
  });
  await saveAccount(writer.store, ADMIN, { login: 'ann', role: 'admin', password: 'a hash' }, now());
  const logins = [];
  for (const login of ['ann', 'ci', 'u-1', 'ann']) logins.push((await who((await signIn(login)).browser)).login);
  expect(logins).toEqual(['ann@127.0.0.1', 'ci@127.0.0.1', 'ann-2@127.0.0.1', 'ann@127.0.0.1']);
  const kept = await writer.store.sql.all('SELECT login, name, role, password, subject FROM account ORDER BY id');
  expect(kept).toEqual([
    { login: 'ann', name: null, role: 'admin', password: 'a hash', subject: null },
    { login: 'ann@127.0.0.1', name: null, role: 'viewer', password: null, subject: 'ann' },
    { login: 'ci@127.0.0.1', name: null, role: 'triage', password: null, subject: 'ci' },
    { login: 'ann-2@127.0.0.1', name: 'Ann Two', role: 'triage', password: null, subject: 'u-1' },
  ]);
  const given = saveAccount(writer.store, ADMIN, { login: 'ann@127.0.0.1', role: 'admin' }, now());
  await expect(given).rejects.toThrow('comes from its groups at');
});

test('a provider that is down is said to be, before and after its page', async () => {
  const { idp, start, sessions } = await vouchedWorld();
  const browser = createBrowser();
  const address = await passProvider(browser, start('/labs'), 'ann');
  await idp.close();
  expect((await browser.go(address)).headers.get('location')).toBe(refusal('silent', '/labs'));
  const fresh = await vouchedWorld();
  await fresh.idp.close();
  const begun = await createBrowser().go(fresh.start('/labs'));
  expect([begun.headers.get('location'), begun.headers.getSetCookie()]).toEqual([refusal('silent', '/labs'), []]);
  expect(await sessions()).toBe(0);
});

test('signing out ends the session here, and leads on to the provider that offers it', async () => {
  const { signIn, sessions, url, idp } = await vouchedWorld();
  const { browser } = await signIn('ann');
  const out = await browser.go(`${url}/sign-out`, { method: 'POST' });
  const page = await out.text();
  const to = new URL(/0;url=([^"]+)/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '');
  expect([out.status, `${to.origin}${to.pathname}`]).toEqual([200, `${idp.issuer}/session/end`]);
  expect(Object.fromEntries(to.searchParams)).toEqual({
    ...{ post_logout_redirect_uri: `${url}/`, client_id: CLIENT.id, id_token_hint: expect.stringMatching(/^eyJ/) },
  });
  expect(await sessions()).toBe(0);
  expect(browser.cookies(url).size).toBe(0);
  expect(await (await browser.go(to.href)).text()).toContain('sign-out');

  const again = await signIn('ann');
  await idp.close();
  // What the provider said of itself is still believed for a minute: nothing has to be asked.
  expect((await again.browser.go(`${url}/sign-out`, { method: 'POST' })).status).toBe(200);
  expect(await sessions()).toBe(0);
});

test('however often one address fails, the audit log is told ten times a minute, and nobody is kept out', async () => {
  const { signIn, events, who } = await vouchedWorld({ people: { eve: { groups: [] } } });
  const { browser } = await signIn('eve');
  for (let i = 0; i < 11; i++) expect((await signIn('eve', browser)).place).toBe(refusal('groups'));
  expect((await events()).filter(({ action }) => action === 'session.refused')).toHaveLength(10);
  expect((await who((await signIn('ann')).browser)).login).toBe('ann');
});
