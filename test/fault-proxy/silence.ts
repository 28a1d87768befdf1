/** A way to a server that can fall silent: what is sent is taken and never answered, as by a machine that is gone. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Way = {
  url: string;
  /** Connections that are open now, and those made until it speaks again, are never answered. */
  fallSilent(): void;
  speak(): void;
};

export async function wayTo(url: string): Promise<Way> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const mute = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    open.add(near);
    if (isSilent) mute.add(near);
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (bytes) => mute.has(near) || to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    };
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    fallSilent() {
      isSilent = true;
      for (const socket of open) mute.add(socket);
    },
    speak() {
      isSilent = false;
    },
  };
}
