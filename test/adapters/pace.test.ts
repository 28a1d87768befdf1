import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createHttp, type Http } from '#adapters/http.ts';
import { createPace } from '#adapters/pace.ts';
import { type FakeMaster, startMaster, TOKEN } from './fake-master.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const signal = new AbortController().signal;
const PATH = 'api/v0.2/system/version/';

function noted(...answers: [kind: string, bytes: number, ms: number, times: number][]) {
  const pace = createPace(1);
  for (const [kind, bytes, ms, times] of answers) for (let i = 0; i < times; i++) pace.note(kind, bytes, ms);
  return pace;
}

/** How many of eight that are asked at once are under way together. */
async function together(ask: (work: () => Promise<void>) => Promise<unknown>): Promise<number> {
  let [now, most] = [0, 0];
  const work = async () => {
    now += 1;
    most = Math.max(most, now);
    await sleep(1);
    now -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => ask(work)));
  return most;
}

test('three times the usual time is slow, and the usual time again is not', async () => {
  const pace = noted(['jobs', 4000, 100, 20]);
  expect(pace.slowdown()).toBeNull();
  for (let i = 0; i < 3; i++) pace.note('jobs', 4000, 400);
  expect(pace.slowdown()).toBeGreaterThanOrEqual(3);
  expect(await together((work) => pace.run(signal, work))).toBe(1);
  for (let i = 0; i < 5; i++) pace.note('jobs', 4000, 110);
  expect(pace.slowdown()).toBeNull();
  expect(await together((work) => pace.run(signal, work))).toBe(8);
});

test('one slow answer, a large one, and what is quick all the same are no slowness', () => {
  expect(noted(['jobs', 4000, 100, 20], ['jobs', 4000, 9000, 1], ['jobs', 4000, 100, 2]).slowdown()).toBeNull();
  expect(noted(['tests', 4000, 100, 20], ['tests', 400_000, 9000, 20]).slowdown()).toBeNull();
  expect(noted(['jobs', 4000, 5, 20], ['jobs', 4000, 90, 20]).slowdown()).toBeNull();
});

test('a source that stays slow is taken as it is after hundreds of answers, and not before', () => {
  expect(noted(['jobs', 4000, 100, 20], ['jobs', 4000, 800, 300]).slowdown()).toBeGreaterThan(3);
  expect(noted(['jobs', 4000, 100, 20], ['jobs', 4000, 800, 2000]).slowdown()).toBeNull();
});

test('who waits for its turn ends when it is told to, and lets the next one on', async () => {
  const pace = noted(['jobs', 4000, 100, 20], ['jobs', 4000, 800, 5]);
  let finish = (): void => undefined;
  const first = pace.run(signal, () => new Promise<void>((resolve) => (finish = resolve)));
  const stopping = new AbortController();
  const second = pace.run(stopping.signal, async () => 'asked');
  const third = pace.run(signal, async () => 'asked');
  stopping.abort(new Error('stop'));
  await expect(second).rejects.toThrow('stop');
  finish();
  await first;
  expect(await third).toBe('asked');
});

test('an answer that fails lets the next one on', async () => {
  const pace = noted(['jobs', 4000, 100, 20], ['jobs', 4000, 800, 5]);
  const first = pace.run(signal, async () => Promise.reject(new Error('broke')));
  const second = pace.run(signal, async () => 'asked');
  await expect(first).rejects.toThrow('broke');
  expect(await second).toBe('asked');
});

async function withMaster(): Promise<{
  master: FakeMaster;
  http: Http;
  delay: (ms: number) => void;
  most: () => number;
}> {
  const master = await startMaster();
  let ms = 0;
  let [now, most] = [0, 0];
  master.fault = (_, response) => {
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => {
      now -= 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"version": "2023.01"}');
    }, ms);
    return true;
  };
  const http = createHttp({
    slug: 'lab',
    url: master.url,
    token: TOKEN,
    caPem: null,
    budget: { concurrent: 4, perMinute: 100_000 },
    kindOf: () => 'PROBE',
    allowed: [/^api\/v0\.2\/system\/version\/$/],
    userAgent: 'Basalt/0.1.0',
    longestRestMs: 1,
  });
  ends.push(
    () => master.close(),
    () => http.close(),
  );
  const since = () => {
    const seen = most;
    most = now;
    return seen;
  };
  return { master, http, delay: (next) => (ms = next), most: since };
}

test('T-22: a master that becomes slow is asked one thing at a time until it is well again', async () => {
  const { http, delay, most } = await withMaster();
  const ask = async (times: number, atOnce: number) => {
    for (let i = 0; i < times; i += atOnce)
      await Promise.all(Array.from({ length: atOnce }, () => http.getJson(PATH, { signal })));
  };
  delay(30);
  await ask(20, 4);
  expect(most()).toBe(4);
  expect(http.usage().slowdown).toBeNull();

  delay(600);
  await ask(5, 5);
  expect(http.usage().slowdown).toBeGreaterThan(3);
  most();
  await ask(4, 4);
  expect(most()).toBe(1);

  delay(0);
  await ask(8, 4);
  expect(http.usage().slowdown).toBeNull();
  most();
  await ask(8, 4);
  expect(most()).toBe(4);
}, 20_000);
