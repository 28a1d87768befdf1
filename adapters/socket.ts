/** A websocket of a source, and the watch over it: one that is silent between pings is dead, whatever TCP says. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Duplex } from 'node:stream';
import { Agent, buildConnector, ping, WebSocket } from 'undici';

export type SocketOptions = {
  url: URL;
  headers: Record<string, string>;
  connect: buildConnector.BuildOptions;
  /** Between two pings; after two without an answer the socket is given up. */
  pingMs: number;
  /** A longer message breaks the connection. */
  maxBytes: number;
  signal: AbortSignal;
  onOpen: () => void;
  onText: (text: string) => void;
};

/** Nothing came for two pings. */
export class Silence extends Error {
  override name = 'Silence';
}

/** There is something at the address, but no websocket. */
export class NoSocket extends Error {
  override name = 'NoSocket';
}

const PONG = 'undici:websocket:pong';

/** Resolves when the socket has been open and is no more. @throws Silence, NoSocket, why nothing was opened, or the signal's reason. */
export async function holdSocket(options: SocketOptions): Promise<void> {
  const { url, signal, pingMs } = options;
  signal.throwIfAborted();
  const connector = buildConnector({ ...options.connect, allowH2: false });
  const connection: { error: Error | null; wire: Duplex | null } = { error: null, wire: null };
  const agent = new Agent({
    headersTimeout: pingMs * 2,
    webSocket: { maxPayloadSize: options.maxBytes },
    connect(to, done) {
      connector(to, (...made) => {
        [connection.error, connection.wire] = made;
        done(...made);
      });
    },
  });
  const socket = new WebSocket(url, { dispatcher: agent, headers: options.headers });
  let wasOpen = false;
  let heardAt = performance.now();
  const hear = () => {
    heardAt = performance.now();
  };
  const onPong = (message: unknown) => {
    if (message !== null && typeof message === 'object' && 'websocket' in message && message.websocket === socket)
      hear();
  };
  subscribe(PONG, onPong);
  let watch: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      watch = setInterval(() => {
        if (performance.now() - heardAt > pingMs * 2) reject(new Silence(`no answer to a ping for ${pingMs / 500} s`));
        else ping(socket);
      }, pingMs);
      socket.addEventListener('open', () => {
        hear();
        wasOpen = true;
        options.onOpen();
      });
      socket.addEventListener('message', ({ data }) => {
        hear();
        if (typeof data === 'string') options.onText(data);
      });
      socket.addEventListener('error', ({ error, message }) => {
        if (!wasOpen) reject(connection.error ?? new NoSocket(message, { cause: error }));
      });
      socket.addEventListener('close', () => resolve());
    });
  } finally {
    clearInterval(watch);
    unsubscribe(PONG, onPong);
    signal.removeEventListener('abort', onAbort);
    // A handshake of closing would wait for an answer of the dead.
    connection.wire?.destroy();
    await agent.destroy();
  }
}
