/** Looks at the feeds that people subscribed to, and sends what is due, as long as Basalt serves. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { lookAtFeeds } from '#api/push-look.ts';
import { type Sender, sendDue } from '#api/push-send.ts';
import type { SourceDesk } from '#api/source-desk.ts';
import { StoreUnavailable } from '#store/error.ts';
import type { Store } from '#store/store.ts';

const ROUND_MS = 3_000;
const LOOK_MS = 60_000;
const AGAIN_MS = 200;
/** Shorter than a claim. */
const PATIENCE_MS = 60_000;

/** Resolves when the signal came and what was being sent has ended. */
export async function keepPushing(
  store: Store,
  {
    openImpatiently: open,
    vault,
    webhooks,
    mailer,
  }: Pick<SourceDesk, 'openImpatiently' | 'vault' | 'webhooks' | 'mailer'>,
  log: Logger,
  signal: AbortSignal,
  vouchesFor: Sender['vouchesFor'],
): Promise<void> {
  const sender: Sender = {
    store,
    open,
    vault,
    webhooks,
    mailer,
    vouchesFor,
    patiently,
    now: () => Date.now() * 1000,
    random: Math.random,
  };
  const problem = (what: string, words: string) => (id: string, err: unknown) => log.error({ err, [what]: id }, words);
  let lookAt = performance.now();
  while (!signal.aborted) {
    try {
      if (performance.now() >= lookAt) {
        lookAt = performance.now() + LOOK_MS;
        await lookAtFeeds(sender, problem('subscription', 'a feed that is pushed could not be looked at'));
      }
      await sendDue(sender, signal, problem('message', 'what came of a message could not be written'));
    } catch (err) {
      // Somebody else writes: nothing is lost, it is due at the next round.
      if (!(err instanceof StoreUnavailable)) log.error({ err }, 'messages could not be sent');
    }
    await wait(ROUND_MS, null, { signal }).catch(() => null);
  }
}

/** Again and again while somebody else writes: a file's writer would hold up every page if it waited itself. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof StoreUnavailable) || performance.now() > until) throw cause;
      await wait(AGAIN_MS);
    }
  }
}
