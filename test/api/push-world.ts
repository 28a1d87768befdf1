/** Somebody who subscribed, a receiver on this machine, and a clock that is set by hand. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { createMailer } from '#adapters/mail.ts';
import { createWebhooks } from '#adapters/webhook.ts';
import { lookAtFeeds } from '#api/push-look.ts';
import { PushMessage } from '#api/push-message.ts';
import { type Sender, sendDue } from '#api/push-send.ts';
import { createVault } from '#store/vault.ts';
import { settings } from '../store/settings.ts';
import { submitOf } from './build-world.ts';
import { FROM, startServer } from './server.ts';
import { signedIn } from './signed-in.ts';

export const SECOND = 1_000_000;
export const DAY = 86_400 * SECOND;
const KEY = { key: Buffer.alloc(32, 7).toString('base64'), file: null };

export type Received = { headers: IncomingHttpHeaders; body: string };

/** Answers as it is told; 200 where it is told nothing. */
export async function startReceiver() {
  const received: Received[] = [];
  let answer = (response: ServerResponse, _n: number): unknown => response.end('ok');
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    ...{ host, received, url: `http://${host}/hook?token=mine` },
    answer(by: typeof answer) {
      answer = by;
    },
  };
}

export const messageIn = ({ body }: Received): PushMessage => PushMessage.parse(JSON.parse(body));

const SUBSCRIBE = `mutation ($input: SubscribeInput!) { subscribe(input: $input) {
  secret subscription { id receiver } userErrors { code field message } } }`;
type Subscribed = {
  subscribe: {
    secret: string | null;
    subscription: { id: string; receiver: string } | null;
    userErrors: { code: string; field: string | null; message: string }[];
  };
};
export type Log = {
  state: string;
  isTest: boolean;
  id: string;
  messageId: string;
  dueAt: string | null;
  tries: { status: number | null; text: string; at: string }[];
};
export type Told = {
  id: string;
  url: string | null;
  query: string;
  pausedAt: string | null;
  pauseReason: string | null;
  failingSince: string | null;
  deliveries: Log[];
};
const LIST = `{ viewer { feedSubscriptions { id url query pausedAt pauseReason failingSince
  deliveries { id messageId state isTest dueAt tries { at status text } } } } }`;

export async function pushWorld({ timeoutMs = 2_000, smtp }: { timeoutMs?: number; smtp?: string } = {}) {
  const receiver = await startReceiver();
  const clock = { now: submitOf(1) };
  const server = await startServer({
    sources: [settings('alpha'), settings('hidden', { visibility: 'RESTRICTED', teams: ['kernel'] })],
    now: () => clock.now,
    vault: KEY,
    privateHosts: [receiver.host],
    smtp,
  });
  const { writer, store } = server;
  const ann = await signedIn(writer.store);
  const as = { token: ann.session.secret };
  const mailer = smtp ? createMailer({ smtp, from: FROM, timeoutMs }) : null;
  const webhooks = createWebhooks({ privateHosts: [receiver.host], userAgent: 'Basalt/test', timeoutMs });
  const sender: Sender = {
    ...{ store, webhooks, mailer, vault: createVault(KEY), now: () => clock.now, random: () => 0.5 },
    open: async () => writer.store,
    vouchesFor: async () => false,
    patiently: (work) => work(),
  };
  const fail = (_: string, cause: unknown) => {
    throw cause;
  };
  const subscribe = async (input: object, who = as) =>
    (
      await server.data<Subscribed>(SUBSCRIBE, {
        ...who,
        variables: {
          input: {
            ...{ feed: 'BUILDS', query: 'project=mainline', url: receiver.url, origin: 'https://basalt.example' },
            ...input,
          },
        },
      })
    ).subscribe;
  return {
    ...{ ...server, ann, as, clock, receiver, sender, subscribe },
    look: () => lookAtFeeds(sender, fail),
    send: (signal = new AbortController().signal) => sendDue(sender, signal, fail),
    async list(who = as): Promise<Told[]> {
      const { viewer } = await server.data<{ viewer: { feedSubscriptions: Told[] } }>(LIST, who);
      return viewer.feedSubscriptions;
    },
    async change(name: string, id: string, who = as) {
      const data = await server.data<Record<string, { userErrors: { code: string; message: string }[] }>>(
        `mutation ($id: ID!) { ${name}(input: { id: $id }) { userErrors { code message } } }`,
        { ...who, variables: { id } },
      );
      return data[name]?.userErrors.map(({ code }) => code);
    },
  };
}
