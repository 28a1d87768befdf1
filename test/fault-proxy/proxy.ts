/**
 * A way to a master that does harm to its answers. With nothing switched on it passes requests and websockets through and
 * counts them.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { HARM_NAMES, HARMS, type HarmName, isLie } from './harm.ts';
import type { Random } from './random.ts';

export type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer };

/** Does harm to what the master answered. */
type Spoil = (response: ServerResponse, good: Answer, waitMs: number) => Promise<unknown> | unknown;

const SPOILS = {
  'a late answer': async (response, good, waitMs) => {
    await sleep(waitMs);
    pass(response, good);
  },
  'a connection that breaks in the middle': (response, good) => {
    response.writeHead(good.status, { ...framed(good), 'content-length': String(good.body.length) });
    response.write(good.body.subarray(0, Math.floor(good.body.length / 2)), () => response.socket?.destroy());
  },
  'a slow drip': async (response, good, waitMs) => {
    response.writeHead(good.status, { ...framed(good), 'content-length': String(good.body.length) });
    const parts = 10;
    for (let i = 0; i < parts && !response.destroyed; i++) {
      const [from, to] = [i, i + 1].map((n) => Math.floor((n * good.body.length) / parts));
      response.write(good.body.subarray(from, to));
      await sleep(waitMs / parts);
    }
    response.end();
  },
  'a length that is too long': (response, good) => {
    response.writeHead(good.status, { ...framed(good), 'content-length': String(good.body.length + 1000) });
    response.write(good.body, () => response.socket?.end());
  },
  'a length that is too short': (response, good) => {
    const body = good.body.subarray(0, Math.floor(good.body.length * 0.9));
    response.writeHead(good.status, { ...framed(good), 'content-length': String(body.length) }).end(body);
  },
} satisfies Record<string, Spoil>;
type SpoilName = keyof typeof SPOILS;
const SPOIL_NAMES = Object.keys(SPOILS) as SpoilName[];

export type FaultName = HarmName | SpoilName | 'HTTP 429, come back later' | 'a black hole';
export const FAULT_NAMES: readonly FaultName[] = [
  ...HARM_NAMES,
  ...SPOIL_NAMES,
  'HTTP 429, come back later',
  'a black hole',
];

export type FaultProxy = {
  /** Of the master, this way. */
  url: string;
  /** Harms this share of the answers from now on; null: none. What is held back is let go. */
  switchTo(fault: FaultName | null, share?: number): void;
  /** Requests that came, and those that were harmed. */
  counts(): { requests: number; harmed: number };
  /** Told of each request. */
  onRequest: ((method: string, path: string) => void) | null;
  close(): Promise<void>;
};

/** `longestMs`: of answers that are late or drip, and about so long after a 429 the master wants to be asked again. */
export async function standBefore(
  master: string,
  random: Random,
  { longestMs = 3_000, sockets = master }: { longestMs?: number /** Where websockets go. */; sockets?: string } = {},
): Promise<FaultProxy> {
  const { hostname, port } = new URL(master);
  let fault: FaultName | null = null;
  let share = 1;
  const counted = { requests: 0, harmed: 0 };
  const open = new Set<Socket>();
  const held = new Set<ServerResponse>();

  const server = createServer(async (incoming, response) => {
    counted.requests += 1;
    response.on('error', () => undefined);
    const path = incoming.url ?? '/';
    proxy.onRequest?.(incoming.method ?? 'GET', path);
    const now = fault !== null && random() < share && !isLieOf(fault, path) ? fault : null;
    if (now) counted.harmed += 1;
    if (now === 'a black hole') return held.add(response);
    if (now === 'HTTP 429, come back later')
      return response.writeHead(429, { 'retry-after': String(Math.round(longestMs / 2_000)) }).end();
    if (now && isHarm(now)) return HARMS[now](response, { path });
    try {
      const good = await ask(incoming, hostname, port);
      if (now) await SPOILS[now](response, good, longestMs * (0.1 + 0.9 * random()));
      else pass(response, good);
    } catch {
      response.destroy();
    }
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, near: Socket, head: Buffer) => {
    counted.requests += 1;
    near.on('error', () => undefined);
    if (fault !== null && random() < share) {
      counted.harmed += 1;
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(new URL(sockets).port), hostname);
    open.add(far);
    const lines = incoming.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []));
    far.write([`GET ${incoming.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    far.write(head);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
    far.on('close', () => open.delete(far));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(master);
  own.port = String((server.address() as AddressInfo).port);

  const letGo = () => {
    for (const response of held) response.destroy();
    held.clear();
  };
  const proxy: FaultProxy = {
    url: own.href,
    switchTo(name, of = 1) {
      letGo();
      fault = name;
      share = of;
    },
    counts: () => ({ ...counted }),
    onRequest: null,
    close() {
      letGo();
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

function isHarm(fault: FaultName): fault is HarmName {
  return fault in HARMS;
}

/** What no reader can tell from the truth: a log may be any text, of any length. */
function isLieOf(fault: FaultName, url: string): boolean {
  const [path = ''] = url.split('?');
  return fault === 'a length that is too short' ? path.endsWith('/logs/') : isHarm(fault) && isLie(fault, path);
}

async function ask(incoming: IncomingMessage, hostname: string, port: string): Promise<Answer> {
  const body = await buffer(incoming);
  return new Promise((resolve, reject) => {
    const { method, url, headers } = incoming;
    const out = request({ hostname, port, method, path: url, headers, agent: false }, async (answer) => {
      try {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) });
      } catch (cause) {
        reject(cause);
      }
    });
    out.on('error', reject);
    out.end(body);
  });
}

/** Without what belongs to the master's own connection. */
function framed({ headers }: Answer): Record<string, string | string[]> {
  const { 'transfer-encoding': _, connection: __, 'content-length': ___, 'keep-alive': ____, ...rest } = headers;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function pass(response: ServerResponse, good: Answer): void {
  const { 'content-length': length } = good.headers;
  response.writeHead(good.status, { ...framed(good), ...(length && { 'content-length': length }) }).end(good.body);
}
