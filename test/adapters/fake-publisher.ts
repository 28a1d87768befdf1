/** A publisher as libzmq 4.3.5 is one to a subscriber, with the habits of those that are ill. */
import { createServer, type Socket } from 'node:net';

export type FakePublisher = {
  /** "tcp://127.0.0.1:port" */
  address: string;
  /** Whoever has subscribed now. */
  subscribers: Set<Socket>;
  /** How often somebody came. */
  came: number;
  /** Bytes of what subscribers sent, in order. */
  heard: Buffer[];
  /** Instead of a greeting; null: nothing is said at all. */
  greeting: Buffer | null;
  answersPings: boolean;
  /** A message of parts to every subscriber; `raw` bytes as they are. */
  publish(parts: readonly string[]): void;
  raw(bytes: Buffer): void;
  close(): Promise<void>;
};

const GREETING = Buffer.concat([
  Buffer.from('ff00000000000000017f03014e554c4c', 'hex'),
  Buffer.alloc(48),
  Buffer.from('0419055245414459', 'hex'),
  Buffer.from('\x0bSocket-Type\0\0\0\x03PUB'),
]);
const SUBSCRIPTION = '000101';
const PING = '04070450494e47';
const PONG = Buffer.from('040504504f4e47', 'hex');

/** One event, as masters cut it into parts; `data` is what is told. */
export const parts = (topic: string, data: unknown): string[] => [
  topic,
  '00000000-e78a-11f1-a73c-000000000000',
  '2026-11-23T22:06:49.964664',
  'ci',
  JSON.stringify(data),
];
export const jobEnd = (job: number): string[] => parts('org.lavalab.testjob', { job, state: 'Finished' });

export function framed(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text, i) => {
      const body = Buffer.from(text);
      const more = i < texts.length - 1 ? 1 : 0;
      if (body.length < 256) return [Buffer.from([more, body.length]), body];
      const header = Buffer.alloc(9);
      header[0] = more | 2;
      header.writeBigUInt64BE(BigInt(body.length), 1);
      return [header, body];
    }),
  );
}

export async function startPublisher(): Promise<FakePublisher> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    publisher.came += 1;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      publisher.subscribers.delete(socket);
    });
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      publisher.heard.push(bytes);
      const hex = bytes.toString('hex');
      if (hex.endsWith(SUBSCRIPTION)) publisher.subscribers.add(socket);
      if (hex.startsWith(PING) && publisher.answersPings) socket.write(PONG);
    });
    if (publisher.greeting) socket.write(publisher.greeting);
  });
  const publisher: FakePublisher = {
    address: '',
    subscribers: new Set(),
    came: 0,
    heard: [],
    greeting: GREETING,
    answersPings: true,
    publish: (texts) => publisher.raw(framed(texts)),
    raw(bytes) {
      for (const socket of publisher.subscribers) socket.write(bytes);
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  publisher.address = `tcp://127.0.0.1:${address.port}`;
  return publisher;
}
