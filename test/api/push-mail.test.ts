import fc from 'fast-check';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { mailOf } from '#api/push-mail.ts';
import { PAUSES } from '#api/push-send.ts';
import { setMailAddress } from '#store/mail-address.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { pushWorld, SECOND } from './push-world.ts';
import { ADMIN } from './signed-in.ts';

type Got = { from: string; to: string[]; raw: string };

/** Takes every mail, or says what it is told. */
async function startMailServer() {
  const got: Got[] = [];
  let refusal: { message: string; responseCode: number } | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let raw = '';
      stream.on('data', (piece: Buffer) => {
        raw += piece;
      });
      stream.on('end', () => {
        if (refusal) return done(Object.assign(new Error(refusal.message), refusal));
        const { mailFrom, rcptTo } = session.envelope;
        got.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    ...{ got, url: `smtp://127.0.0.1:${address.port}` },
    refuse(by: typeof refusal) {
      refusal = by;
    },
  };
}

async function world() {
  const mail = await startMailServer();
  const pushed = await pushWorld({ smtp: mail.url });
  const { writer, clock } = pushed;
  await setMailAddress(writer.store, ADMIN, { login: 'ann', address: 'ann@example.org' }, clock.now);
  return { ...pushed, mail };
}

const headerIn = (raw: string, name: string) =>
  new RegExp(`^${name}: ((?:.|\\r\\n[ \\t])*)\\r\\n`, 'im').exec(raw)?.[1]?.replace(/\r\n[ \t]/g, ' ');
const decoded = (raw: string) =>
  raw
    .replace(/=\r\n/g, '')
    .replace(/((?:=[0-9A-F]{2})+)/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString());

test('what happens is mailed once to the address of the account, and one post from anywhere ends it', async () => {
  const everything = await world();
  const { mail, look, send, subscribe, list, url, writer } = everything;
  const { userErrors, secret } = await subscribe({ via: 'MAIL', url: null });
  expect([userErrors, secret]).toEqual([[], null]);
  await addBuildJob(everything, { number: 1, build: 'v1 <b>&', cases: { a: 'P', b: 'F' } });
  await look();
  await look();
  await send();
  await send();

  expect(mail.got).toHaveLength(1);
  const [{ from, to, raw } = { from: '', to: [], raw: '' }] = mail.got;
  expect([from, to]).toEqual(['basalt@example.org', ['ann@example.org']]);
  expect(headerIn(raw, 'Subject')).toBe('mainline v1 <b>&');
  expect(headerIn(raw, 'Auto-Submitted')).toBe('auto-generated');
  expect(headerIn(raw, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  const [told] = await list();
  expect(headerIn(raw, 'Message-ID')).toBe(`<${told?.deliveries[0]?.messageId}@basalt.example>`);
  expect(decoded(raw)).toContain('https://basalt.example/builds/mainline/v1%20%3Cb%3E%26');
  expect(decoded(raw)).toContain('mainline v1 &lt;b&gt;&amp;</a>');
  expect(decoded(raw)).toContain('Pass: 1, fail: 1');
  expect(told).toMatchObject({ url: null, deliveries: [{ state: 'DELIVERED', tries: [{ status: 250 }] }] });

  const link = /<https:\/\/basalt\.example(\/unsubscribe\?token=[\w-]+)>/.exec(
    headerIn(raw, 'List-Unsubscribe')?.replaceAll(' ', '') ?? '',
  )?.[1];
  const post = (path: string, body = 'List-Unsubscribe=One-Click') =>
    fetch(`${url}${path}`, {
      ...{ method: 'POST', redirect: 'manual', body },
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://mail.example' },
    });
  expect((await post(`${link}x`)).status).toBe(404);
  expect((await post('/unsubscribe?token=&token=')).status).toBe(404);
  expect((await post(`${link}x`, '')).headers.get('location')).toBe('/unsubscribe?done=no');
  expect((await list())[0]?.pausedAt).toBeNull();
  for (let i = 0; i < 2; i++) {
    const { status, headers } = await post(link ?? '');
    expect([status, headers.get('location')]).toEqual([200, null]);
  }
  expect((await post(link ?? '', '')).headers.get('location')).toBe('/unsubscribe?done=yes');
  expect((await list())[0]).toMatchObject({ pauseReason: 'MAIL' });
  const audit = await writer.store.sql.all<{ actor: string }>(
    `SELECT actor FROM audit_event WHERE action = 'subscription.pause'`,
  );
  expect(audit).toEqual([{ actor: 'a mail' }]);
});

test('a digest is one mail a day with all that has happened, and none on a day without', async () => {
  const everything = await world();
  const { mail, look, send, subscribe, clock, list } = everything;
  const HOUR = 3_600 * SECOND;
  clock.now = submitOf(0);
  expect((await subscribe({ via: 'MAIL', url: null, daily: { hour: 24, zone: 'UTC' } })).userErrors).toMatchObject([
    { field: 'daily.hour' },
  ]);
  expect((await subscribe({ via: 'MAIL', url: null, daily: { hour: 7, zone: 'Mars' } })).userErrors).toMatchObject([
    { field: 'daily.zone' },
  ]);
  await subscribe({ via: 'MAIL', url: null, daily: { hour: 7, zone: 'Europe/Berlin' } });
  const sent: string[][] = [];
  for (let hour = 1; hour <= 96; hour++) {
    clock.now += HOUR;
    if (hour % 5 === 0 && (hour < 30 || hour > 60))
      await addBuildJob(everything, { number: hour, build: `v${hour}`, cases: { a: 'P' } });
    await look();
    await send();
    if (mail.got.length > sent.length) {
      expect(new Date(clock.now / 1000).toLocaleString('sv', { timeZone: 'Europe/Berlin' })).toMatch(/ 07:/);
      sent.push(decoded(mail.got.at(-1)?.raw ?? '').match(/^mainline v\d+(?=\r)/gm) ?? []);
    }
  }
  const builds = (...numbers: number[]) => numbers.map((n) => `mainline v${n}`);
  expect(sent).toEqual([builds(5), builds(25, 20, 15, 10), builds(80, 75, 70, 65)]);
  expect((await list())[0]?.deliveries.filter(({ state }) => state === 'DELIVERED')).toHaveLength(3);
});

test('a mail server that is busy is tried again, one that refuses for good is not, and an address that is gone says so', async () => {
  const { mail, send, subscribe, change, list, clock, writer } = await world();
  const { subscription } = await subscribe({ via: 'MAIL', url: null });
  const id = subscription?.id ?? '';
  mail.refuse({ message: 'busy\r\nlater', responseCode: 451 });
  await change('sendTest', id);
  await send();
  expect((await list())[0]?.deliveries[0]).toMatchObject({ state: 'WAITING', tries: [{ status: 451 }] });
  mail.refuse({ message: 'no such user', responseCode: 550 });
  clock.now += PAUSES[0] * SECOND;
  await send();
  const [log] = (await list())[0]?.deliveries ?? [];
  expect(log).toMatchObject({ state: 'FAILED', tries: [{ status: 451 }, { status: 550, text: '550 no such user' }] });
  expect(log?.tries[0]?.text).not.toMatch(/[\r\n]/);

  await setMailAddress(writer.store, ADMIN, { login: 'ann', address: null }, clock.now);
  await change('sendTest', id);
  await send();
  expect((await list())[0]?.deliveries.find(({ state }) => state === 'WAITING')?.tries).toMatchObject([
    { status: null, text: 'The account has no address any more: an admin gives it one.' },
  ]);
  expect((await subscribe({ via: 'MAIL', url: null })).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'via' }]);
});

test('without a mail server nobody subscribes by mail, and only an admin says where mail goes', async () => {
  const { subscribe, ask, as, writer, ann, clock } = await pushWorld();
  expect((await subscribe({ via: 'MAIL', url: null })).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'via' }]);
  const set = (address: string | null) =>
    ask(
      `mutation ($input: SetMailAddressInput!) { setMailAddress(input: $input) { account { mail } userErrors { code field } } }`,
      { ...as, variables: { input: { login: 'ann', address } } },
    );
  expect((await set('ann@example.org')).body.data).toMatchObject({
    setMailAddress: { userErrors: [{ code: 'FORBIDDEN' }] },
  });
  await writer.store.sql.run(`UPDATE account SET role = 'admin' WHERE id = ?`, ann.owner.accountId ?? 0);
  for (const address of [
    '',
    'ann',
    'a@b@c',
    'a,b@c',
    '<a@b>',
    'a@b\r\nBcc: c@d',
    'Ann <a@b>',
    'a b@c',
    `${'a'.repeat(65)}@b`,
  ])
    expect((await set(address)).body.data).toMatchObject({
      setMailAddress: { userErrors: [{ code: 'INVALID', field: 'address' }] },
    });
  expect((await set('ann@example.org')).body.data).toEqual({
    setMailAddress: { account: { mail: 'ann@example.org' }, userErrors: [] },
  });
  const { body } = await ask('{ accounts(first: 5) { nodes { login mail } } }', as);
  expect(body.data).toMatchObject({ accounts: { nodes: [{ login: 'ann', mail: 'ann@example.org' }] } });
  expect((await set(null)).body.data).toMatchObject({ setMailAddress: { account: { mail: null } } });
  expect(clock.now).toBeGreaterThan(0);
});

test('S-32: whatever masters wrote, a subject is one line and the HTML holds no more tags than ours', () => {
  const row = {
    ...{
      key: 'k',
      accountId: 1,
      login: 'ann',
      feed: 'builds' as const,
      query: 'project=a',
      url: null,
      dailyHour: null,
      zone: null,
    },
    ...{
      origin: 'https://basalt.example',
      createdAt: 0,
      beganAt: 0,
      pausedAt: null,
      pauseReason: null,
      failingSince: null,
    },
  };
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\r\nBcc: b@c', '</a><script>', '"><img src=x onerror=1>', '\u2028x\u202ey', '\ud800'),
  );
  const tagsOf = (html: string) => html.replace(/="[^"]*"/g, '').match(/<[^>]*>/g);
  const entry = (title: string, text: string) => ({
    ...{ event: 'build.created' as const, id: 'x', path: '/builds/a/1', title, text, publishedAt: 1, updatedAt: 1 },
  });
  const of = (title: string, text: string) =>
    mailOf(
      row,
      { isTest: false, isWhole: true, entries: [entry(title, text)] },
      'https://basalt.example/unsubscribe?token=x',
    );
  const plain = tagsOf(of('a', 'b').html);
  fc.assert(
    fc.property(text, text, (title, words) => {
      const { subject, html, text: body } = of(title, words);
      expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(subject.length).toBeLessThanOrEqual(120);
      expect(tagsOf(html)).toEqual(plain);
      expect(body.isWellFormed() && html.isWellFormed()).toBe(true);
    }),
  );
});
