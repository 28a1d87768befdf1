/** The ZMQ publisher of an old master: heard, and not believed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { readParts } from '#adapters/lava/events.ts';
import { createReader, NotZmtp, type Part } from '#adapters/zmtp.ts';
import { context } from '../contract/adapter.ts';
import { soon } from '../soon.ts';
import { startMaster } from './fake-master.ts';
import { type FakePublisher, framed, jobEnd, parts, startPublisher } from './fake-publisher.ts';
import { openLava } from './open-lava.ts';

const RECORDED = readFileSync(join(import.meta.dirname, 'fixtures/zmtp-libzmq-4.3.5.bin'));
const MIB = 1024 * 1024;

/** What a reader makes of bytes that come in such pieces. */
function readIn(bytes: Buffer, sizes: readonly number[]): Part[] {
  const read = createReader(MIB);
  const all: Part[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    all.push(...read(bytes.subarray(at, at + size)));
    at += size;
  }
  return all;
}

test('bytes of a real publisher are read, however they are cut', () => {
  const whole = readIn(RECORDED, [RECORDED.length]);
  expect(whole.slice(0, 2)).toMatchObject([{ kind: 'greeting' }, { kind: 'command', name: 'READY' }]);
  const messages = whole.flatMap((part) => (part.kind === 'message' ? [part.frames] : []));
  expect(messages.map((frames) => frames.length)).toEqual(Array.from({ length: 13 }, () => 5));
  expect(messages.map((frames) => readParts(frames).kind)).toContain('finished');
  expect(readParts(messages.at(-1) ?? [])).toEqual({ kind: 'finished', id: 7 });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1 }), (sizes) => {
      expect(readIn(RECORDED, sizes)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('whatever comes is read, waited for or refused', () => {
  const greeted = RECORDED.subarray(0, 64);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isGreeted) => {
      try {
        readIn(Buffer.concat([isGreeted ? greeted : Buffer.alloc(0), bytes]), [7]);
      } catch (cause) {
        expect(cause).toBeInstanceOf(NotZmtp);
      }
    }),
  );
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'something else answers'],
  [Buffer.concat([Buffer.from('ff00000000000000017f0100', 'hex'), Buffer.alloc(52)]), 'version 1'],
  [Buffer.concat([Buffer.from('ff00000000000000017f0301435552564500', 'hex'), Buffer.alloc(46)]), 'login ("CURVE")'],
])('%j is no publisher for us', (bytes, why) => {
  expect(() => [...createReader(MIB)(Buffer.from(bytes))]).toThrow(why);
});

test('L-54: of an event the number and the end are taken, and of all else nothing', () => {
  const heard = (...texts: string[]) => readParts(texts.map((text) => Buffer.from(text)));
  expect(heard(...jobEnd(401))).toEqual({ kind: 'finished', id: 401 });
  expect(heard(...parts('x.testjob', { job: 4, state: 'Running' }))).toEqual({ kind: 'other' });
  expect(heard(...parts('x.device', { device: 'a', state: 'Idle' }))).toEqual({ kind: 'other' });
  expect(heard(...parts('x.testjob', { job: '4', state: 'Finished' }))).toEqual({ kind: 'noise' });
  expect(heard(...jobEnd(401).slice(1))).toEqual({ kind: 'noise' });
  expect(heard(...jobEnd(401), 'more')).toEqual({ kind: 'noise' });
  expect(heard(...parts('x.testjob', { job: 4, state: 'Finished', text: 'x'.repeat(70_000) })).kind).toBe('noise');
  expect(heard()).toEqual({ kind: 'noise' });
});

async function listening(prepare: (publisher: FakePublisher) => void = () => undefined, pingMs = 10_000) {
  const [master, publisher] = [await startMaster(), await startPublisher()];
  prepare(publisher);
  const { adapter, http } = openLava(master, { zmq: publisher.address, pingMs });
  const stop = new AbortController();
  const heard: string[] = [];
  const counts = { noise: 0, opened: 0 };
  const ending = adapter.listen(
    {
      onOpen: () => (counts.opened += 1),
      onFinished: (id) => heard.push(id),
      onNoise: () => (counts.noise += 1),
    },
    stop.signal,
  );
  const ended = Promise.resolve(ending).then(
    () => null,
    (cause: unknown) => cause,
  );
  onTestFinished(async () => {
    stop.abort();
    await ended;
    await http.close();
    await publisher.close();
    await master.close();
  });
  return { master, publisher, adapter, http, heard, counts, ended, stop };
}

const isSubscribed = (publisher: FakePublisher) => soon(() => publisher.subscribers.size).toBe(1);

test('the end of a job is heard, with no question asked of the master', async () => {
  const { master, publisher, heard, counts, http } = await listening();
  await isSubscribed(publisher);
  publisher.publish(jobEnd(5));
  publisher.publish(['rubbish']);
  publisher.publish(jobEnd(6));
  await soon(() => heard).toEqual(['5', '6']);
  expect([counts, master.asked, master.listeners.size]).toEqual([{ noise: 1, opened: 1 }, [], 0]);
  expect(http.usage().requests).toBe(1);
});

test('the probe says that it is heard so', async () => {
  const { adapter } = await listening();
  expect((await adapter.probe(context())).capabilities).toContain('zmq-events');
});

test('a publisher that goes away ends the hearing; one that was never there says why', async () => {
  const { publisher, ended } = await listening();
  await isSubscribed(publisher);
  for (const socket of publisher.subscribers) socket.end();
  expect(await ended).toBeNull();

  const gone = await startPublisher();
  await gone.close();
  const { adapter, http } = openLava({ url: 'http://127.0.0.1:9/' }, { zmq: gone.address });
  const ears = { onOpen: () => undefined, onFinished: () => undefined, onNoise: () => undefined };
  await expect(adapter.listen(ears, new AbortController().signal)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    retryable: true,
    message: expect.stringContaining('refuses the connection'),
  });
  await http.close();
});

test.each<[string, (publisher: FakePublisher) => void, RegExp]>([
  ['is silent', (p) => (p.greeting = null), /fell silent/],
  ['answers no ping', (p) => (p.answersPings = false), /fell silent/],
  ['speaks HTTP', (p) => (p.greeting = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /something else answers/],
])('a publisher that %s is given up', async (_, prepare, why) => {
  const { ended } = await listening(prepare, 40);
  expect(await ended).toMatchObject({ code: expect.stringMatching(/TIMEOUT|UNREACHABLE/), retryable: true });
  expect(String(await ended)).toMatch(why);
});

test.each<[string, () => Buffer]>([
  ['rubbish', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a frame said to be endless', () => Buffer.from('02ffffffffffffffff', 'hex')],
  ['a message of more than a megabyte', () => framed(['a.testjob', 'x'.repeat(MIB)])],
  ['frames without end', () => Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([1, 0])))],
  ['a command cut short', () => Buffer.from([4, 2, 9, 1])],
])('after %s the connection is broken, and what came before it was heard', async (_, bytes) => {
  const { publisher, heard, ended } = await listening();
  await isSubscribed(publisher);
  publisher.raw(Buffer.concat([framed(jobEnd(5)), bytes()]));
  expect(await ended).toMatchObject({ code: 'UNREACHABLE', retryable: true });
  expect(heard).toEqual(['5']);
  await soon(() => publisher.subscribers.size).toBe(0);
});

test('pings of the publisher are answered with what they carry', async () => {
  const { publisher } = await listening();
  await isSubscribed(publisher);
  publisher.raw(Buffer.from('040a0450494e470000616263', 'hex'));
  await soon(() => Buffer.concat(publisher.heard).toString('hex')).toMatch(/040804504f4e47616263$/);
});

test('hearing ends at once when it is told to, also while nobody answers', async () => {
  const { ended, stop } = await listening((publisher) => {
    publisher.greeting = null;
  });
  stop.abort(new Error('enough'));
  expect(String(await ended)).toContain('enough');
});

test('a publisher where no lab is, is not asked', async () => {
  const { adapter, http } = openLava({ url: 'http://127.0.0.1:9/' }, { zmq: 'tcp://169.254.169.254:5500' });
  const ears = { onOpen: () => undefined, onFinished: () => undefined, onNoise: () => undefined };
  const asking = async () => adapter.listen(ears, new AbortController().signal);
  await expect(asking()).rejects.toMatchObject({ reason: 'FORBIDDEN_ADDRESS' });
  await http.close();
});
