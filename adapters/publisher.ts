/** A ZMQ publisher of a source, and the watch over it, as socket.ts does for a websocket. */
import type { Duplex } from 'node:stream';
import { buildConnector } from 'undici';
import { Silence } from './socket.ts';
import { createReader, greeting, NotZmtp, type Part, ping, pong, readyToSubscribe, subscription } from './zmtp.ts';

/** Of answers to its pings. */
const MOST_UNREAD = 64 * 1024;

export type PublisherOptions = {
  url: URL;
  connect: buildConnector.BuildOptions;
  /** Between two pings; after two without a byte the connection is given up. */
  pingMs: number;
  /** A longer message breaks the connection. */
  maxBytes: number;
  signal: AbortSignal;
  onOpen: () => void;
  onMessage: (frames: Buffer[]) => void;
};

/** Resolves when it was subscribed to and the connection is no more. @throws Silence, NotZmtp, why there was no connection, or the signal's reason. */
export async function holdSubscription(options: PublisherOptions): Promise<void> {
  const { url, signal, pingMs } = options;
  signal.throwIfAborted();
  const wire = await dial(url, options.connect, signal);
  const read = createReader(options.maxBytes);
  let isOpen = false;
  let heardAt = performance.now();
  let watch: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => undefined;

  const answer = (part: Part) => {
    if (part.kind === 'greeting') wire.write(readyToSubscribe());
    else if (part.kind === 'message') options.onMessage(part.frames);
    else if (part.name === 'PING') {
      if (wire.writableLength > MOST_UNREAD) throw new NotZmtp('it asks and does not read');
      wire.write(pong(part.data));
    } else if (part.name === 'ERROR')
      throw new NotZmtp(`it refuses: ${JSON.stringify(part.data.toString('utf8', 1, 200))}`);
    else if (part.name === 'READY' && !isOpen) {
      isOpen = true;
      wire.write(subscription());
      options.onOpen();
    }
  };
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      watch = setInterval(() => {
        if (performance.now() - heardAt > pingMs * 2) reject(new Silence(`no answer to a ping for ${pingMs / 500} s`));
        else if (isOpen) wire.write(ping());
      }, pingMs);
      wire.on('data', (chunk: Buffer) => {
        heardAt = performance.now();
        try {
          for (const part of read(chunk)) answer(part);
        } catch (cause) {
          wire.destroy();
          reject(cause);
        }
      });
      wire.on('error', reject);
      wire.on('close', () => (isOpen ? resolve() : reject(new NotZmtp('it hangs up'))));
      wire.write(greeting());
    });
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', onAbort);
    wire.destroy();
  }
}

/** A bare connection, made as every other to a source. */
function dial(url: URL, connect: buildConnector.BuildOptions, signal: AbortSignal): Promise<Duplex> {
  const { host, hostname, port } = url;
  const to = { host, hostname: hostname.replace(/^\[|\]$/g, ''), port, protocol: 'http:' };
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    buildConnector(connect)(to, (error, wire) => {
      signal.removeEventListener('abort', onAbort);
      if (!wire) reject(error);
      else if (signal.aborted) wire.destroy();
      else resolve(wire);
    });
  });
}
