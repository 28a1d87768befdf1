/** Sends what is due, as its owner sees it now, and says what came of it. */
import type { DeliveryTry } from '#schema/push.ts';
import { personOf } from '#store/account.ts';
import { type Claimed, claimDue, finishDelivery, type Outcome } from '#store/delivery.ts';
import { type SubscriptionRow, secretPlace } from '#store/feed-subscription.ts';
import { mailAddressOf } from '#store/mail-address.ts';
import { NoKey, type Vault } from '#store/vault.ts';
import type { Entry } from './feed-format.ts';
import type { Mailer } from './mailer.ts';
import { entryKey, type Push, readFeed } from './push-look.ts';
import { mailOf, unsubscribeUrl } from './push-mail.ts';
import { bodyOf, signed } from './push-message.ts';
import type { Posted, Webhooks } from './webhook.ts';

export type Sender = Push & {
  /** Does what has to be written, again while somebody else who writes is in its way. */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  vault: Vault;
  webhooks: Pick<Webhooks, 'post'>;
  mailer: Mailer | null;
  /** Whether the provider by whom the account signs in says so still. */
  vouchesFor(accountId: number): Promise<boolean>;
  /** 0 to 1. */
  random: () => number;
};

const SECOND = 1_000_000;
/** After each try that failed, seconds: nine tries within a day. */
export const PAUSES = [5, 60, 300, 1_800, 7_200, 18_000, 28_800, 28_800] as const;
const JITTER = 0.2;
/** A receiver that took nothing for so long when a message is given up is sent no more. */
export const PATIENCE = 3 * 86_400 * SECOND;
/** More than a message tells: what was news then may lie further down by now. */
const FURTHER = 100;
const MOST_READ = 500;
const GONE = 410;
/** What a mail server says for good; from 400 on it may take it later. */
const REFUSED = 500;

/** Gives how many it tried. */
export async function sendDue(
  sender: Sender,
  signal: AbortSignal,
  onProblem: (id: string, cause: unknown) => void,
): Promise<number> {
  const store = await sender.open();
  const due = await claimDue(store, sender.now());
  await Promise.all(
    due.map(async (claimed) => {
      try {
        const outcome = await send(sender, claimed, signal);
        // Not known whether it arrived: it is due again when the claim ends.
        if (outcome === null) return;
        await sender.patiently(() => finishDelivery(store, claimed, outcome, sender.now()));
      } catch (cause) {
        onProblem(claimed.id, cause);
      }
    }),
  );
  return due.length;
}

const DROPPED: Outcome = { state: 'dropped', dueAt: null, made: null, pause: null };

async function send(sender: Sender, claimed: Claimed, signal: AbortSignal): Promise<Outcome | null> {
  const { store, now } = sender;
  const { id, to, isTest, isWhole } = claimed;
  // Whoever had it before said nothing of it: it is not to be the end of everybody who takes it.
  if (claimed.tryCount > PAUSES.length + 1) return { ...DROPPED, state: 'failed' };
  const isVouched = (await personOf(store, to.accountId))?.isVouched && (await sender.vouchesFor(to.accountId));
  // What he said of it just now is written.
  const owner = await personOf(await sender.open(), to.accountId);
  if (!owner) return { ...DROPPED, pause: 'account' };
  if (owner.isVouched && !isVouched)
    return failed(sender, claimed, notSent('Its owner is not vouched for: sign in once more.'), now());
  const wanted = new Set(claimed.entries);
  const most = Math.min(MOST_READ, wanted.size + FURTHER);
  const read: Entry[] = isTest ? [] : await readFeed(sender, owner, to, most);
  const entries = read.filter((entry) => wanted.has(entryKey(entry)));
  // Newer ones may have pushed them down.
  const isCut = read.length >= most && entries.length < wanted.size;
  if (!isTest && entries.length === 0 && !isCut) return DROPPED;
  const at = now();
  const message = { isTest, isWhole: isWhole && !isCut, entries };
  const posted =
    to.url === null || claimed.secret === null
      ? await mail(sender, claimed, message)
      : await post(sender, { id, url: to.url, secret: claimed.secret, to }, message, { at, signal });
  if (signal.aborted && posted.status === null) return null;
  if (posted.status !== null && posted.status >= 200 && posted.status < 300)
    return { state: 'delivered', dueAt: null, made: tryOf(posted, at), pause: null };
  return failed(sender, claimed, posted, at);
}

type Message = { isTest: boolean; isWhole: boolean; entries: readonly Entry[] };

const notSent = (text: string): Posted => ({ status: null, text, tookMs: 0 });

async function post(
  { vault, webhooks }: Sender,
  { id, url, secret: sealed, to }: { id: string; url: string; secret: Uint8Array; to: SubscriptionRow },
  message: Message,
  { at, signal }: { at: number; signal: AbortSignal },
): Promise<Posted> {
  let secret: string;
  try {
    secret = vault.open(sealed, secretPlace({ key: to.key, url }));
  } catch (cause) {
    if (!(cause instanceof NoKey)) throw cause;
    return notSent('Its secret was sealed with another key: put the old key back, or subscribe anew.');
  }
  const body = bodyOf(to, message, at);
  const headers = { 'content-type': 'application/json', ...signed(secret, { id, body }, at) };
  return webhooks.post({ url, headers, body }, signal);
}

async function mail({ store, vault, mailer }: Sender, { id, to }: Claimed, message: Message): Promise<Posted> {
  const address = await mailAddressOf(store, to.accountId);
  if (!mailer) return notSent('No mail leaves here any more: "mail" is not in the configuration.');
  if (address === null) return notSent('The account has no address any more: an admin gives it one.');
  let unsubscribe: string;
  try {
    unsubscribe = unsubscribeUrl(vault, to);
  } catch (cause) {
    if (!(cause instanceof NoKey)) throw cause;
    return notSent('The link that ends the subscription is sealed, and there is no key: see BASALT_SECRET_KEY.');
  }
  return mailer.send({ to: address, id, unsubscribe, ...mailOf(to, message, unsubscribe) });
}

const tryOf = ({ status, text, tookMs }: Posted, at: number): DeliveryTry => ({ at, tookMs, status, text });

function failed({ now, random }: Sender, { tryCount, to }: Claimed, posted: Posted, at: number): Outcome {
  const made = tryOf(posted, at);
  const isRefused = to.url === null && posted.status !== null && posted.status >= REFUSED;
  const isOver = to.failingSince !== null && now() - to.failingSince >= PATIENCE;
  if (isRefused) return { state: 'failed', dueAt: null, made, pause: isOver ? 'failing' : null };
  if (posted.status === GONE) return { state: 'failed', dueAt: null, made, pause: 'gone' };
  const pause = PAUSES[tryCount - 1];
  if (pause === undefined) return { state: 'failed', dueAt: null, made, pause: isOver ? 'failing' : null };
  const jittered = pause * (1 - JITTER + 2 * JITTER * random());
  return { state: 'waiting', dueAt: now() + Math.round(jittered * SECOND), made, pause: null };
}
