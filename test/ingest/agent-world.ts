/** A master behind a firewall, its agent, and a Basalt that it pushes to: all real but the master and the clock. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Adapter } from '#adapters/adapter.ts';
import type { Inbox } from '#adapters/agent/inbox.ts';
import { createAgentAdapter } from '#adapters/agent/index.ts';
import { createPusher, type Pusher } from '#adapters/agent/push.ts';
import { buildApp } from '#api/app.ts';
import { answerQuestion } from '#ingest/agent/answer.ts';
import { readIntoSpool } from '#ingest/agent/read.ts';
import { sendOnce } from '#ingest/agent/send.ts';
import { inboxIn } from '#ingest/inbox.ts';
import { syncSource } from '#ingest/sync.ts';
import type { Viewer } from '#schema/viewer.ts';
import { openStore } from '#store/open.ts';
import { getSource, type SourceRow, statusOf } from '#store/source.ts';
import { openSpool, type Spool } from '#store/spool.ts';
import { forgetBookmark } from '#store/write-source.ts';
import type { Writer } from '#store/writer.ts';
import { startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { temporaryFolder, temporaryPlace, temporaryWriter } from '../store/temporary.ts';

export const KEY = 'a-key-that-a-machine-has-made';
const EVERYTHING: Viewer = { kind: 'everything' };
export const silent = pino({ level: 'silent' });

export type Clock = { at: number };

/** Basalt: the door, the store behind it, and whoever reads what has come in. */
export async function agentsBasalt(clock: Clock) {
  const place = await temporaryPlace();
  const writer = await temporaryWriter(['lab'], place);
  const store = await openStore({ ...place, mode: 'write', patienceMs: 2_000, isDurable: true });
  onTestFinished(() => store.close());
  const news: string[] = [];
  const app = await buildApp({
    store,
    access: [],
    events: { on: () => undefined },
    logger: silent,
    version: 'test',
    startedAt: 0,
    now: () => clock.at,
    agents: { keys: new Map([['lab', KEY]]), open: async () => store, onNews: (slug) => news.push(slug) },
  });
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/`;
  onTestFinished(() => app.close());
  const inbox = inboxIn(writer)('lab');
  const adapter = createAgentAdapter('lab', inbox);
  const syncBy = (by: Adapter, through: Writer = writer) =>
    syncSource(
      {
        ...{ writer: through, adapter: by, slug: 'lab', now: () => clock.at, log: silent, onFinished: () => undefined },
        signal: new AbortController().signal,
        refresh: { probe: true, fleet: true },
      },
      'SCHEDULE',
    );
  return {
    place,
    writer,
    store,
    url,
    news,
    adapter,
    sync: () => syncBy(adapter),
    /** As a process that ends when the store or the inbox is asked once more than so many times. */
    syncUntil(looks: number) {
      let left = looks;
      const count = () => {
        left -= 1;
        if (left < 0) throw new Error('crashed');
      };
      const breaking: Inbox = {
        ...inbox,
        async after(place) {
          count();
          // One at a time, so that it breaks off in the middle of what belongs together.
          return (await inbox.after(place)).slice(0, 1);
        },
        async forget(place) {
          count();
          await inbox.forget(place);
        },
      };
      const transaction: Writer['transaction'] = async (body, options) => {
        count();
        return writer.transaction(body, options);
      };
      return syncBy(createAgentAdapter('lab', breaking), { ...writer, transaction }).catch(() => null);
    },
    /** The history once more, as a person asks for it. */
    forget: () => forgetBookmark(writer, 'lab'),
    async source(): Promise<SourceRow> {
      const row = await getSource(writer.store, EVERYTHING, 'lab');
      if (!row) throw new Error('no source');
      return row;
    },
    async status() {
      return statusOf(await this.source(), clock.at);
    },
    async storedIds() {
      const rows = await writer.store.sql.all<{ id: string }>('SELECT external_id AS id FROM job ORDER BY number');
      return rows.map(({ id }) => Number(id));
    },
    async waiting() {
      const row = await writer.store.sql.get<{ n: number }>('SELECT count(*) AS n FROM inbox');
      return row?.n ?? 0;
    },
  };
}

export type AgentsBasalt = Awaited<ReturnType<typeof agentsBasalt>>;

export type AgentOptions = { url: string; path?: string; limitBytes?: number; settleSeconds?: number };

/** The lab's side. What it pushes to may be changed. */
export async function agentsLab(clock: Clock, options: AgentOptions) {
  const master = await startMaster();
  const { adapter, http } = openLava(master, { settleSeconds: options.settleSeconds ?? 0, newest: 10 });
  const path = options.path ?? join(temporaryFolder(), 'spool.db');
  let spool: Spool = openSpool(path, options.limitBytes ?? 50_000_000);
  let pusher: Pusher = pusherTo(options.url);
  onTestFinished(async () => {
    spool.close();
    await Promise.all([http.close(), pusher.close(), master.close()]);
  });
  const signal = new AbortController().signal;
  return {
    master,
    adapter,
    path,
    spool: () => spool,
    /** As a process that was killed, and another that begins. */
    restart() {
      spool.close();
      spool = openSpool(path, options.limitBytes ?? 50_000_000);
    },
    async pushTo(url: string) {
      await pusher.close();
      pusher = pusherTo(url);
    },
    read: (refresh = true, only: readonly string[] | null = null) =>
      readIntoSpool(
        {
          ...{ adapter, spool, now: () => clock.at, signal, log: silent, onAdded: () => undefined },
          refresh: { probe: refresh, fleet: refresh },
        },
        only,
      ),
    send: (through: Pick<Pusher, 'push'> = pusher) =>
      sendOnce({ spool, pusher: through, now: () => clock.at, signal, log: silent }),
    /** Until nothing waits any more. */
    async sendAll() {
      for (;;) {
        const sent = await this.send();
        if (sent.state !== 'sent' || spool.waiting().entries === 0) return sent;
      }
    },
    pusher: () => pusher,
    /** Calls again and again, and answers what it is asked, until what is given back is called. */
    keepCalling() {
      const stop = new AbortController();
      const deps = { adapter, spool, pusher, now: () => clock.at, signal };
      const calling = (async () => {
        while (!stop.signal.aborted) {
          const { questions } = await this.send();
          for (const question of questions) await answerQuestion(deps, question);
          await wait(5);
        }
      })();
      return async () => {
        stop.abort();
        await calling;
      };
    },
  };
}

export type AgentsLab = Awaited<ReturnType<typeof agentsLab>>;

function pusherTo(url: string): Pusher {
  return createPusher({ slug: 'lab', url, key: KEY, caPem: null, userAgent: 'Basalt-agent/test', timeoutMs: 5_000 });
}
