/** What a master tells at /ws/, and what of it is taken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ears } from '#adapters/adapter.ts';
import { readFrame } from '#adapters/lava/events.ts';
import { context } from '../contract/adapter.ts';
import { soon } from '../soon.ts';
import { jobEvent, send, startMaster, TOKEN } from './fake-master.ts';
import { failureOf, lavaWorld } from './lava-world.ts';
import { openLava } from './open-lava.ts';

const lava = lavaWorld({ pingMs: 50 });
const recorded = (name: string): unknown[] =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Ears that keep what they hear, and the end of hearing. */
async function listening(adapter = lava().adapter) {
  const heard: string[] = [];
  let noise = 0;
  const stop = new AbortController();
  let hasOpened = false;
  const ears: Ears = {
    onOpen() {
      hasOpened = true;
    },
    onFinished: (id) => heard.push(id),
    onNoise() {
      noise += 1;
    },
  };
  await adapter.probe(context());
  const ending = adapter.listen(ears, stop.signal);
  if (!ending) throw new Error('the master tells nothing');
  const ended = ending.then(
    () => null,
    (cause: unknown) => cause,
  );
  return { heard, noise: () => noise, ended, stop, opened: () => hasOpened };
}

test('L-53: of recorded frames of 2023.01 the ends of jobs are taken', () => {
  const heard = recorded('events-2023.01.jsonl').map((frame) => readFrame(JSON.stringify(frame)));
  const ends = heard.flatMap((one) => (one.kind === 'finished' ? [one.id] : []));
  expect(ends.toSorted((a, b) => a - b)).toEqual([401, 402, 402, 403, 404, 404, 405, 406, 407, 408]);
  expect(heard.filter(({ kind }) => kind === 'noise')).toEqual([]);
});

test('of recorded frames of 2026.07 the ends of jobs and the refusals are taken', () => {
  const heard = recorded('events-2026.07.jsonl').map((line) => ({
    ...(line as { client: string }),
    heard: readFrame(JSON.stringify((line as { frame: unknown }).frame)),
  }));
  const of = (client: string) =>
    heard.flatMap((one) => (one.client === client && 'id' in one.heard ? [one.heard.id] : []));
  expect([of('anonymous'), of('user(basic)')]).toEqual([
    [165, 167],
    [165, 167],
  ]);
  expect(of('admin(basic)')).toEqual([165, 166, 167]);
  expect(heard.flatMap((one) => ('why' in one.heard ? [one.heard.why] : []))).toEqual([
    'Only Basic authentication is supported',
    'Unknown user',
  ]);
});

test('whatever comes is a frame, a refusal or noise', () => {
  const kinds = ['finished', 'other', 'noise', 'refused'];
  const holds = (text: string) => {
    expect(kinds).toContain(readFrame(text).kind);
  };
  fc.assert(fc.property(fc.string(), holds));
  fc.assert(fc.property(fc.json(), holds));
  const parts = fc.array(fc.json(), { minLength: 3, maxLength: 5 });
  fc.assert(fc.property(parts, (rest) => holds(JSON.stringify(['x.testjob', ...rest]))));
});

test.each([
  ['not JSON', '['],
  ['another shape', '["x.testjob", 1, 2, 3, 4]'],
  ['a number that is none', jobEvent(1, 'Finished', { job: '84.1' })],
  ['a number beyond any', jobEvent(1, 'Finished', { job: 2 ** 60 })],
  ['too long', jobEvent(7, 'Finished', { description: 'x'.repeat(70_000) })],
])('noise is counted and does not end the hearing: %s', async (_, frame) => {
  const ear = await listening();
  await soon(ear.opened).toBe(true);
  lava().master.tell(frame);
  lava().master.tell(jobEvent(8, 'Finished'));
  await soon(() => ear.heard).toEqual(['8']);
  expect(ear.noise()).toBe(1);
  ear.stop.abort();
});

test('a message of a megabyte and more breaks the connection and nothing else', async () => {
  const ear = await listening();
  await soon(ear.opened).toBe(true);
  lava().master.tell(jobEvent(7, 'Finished', { description: 'x'.repeat(1_100_000) }));
  expect(await ear.ended).toBeNull();
  expect(ear.heard).toEqual([]);
});

test('the token goes as Basic with its user, and nothing to a master that is asked without one', async () => {
  const { master } = lava();
  const ear = await listening();
  await soon(ear.opened).toBe(true);
  const visitor = openLava(master, { token: null });
  const other = await listening(visitor.adapter);
  await soon(other.opened).toBe(true);
  const [known, unknown] = master.cameToListen;
  expect(known).toMatchObject({
    authorization: `Basic ${Buffer.from(`reader:${TOKEN}`).toString('base64')}`,
    'user-agent': 'Basalt/test',
  });
  expect(unknown?.authorization).toBeUndefined();
  ear.stop.abort();
  other.stop.abort();
  await visitor.http.close();
});

test('a master that tells nothing is not listened to, nor one that was not asked', async () => {
  const { adapter, master } = lava();
  const { signal } = new AbortController();
  const ears: Ears = { onOpen: () => undefined, onFinished: () => undefined, onNoise: () => undefined };
  expect(adapter.listen(ears, signal)).toBeNull();
  master.fault = ({ path }, response) =>
    path.endsWith('/master_config/') && send(response, 200, { EVENT_NOTIFICATION: false });
  await adapter.probe(context());
  expect(adapter.listen(ears, signal)).toBeNull();
  expect(master.cameToListen).toEqual([]);
});

test('L-52: a refusal in a frame is told with what to do, and is not worth a second try', async () => {
  lava().master.greet = (listener) => {
    listener.send('{"error": "Unknown user"}');
    listener.close();
  };
  const cause = await failureOf((await listening()).ended.then((error) => Promise.reject(error)));
  expect(cause).toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
  expect(cause.message).toBe('lab: tells no events (Unknown user): give this source the token of a user of the master');
});

test('L-52: a listener that the master has forgotten notices by its pings', async () => {
  lava().master.greet = (listener) => {
    listener.pause();
  };
  const cause = await failureOf((await listening()).ended.then((error) => Promise.reject(error)));
  expect(cause).toMatchObject({ code: 'TIMEOUT', retryable: true });
  expect(cause.message).toContain('fell silent at /ws/');
});

test('pings are answered while nothing is told', async () => {
  const ear = await listening();
  await soon(ear.opened).toBe(true);
  const pings: number[] = [];
  for (const listener of lava().master.listeners) listener.on('ping', () => pings.push(pings.length));
  await soon(() => pings.length).toBeGreaterThan(6);
  lava().master.tell(jobEvent(8, 'Finished'));
  await soon(() => ear.heard).toEqual(['8']);
  ear.stop.abort(new Error('enough'));
  expect(await ear.ended).toEqual(new Error('enough'));
  await soon(() => lava().master.listeners.size).toBe(0);
});

test('an address without a websocket, and one where nobody is, are told apart', async () => {
  const { adapter, master } = lava();
  const elsewhere = await startMaster();
  const gone = openLava(elsewhere);
  await gone.adapter.probe(context());
  await elsewhere.close();
  const ears: Ears = { onOpen: () => undefined, onFinished: () => undefined, onNoise: () => undefined };
  const { signal } = new AbortController();
  await expect(gone.adapter.listen(ears, signal)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('refuses the connection'),
  });
  await adapter.probe(context());
  master.refuseListeners = true;
  await expect(adapter.listen(ears, signal)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('opens no websocket at /ws/'),
  });
  await gone.http.close();
});
