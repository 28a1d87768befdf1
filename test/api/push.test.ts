import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signed } from '#api/push-message.ts';
import { PAUSES } from '#api/push-send.ts';
import { saveAccount } from '#store/account.ts';
import { CLAIM, claimDue } from '#store/delivery.ts';
import { NotFound } from '#store/error.ts';
import { reseal } from '#store/reseal.ts';
import { createVault } from '#store/vault.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { DAY, messageIn, pushWorld, type Received, SECOND } from './push-world.ts';
import { ADMIN, signedIn } from './signed-in.ts';

const required = <T>(value: T | null | undefined): T => {
  if (value == null) throw new NotFound('nothing there');
  return value;
};

/** The library checks the age of a message by its own clock. */
const verified = (secret: string, { headers, body }: Received) => {
  const timestamp = String(headers['webhook-timestamp']);
  const seconds = Date.now() / 1000;
  const now = Number(timestamp);
  const shown = { 'webhook-id': String(headers['webhook-id']), 'webhook-timestamp': timestamp };
  if (Math.abs(now - seconds) > 300) throw new Error(`signed at ${timestamp}`);
  return new Webhook(secret).verify(body, { ...shown, 'webhook-signature': String(headers['webhook-signature']) });
};

test('a message is signed as Standard Webhooks does', async () => {
  // The vector of the specification's own libraries.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const vector = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
  expect(signed(secret, vector, 1_614_265_330 * SECOND)['webhook-signature']).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );

  const { clock, receiver, subscribe, change, send } = await pushWorld();
  clock.now = Date.now() * 1000;
  const { secret: mine, subscription } = await subscribe({});
  expect(await change('sendTest', required(subscription).id)).toEqual([]);
  await send();

  const got = required(receiver.received[0]);
  expect(verified(required(mine), got)).toMatchObject({ type: 'feed.test' });
  expect(() => verified(required(mine), { ...got, body: got.body.replace('feed.test', 'feed.tost') })).toThrow();
});

test('what was there is not told, what happens is told once, and a test that keeps failing is no news', async () => {
  const world = await pushWorld();
  const { clock, look, send, receiver } = world;
  const letters = [...'PPPPPPPPPPPPFFFFF'];
  const build = (number: number, letter: string) =>
    addBuildJob(world, { number, build: `v${number}`, cases: { boot: letter } });
  for (const [i, letter] of letters.slice(0, 12).entries()) await build(i + 1, letter);
  clock.now = submitOf(12);
  await world.subscribe({ feed: 'REGRESSIONS', query: 'project=mainline' });
  await world.subscribe({ feed: 'BUILDS', query: 'project=mainline&branch=master' });
  expect(await look()).toBe(0);

  for (const [i, letter] of letters.slice(12).entries()) {
    await build(i + 13, letter);
    clock.now = submitOf(i + 14);
    await look();
    await look();
    await send();
    await send();
  }
  const told = () =>
    receiver.received.map((one) => messageIn(one).data.entries.map(({ event, title }) => `${event} ${title}`));
  const builds = [13, 14, 15, 16, 17].map((n) => `build.created mainline v${n}`);
  expect(
    told()
      .flat()
      .filter((line) => line.startsWith('build')),
  ).toEqual(builds);
  expect(
    told()
      .flat()
      .filter((line) => line.startsWith('regression')),
  ).toEqual(['regression.began smoke/boot fails since v13 (mainline master, qemu)']);

  for (const number of [18, 19, 20]) await build(number, 'P');
  clock.now = submitOf(21);
  await look();
  await look();
  for (let i = 0; i < 3; i++) await send();
  expect(
    told()
      .flat()
      .filter((line) => line.startsWith('regression')),
  ).toHaveLength(2);
  expect(told().flat().at(-1)).toMatch(/^(regression.fixed smoke\/boot .*, fixed in v18|build.created mainline v18)/);
  const first = messageIn(required(receiver.received[0]));
  expect(first.data).toMatchObject({
    isWhole: true,
    subscription: { url: expect.stringContaining('https://basalt.example/') },
  });
});

test('what happened long before is the past, however late it is read; a day late is news', async () => {
  const world = await pushWorld();
  world.clock.now = submitOf(100);
  await world.subscribe({});
  await addBuildJob(world, { number: 70, build: 'old', cases: { a: 'P' } });
  await addBuildJob(world, { number: 90, build: 'late', cases: { a: 'P' } });
  expect(await world.look()).toBe(1);
  await world.send();
  expect(world.receiver.received.flatMap((one) => messageIn(one).data.entries).map(({ title }) => title)).toEqual([
    'mainline late',
  ]);
});

test('a sender that dies with a message leaves it to the next, with the same id; nothing is made twice', async () => {
  const world = await pushWorld();
  const { clock, look, send, receiver, writer } = world;
  await world.subscribe({});
  await addBuildJob(world, { number: 1, build: 'v1', cases: { a: 'P' } });
  // Two processes look at once.
  await Promise.all([look(), look()]);
  expect((await world.list())[0]?.deliveries).toHaveLength(1);

  const [lost] = await claimDue(writer.store, clock.now);
  expect(await send()).toBe(0);
  clock.now += CLAIM;
  expect(await send()).toBe(1);
  expect(await send()).toBe(0);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([lost?.id]);

  await world.change('redeliver', (await world.list())[0]?.deliveries[0]?.id ?? '');
  for (let i = 0; i <= PAUSES.length; i++) {
    expect(await claimDue(writer.store, clock.now)).toHaveLength(1);
    clock.now += CLAIM;
  }
  await send();
  expect(await send()).toBe(0);
  expect((await world.list())[0]?.deliveries[0]?.state).toBe('FAILED');
  expect(receiver.received).toHaveLength(1);
});

test('S-30: a receiver that fails, or sends elsewhere, is tried for a day, at longer and longer distances, and the log says how', async () => {
  const world = await pushWorld({ timeoutMs: 300 });
  const { clock, send, receiver } = world;
  const { subscription } = await world.subscribe({});
  receiver.answer((response, n) => {
    if (n === 1) return response.writeHead(500).end('broken \u001b[31m<b>\n\u202e');
    if (n === 2) return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    // Slow bytes: the status is known, and that is all that is waited for.
    if (n === 3) return response.writeHead(503).write('wait');
    if (n === 4) return undefined;
    return response.destroy();
  });
  await world.change('sendTest', required(subscription).id);
  const startedAt = clock.now;
  for (const pause of PAUSES) {
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    clock.now += pause * SECOND;
  }
  expect(await send()).toBe(1);
  const [told] = await world.list();
  const log = required(told?.deliveries[0]);
  expect(log.state).toBe('FAILED');
  expect(log.tries).toHaveLength(PAUSES.length + 1);
  expect(log.tries.slice(0, 5).map(({ status, text }) => [status, text])).toEqual([
    [500, 'broken [31m<b>'],
    [302, 'It leads elsewhere, which is not followed: give the address that it leads to.'],
    [503, 'wait'],
    [null, 'No answer within 0.3 seconds.'],
    [null, expect.stringMatching(/^No connection: /)],
  ]);
  expect(clock.now - startedAt).toBeLessThan(DAY);
  expect(told).toMatchObject({
    pausedAt: null,
    failingSince: new Date(startedAt / 1000).toISOString().replace('.000', ''),
  });

  receiver.answer((response) => response.writeHead(204).end());
  expect(await world.change('redeliver', log.id)).toEqual([]);
  expect(await world.change('redeliver', log.id)).toEqual(['CONFLICT']);
  await send();
  const [after] = await world.list();
  expect(after).toMatchObject({ failingSince: null, deliveries: [{ state: 'DELIVERED', messageId: log.messageId }] });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([log.messageId]));
});

test('after days without a success, or at 410, a subscription is paused; it goes on with what happens then', async () => {
  const world = await pushWorld();
  const { clock, look, send, receiver } = world;
  const { subscription } = await world.subscribe({});
  const { id } = required(subscription);
  receiver.answer((response) => response.writeHead(500).end());
  const giveUp = async () => {
    await world.change('sendTest', id);
    for (const pause of PAUSES) {
      await send();
      clock.now += pause * SECOND;
    }
    await send();
  };
  for (let day = 0; day < 3; day++) {
    await giveUp();
    expect((await world.list())[0]?.pausedAt).toBeNull();
  }
  clock.now += DAY;
  await giveUp();
  expect((await world.list())[0]).toMatchObject({ pauseReason: 'FAILING' });

  const number = Math.floor((clock.now - submitOf(0)) / 3_600_000_000);
  await addBuildJob(world, { number, build: 'meanwhile', cases: { a: 'P' } });
  expect(await look()).toBe(0);
  expect(await world.change('sendTest', id)).toEqual(['CONFLICT']);
  expect(await world.change('resumeSubscription', id)).toEqual([]);
  expect(await look()).toBe(0);
  await addBuildJob(world, { number: number + 1, build: 'after', cases: { a: 'P' } });
  expect(await look()).toBe(1);
  receiver.answer((response) => response.writeHead(410).end());
  await send();
  expect((await world.list())[0]).toMatchObject({ pauseReason: 'GONE' });
  expect(messageIn(required(receiver.received.at(-1))).data.entries.map(({ title }) => title)).toEqual([
    'mainline after',
  ]);
});

test('S-16: what is out of its owner’s sight when it is sent is not sent, nor is anything of who cannot sign in', async () => {
  const world = await pushWorld();
  const { look, send, receiver, writer } = world;
  await world.subscribe({});
  const other = await signedIn(writer.store, 'ben');
  await world.subscribe({}, { token: other.session.secret });
  await addBuildJob(world, { source: 'hidden', number: 1, build: 'v1', cases: { a: 'P' } });
  expect(await look()).toBe(2);

  await saveAccount(writer.store, ADMIN, { login: 'ann', teams: [] }, world.clock.now);
  await saveAccount(writer.store, ADMIN, { login: 'ben', isDisabled: true }, world.clock.now);
  await send();
  expect(receiver.received).toEqual([]);
  expect((await world.list())[0]).toMatchObject({ pausedAt: null, deliveries: [{ state: 'DROPPED', tries: [] }] });
  const rows = await writer.store.sql.all<{ reason: string }>(
    'SELECT pause_reason AS reason FROM feed_subscription WHERE paused_at IS NOT NULL',
  );
  expect(rows).toEqual([{ reason: 'account' }]);
  expect(await look()).toBe(0);
});

test('S-12: who is vouched for elsewhere is sent something as long as he is, with what he may see then', async () => {
  const world = await pushWorld();
  const { look, send, receiver, writer, sender, clock } = world;
  await world.subscribe({});
  await writer.store.sql.run(`UPDATE account SET issuer = 'https://login.example/', subject = '1'`);
  await addBuildJob(world, { number: 1, build: 'v1', cases: { a: 'P' } });
  expect(await look()).toBe(1);

  await send();
  expect(receiver.received).toEqual([]);
  const [told] = await writer.store.sql.all<{ tries: string }>('SELECT tries FROM delivery');
  expect(told?.tries).toContain('not vouched for');

  const asked: number[] = [];
  sender.vouchesFor = async (accountId) => asked.push(accountId) > 0;
  clock.now += 60e6;
  await send();
  expect(asked).toHaveLength(1);
  expect(receiver.received).toHaveLength(1);
});

test('S-20: an access token shows no subscription of its owner', async () => {
  const world = await pushWorld();
  const { subscription } = await world.subscribe({});
  expect(await world.list()).toHaveLength(1);
  const token = { token: world.ann.token.secret };
  expect(await world.list(token)).toEqual([]);
  const query = 'query ($id: ID!) { feedSubscription(id: $id) { url query } node(id: $id) { id } }';
  expect(await world.data(query, { ...token, variables: { id: subscription?.id } })).toEqual({
    feedSubscription: null,
    node: null,
  });
});

test('S-28: a webhook in the network of Basalt, with a password, or by http', async () => {
  const { subscribe, receiver } = await pushWorld();
  for (const url of [
    'http://example.org/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://localhost/',
    'https://hooks.localhost./',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest',
    'http://169.254.169.254/',
    'https://0.0.0.0/',
    'https://ann:secret@example.org/',
    'ftp://example.org/',
    `http://127.0.0.1:1/`,
    'javascript:alert(1)',
    'example.org',
  ]) {
    const { userErrors, secret } = await subscribe({ url });
    expect([url, secret, userErrors[0]?.code, userErrors[0]?.field]).toEqual([url, null, 'INVALID', 'url']);
  }
  expect((await subscribe({ url: receiver.url })).userErrors).toEqual([]);
  expect((await subscribe({ url: 'https://hooks.example.org/x' })).userErrors).toEqual([]);
  expect((await subscribe({ query: '' })).userErrors).toMatchObject([{ field: 'query', code: 'INVALID' }]);
  expect((await subscribe({ query: 'project=a&since=1' })).userErrors[0]?.message).toMatch(/^since: not among/);
  expect((await subscribe({ origin: 'javascript:1' })).userErrors).toMatchObject([{ field: 'origin' }]);
});

test('S-20: the secret is told once, and neither it nor the address stands where others read', async () => {
  const world = await pushWorld();
  const { writer, ask, as } = world;
  const { secret, subscription } = await world.subscribe({});
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  const tables = ['audit_event', 'feed_subscription', 'delivery'];
  const dump = JSON.stringify(await Promise.all(tables.map((table) => writer.store.sql.all(`SELECT * FROM ${table}`))));
  expect(dump).not.toContain(required(secret).slice(6));
  const audit = JSON.stringify(await writer.store.sql.all('SELECT * FROM audit_event'));
  expect(audit).toContain('subscription.add');
  expect(audit).not.toContain('token=mine');

  const root = { token: (await signedIn(writer.store, 'root')).session.secret };
  await writer.store.sql.run(`UPDATE account SET role = 'admin' WHERE login = 'root'`);
  const all = '{ feedSubscriptions { totalCount nodes { id login url receiver deliveries { id } } } }';
  const { body } = await ask(all, root);
  expect(body.data).toMatchObject({
    feedSubscriptions: { totalCount: 1, nodes: [{ login: 'ann', url: null, deliveries: [] }] },
  });
  expect((await ask(all, as)).body.data).toEqual({ feedSubscriptions: null });
  const { id } = required(subscription);
  for (const name of ['deleteSubscription', 'resumeSubscription', 'sendTest'])
    expect(await world.change(name, id, root)).toEqual(['NOT_FOUND']);
  expect(await world.change('pauseSubscription', id, root)).toEqual([]);
  expect(await world.change('resumeSubscription', id)).toEqual(['CONFLICT']);

  const other = { token: (await signedIn(writer.store, 'ben')).session.secret };
  for (const name of ['deleteSubscription', 'pauseSubscription', 'resumeSubscription', 'sendTest'])
    expect(await world.change(name, id, other)).toEqual(['NOT_FOUND']);
  // A token of his own makes no subscriptions: only who has signed in does.
  expect(await world.change('deleteSubscription', id, { token: world.ann.token.secret })).toEqual(['FORBIDDEN']);
  expect(await world.change('deleteSubscription', id)).toEqual([]);
  expect(await world.list()).toEqual([]);
  expect(await writer.store.sql.all('SELECT * FROM told_entry')).toEqual([]);
});

test('S-19: the key of a webhook is sealed anew with the others', async () => {
  const world = await pushWorld();
  const { subscription, secret } = await world.subscribe({});
  const keys = [7, 8].map((byte) => Buffer.alloc(32, byte).toString('base64'));
  const [old = '', key = ''] = keys;
  const vault = createVault({ key, file: null, old: [old] });

  const done = await reseal(world.writer.store, vault, 'test', world.clock.now);

  expect(done.at(-1)).toEqual({ what: 'keys of webhooks', count: 1, lost: [] });
  await world.change('sendTest', required(subscription).id);
  await world.send();
  expect((await world.list())[0]?.deliveries[0]?.tries[0]?.text).toMatch(/^Its secret was sealed with another key/);
  world.sender.vault = createVault({ key, file: null });
  world.clock.now += PAUSES[0] * SECOND;
  await world.send();
  const [got] = world.receiver.received;
  const { 'webhook-id': id, 'webhook-signature': signature } = required(got).headers;
  expect(signed(required(secret), { id: String(id), body: required(got).body }, world.clock.now)).toMatchObject({
    'webhook-signature': signature,
  });
});

test('a log is shown for the same statements, however many subscriptions there are', async () => {
  const world = await pushWorld();
  const statements = async () => {
    const before = world.store.statementCount();
    await world.list();
    return world.store.statementCount() - before;
  };
  await world.subscribe({});
  const few = await statements();
  for (let i = 0; i < 4; i++) await world.subscribe({ query: `project=p${i}` });
  expect(await statements()).toBe(few);
});
