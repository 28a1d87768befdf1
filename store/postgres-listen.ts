/** One connection of its own that hears what is announced, made again whenever it is lost. */
import { setTimeout as wait } from 'node:timers/promises';
import pg, { type Client } from 'pg';

export const CHANNEL = 'basalt';
const CONNECT_MS = 5_000;
const ALIVE_MS = 5_000;
const RECONNECT_MS = 1_000;
/** A connection that died without a word is found out by asking. */
const CHECK_MS = 5_000;

/** Hears the channel until the returned function is called; a connection that is lost is made again. */
export function listen(
  url: string,
  hear: (payload: string, client: Client) => void | Promise<void>,
): () => Promise<void> {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const client = new pg.Client({
        connectionString: url,
        application_name: 'basalt listen',
        connectionTimeoutMillis: CONNECT_MS,
        query_timeout: ALIVE_MS,
      });
      const gone = new AbortController();
      client.on('error', () => gone.abort());
      client.on('end', () => gone.abort());
      const signal = AbortSignal.any([stopping.signal, gone.signal]);
      client.on('notification', ({ payload }) => {
        // A server that goes away meanwhile takes the event with it, as it does those that come then.
        Promise.resolve(hear(payload ?? '', client)).catch(() => undefined);
      });
      try {
        await client.connect();
        await client.query(`LISTEN ${CHANNEL}`);
        while (!signal.aborted) {
          await wait(CHECK_MS, null, { signal }).catch(() => null);
          if (!signal.aborted) await client.query('SELECT 1');
        }
      } catch {
        // tried again below
      }
      await Promise.race([client.end().catch(() => undefined), wait(RECONNECT_MS, null, { ref: false })]);
      await wait(RECONNECT_MS, null, { signal: stopping.signal }).catch(() => null);
    }
  })();
  return () => {
    stopping.abort();
    return running;
  };
}
