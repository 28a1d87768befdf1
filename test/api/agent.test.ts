/** The door for what agents push: who may, and everything that is no batch. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createPusher } from '#adapters/agent/push.ts';
import { SourceError } from '#adapters/error.ts';
import { buildApp } from '#api/app.ts';
import { type Batch, MAX_BATCH_BYTES, packBatch, unpackBatch } from '#schema/agent-batch.ts';
import { openStore } from '#store/open.ts';
import { temporaryPlace, temporaryWriter } from '../store/temporary.ts';

const KEY = 'a-key-that-a-machine-has-made';

function batch(more: Partial<Batch> = {}): Batch {
  const waiting = { entries: 1, bytes: 10, limitBytes: 1000, isFull: false };
  const entries = [{ sequence: 1, kind: 'delta' as const, body: Buffer.from('one') }];
  return {
    stream: randomUUID(),
    was: null,
    after: 0,
    answers: null,
    generation: null,
    sentAt: 1_000,
    waiting,
    entries,
    ...more,
  };
}

async function server() {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['lab', 'other', 'direct'], place);
  const store = await openStore({ ...place, mode: 'write', patienceMs: 2_000 });
  const news: string[] = [];
  let opened = 0;
  const app = await buildApp({
    store,
    access: [{ login: 'ci', token: 'sesame', teams: [], role: 'admin' }],
    events: { on: () => undefined },
    logger: pino({ level: 'silent' }),
    version: 'test',
    startedAt: 0,
    agents: {
      keys: new Map([
        ['lab', KEY],
        ['other', 'another-key-of-a-machine'],
      ]),
      async open() {
        opened += 1;
        return store;
      },
      onNews: (slug) => news.push(slug),
    },
  });
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/`;
  onTestFinished(async () => {
    await app.close();
    await store.close();
  });
  const post = (source: string, key: string | null, body: Buffer, type = 'application/octet-stream') =>
    fetch(`${url}agents/${source}/batches`, {
      method: 'POST',
      headers: { 'content-type': type, ...(key && { authorization: `Bearer ${key}` }) },
      body: new Uint8Array(body),
    });
  const inbox = () =>
    writer.store.sql.all<{ sequence: number }>('SELECT sequence FROM inbox ORDER BY source_id, term, sequence');
  return { url, post, news, inbox, opened: () => opened };
}

test('who does not know the key hears the same of every source, before the body is read', async () => {
  const { post, inbox, opened } = await server();
  const answers = await Promise.all([
    ...['lab', 'direct', 'nowhere', '..%2flab', '%00'].map((slug) => post(slug, 'guess', packBatch(batch()))),
    post('lab', null, packBatch(batch())),
    post('lab', '', packBatch(batch())),
    post('lab', 'sesame', packBatch(batch())),
    post('lab', 'another-key-of-a-machine', packBatch(batch())),
    post('lab', 'guess', Buffer.alloc(MAX_BATCH_BYTES + 1)),
  ]);
  const told = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]));
  expect(new Set(told.map(String)).size).toBe(1);
  expect(told[0]).toEqual([401, expect.stringContaining('the key is not of this source')]);
  expect(await inbox()).toEqual([]);
  expect(opened()).toBe(0);
});

test('the key opens nothing else', async () => {
  const { url } = await server();
  const headers = { authorization: `Bearer ${KEY}` };
  expect((await fetch(`${url}graphql?query={__typename}`, { headers })).status).toBe(401);
  expect((await fetch(`${url}agents/lab/batches`, { headers })).status).toBe(401);
});

test('a batch that comes twice is held once, and only news wakes whoever reads', async () => {
  const { post, news, inbox } = await server();
  const one = batch();
  for (let i = 0; i < 2; i++) {
    const answer = await post('lab', KEY, packBatch(one));
    expect([answer.status, await answer.json()]).toEqual([200, { held: 1, generation: 0, questions: [] }]);
  }
  const two = { ...one, entries: [...one.entries, { sequence: 5, kind: 'run' as const, body: Buffer.from('two') }] };
  expect(await (await post('lab', KEY, packBatch(two))).json()).toEqual({ held: 5, generation: 0, questions: [] });
  expect(await (await post('lab', KEY, packBatch({ ...one, after: 5, entries: [] }))).json()).toEqual({
    held: 5,
    generation: 0,
    questions: [],
  });
  expect((await inbox()).map(({ sequence }) => sequence)).toEqual([1, 5]);
  expect(news).toEqual(['lab']);
});

test('what was acknowledged and is not there, and another spool, are told apart in words', async () => {
  const { post, inbox } = await server();
  const one = batch();
  await post('lab', KEY, packBatch(one));
  const lost = await post('lab', KEY, packBatch({ ...one, after: 7, entries: [] }));
  expect([lost.status, await lost.json()]).toMatchObject([409, { code: 'LOST' }]);
  const other = await post('lab', KEY, packBatch(batch()));
  expect([other.status, await other.json()]).toMatchObject([409, { code: 'OTHER_AGENT' }]);
  const answers = packBatch(batch({ was: one.stream, answers: randomUUID() }));
  expect((await post('lab', KEY, answers)).status).toBe(409);
  expect(await inbox()).toEqual([{ sequence: 1 }]);
  const anew = await post('lab', KEY, packBatch(batch({ was: one.stream })));
  expect([anew.status, await anew.json()]).toEqual([200, { held: 1, generation: 0, questions: [] }]);
});

test('what is no batch is refused in words', async () => {
  const { post, inbox } = await server();
  const good = packBatch(batch());
  const head = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const bad = {
    nothing: Buffer.alloc(0),
    'half of it': good.subarray(0, good.length / 2),
    'something after it': Buffer.concat([good, Buffer.from('x')]),
    'no JSON': head('{'),
    'another shape': head('{"v":1}'),
    'entries that go back': packBatch(batch({ after: 3 })),
    'a kind that is none': Buffer.from(good.toString('latin1').replace('delta', 'sigma'), 'latin1'),
  };
  for (const [what, body] of Object.entries(bad)) {
    const answer = await post('lab', KEY, body);
    expect([answer.status, await answer.json()], what).toMatchObject([400, { code: 'INVALID' }]);
  }
  expect((await post('lab', KEY, good, 'application/json')).status).toBe(415);
  expect((await post('lab', KEY, Buffer.alloc(MAX_BATCH_BYTES + 1))).status).toBe(413);
  expect(await inbox()).toEqual([]);
});

test('any batch reads as it was packed', () => {
  const entry = fc.record({
    kind: fc.constantFrom('log' as const, 'cases' as const, 'run' as const),
    body: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(), (entries, after) => {
      const one = batch({ after, entries: entries.map((e, i) => ({ ...e, sequence: after + 1 + i * 3 })) });
      expect(unpackBatch(packBatch(one))).toEqual(one);
    }),
  );
});

test('any bytes are a batch or an error, and cost no more than their length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => unpackBatch(Buffer.from(bytes))).toThrow(Error);
    }),
  );
});

test("an agent says what is wrong with Basalt's answer, and never its key", async () => {
  const { url } = await server();
  const say = async (key: string, to = url) => {
    const pusher = createPusher({ slug: 'lab', url: to, key, caPem: null, userAgent: 'test' });
    try {
      return await pusher.push(packBatch(batch()), new AbortController().signal);
    } catch (cause) {
      if (!(cause instanceof SourceError)) throw cause;
      return cause.message;
    } finally {
      await pusher.close();
    }
  };
  expect(await say('guess-guess-guess')).toMatchObject({ kind: 'refused', code: 'KEY' });
  expect(await say(KEY, `${url}below/`)).toMatch(/takes nothing from agents at this address/);
  expect(await say(KEY, 'http://127.0.0.1:1/')).toMatch(/Basalt: refuses the connection/);
  expect(() =>
    createPusher({ slug: 'lab', url: 'http://basalt.example/', key: KEY, caPem: null, userAgent: 'test' }),
  ).toThrow('https only');
});
