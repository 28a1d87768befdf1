import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Context } from '#api/context.ts';
import { createBudgets, RateLimited } from '#api/rate-limit.ts';
import { counted } from '#api/subscription.ts';
import { createTopic } from '#api/topic.ts';
import { startServer } from './server.ts';

const SECOND = 1_000_000;

describe('a budget', () => {
  test('never lets through more than its limit in any minute, and what it says to wait suffices', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 100 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, (asked) => {
        let now = 1_000 * SECOND + 7;
        const budgetOf = createBudgets(100, () => now);
        const passed: { at: number; cost: number }[] = [];
        for (const [pause, cost] of asked) {
          now += pause * SECOND;
          const budget = budgetOf('one');
          try {
            budget.spend(cost);
          } catch (cause) {
            if (!(cause instanceof RateLimited)) throw cause;
            expect(cause.retryAfterSeconds).toBeLessThanOrEqual(65);
            now += cause.retryAfterSeconds * SECOND;
            budget.spend(cost);
          }
          passed.push({ at: now, cost });
          const minute = passed.filter(({ at }) => at > now - 60 * SECOND);
          expect(minute.reduce((sum, one) => sum + one.cost, 0)).toBeLessThanOrEqual(100);
          expect(budget.spent()).toMatchObject({ limit: 100, cost });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('is each caller’s own, is full again at resetAt, and is not counted for pages', () => {
    let now = 0;
    const budgetOf = createBudgets(100, () => now);
    budgetOf('one').spend(90);
    expect(() => budgetOf('one').spend(20)).toThrow(/costs 20, and of the 100/);
    budgetOf('two').spend(20);
    for (let i = 0; i < 10; i++) budgetOf(null).spend(90);
    const { remaining, resetAt } = budgetOf('one').spent();
    expect(remaining).toBe(10);
    now = resetAt;
    expect(budgetOf('one').spent().remaining).toBe(100);
  });
});

test('each event of a subscription is counted, and the first that is too much ends it in words', async () => {
  const topic = createTopic<number>();
  const budget = createBudgets(100, () => 0)('one');
  budget.spend(40);
  const fields = counted({ ticks: { subscribe: () => topic.listen(1, 2, 3) } });
  const events = await fields.ticks?.subscribe(null, undefined as never, { budget } as Context);
  expect(await events?.next()).toEqual({ value: 1, done: false });
  await expect(events?.next()).rejects.toThrow(RateLimited);
  expect(topic.listenerCount()).toBe(0);
});

const QUERY = '{ rateLimit { limit cost remaining resetAt } sources(first: 100) { nodes { slug name } } }';

test('an answer says what it cost and what is left; what is over it is refused before it runs, by the status too', async () => {
  const server = await startServer({
    sources: ['alpha'],
    access: [{ login: 'ann', token: 'ann-token', teams: [], role: 'viewer' }],
    costPerMinute: 700,
    pageKey: 'the-page-key',
  });
  type Said = { rateLimit: { limit: number; cost: number; remaining: number } };
  const one = await server.ask(QUERY);
  const said = (one.body.data as Said).rateLimit;
  expect(said.limit).toBe(700);
  expect(said.remaining).toBe(700 - said.cost);
  expect(one.body.extensions).toEqual({
    cost: { requested: said.cost, limit: 700, remaining: said.remaining },
  });
  const times = Math.floor(700 / said.cost) - 1;
  for (let i = 0; i < times; i++) expect((await server.ask(QUERY)).status).toBe(200);

  const post = (headers: Record<string, string>) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: QUERY }),
    });
  const before = server.store.statementCount();
  const refused = await post({});
  expect(server.store.statementCount()).toBe(before);
  expect(refused.status).toBe(429);
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(50);
  expect(await refused.json()).toMatchObject({
    errors: [{ message: expect.stringContaining(`ask again in ${wait} s`), extensions: { code: 'RATE_LIMITED' } }],
  });
  expect((await post({ 'x-basalt-page': 'guessed' })).status).toBe(429);
  expect((await post({ 'x-forwarded-for': '192.0.2.7' })).status).toBe(429);
  expect((await post({ authorization: 'Bearer ann-token' })).status).toBe(200);
  expect((await post({ 'x-basalt-page': 'the-page-key' })).status).toBe(200);

  const query = 'subscription { sourceStatusChanged { slug devices: deviceCount } }';
  for (let i = 0; i < 700 - times * said.cost; i++) {
    const stream = await fetch(`${server.url}/graphql/stream?${new URLSearchParams({ query })}`);
    if (stream.status === 200) {
      await stream.body?.cancel();
      continue;
    }
    expect([stream.status, await stream.json()]).toMatchObject([
      429,
      { errors: [{ extensions: { code: 'RATE_LIMITED' } }] },
    ]);
    return;
  }
  throw new Error('streams are not counted');
});

test('S-37: visitors are told apart by what a proxy of the configuration says, and by nothing that they say themselves', async () => {
  const server = await startServer({ sources: ['alpha'], costPerMinute: 700, proxies: ['127.0.0.0/8', '::1'] });
  const ask = async (from: string): Promise<number> => {
    const { status } = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ query: QUERY }),
    });
    return status;
  };
  let asked = 0;
  for (; (await ask('192.0.2.1')) === 200; asked++) if (asked > 700) throw new Error('nothing is counted');

  expect(asked).toBeGreaterThan(0);
  expect(await ask('192.0.2.2')).toBe(200);
  expect(await ask('192.0.2.3, 192.0.2.1')).toBe(429);
});
