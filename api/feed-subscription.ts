/** Feeds that are pushed: who subscribed to what, and what was sent. */
import { z } from 'zod';
import { FEED_NAMES, type FeedName } from '#schema/push.ts';
import { isTimeZone } from '#schema/source-settings.ts';
import { type AccountRow, getAccount } from '#store/account.ts';
import { addTest, type DeliveryRow, redeliver } from '#store/delivery.ts';
import { InvalidInput } from '#store/error.ts';
import {
  addSubscription,
  deleteSubscription,
  getSubscription,
  isOwnSubscription,
  type KnownEntry,
  listOwnSubscriptions,
  listSubscriptions,
  pauseSubscription,
  resumeSubscription,
  type SubscriptionRow,
  secretPlace,
  subscriptionKey,
} from '#store/feed-subscription.ts';
import { mailAddressOf, setMailAddress } from '#store/mail-address.ts';
import type { Vault } from '#store/vault.ts';
import { accessAdminOf, ownAccountOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { MAX_TEXT } from './limits.ts';
import { fromNodeId, type NodeKind, toNodeId } from './node-id.ts';
import { entriesNow } from './push-look.ts';
import { newKey, newMessageId, newPushSecret, nodeIdOf } from './push-message.ts';
import { check } from './source-input.ts';
import type { Webhooks } from './webhook.ts';

export type FeedSubscriptionList = Connection<SubscriptionRow, number>;

const upper = <Name extends string>(name: Name) => name.toUpperCase() as Uppercase<Name>;
const feedOf = (name: Uppercase<FeedName>): FeedName => {
  const found = FEED_NAMES.find((one) => upper(one) === name);
  if (!found) throw new Error(`${name} is no feed`);
  return found;
};

const Input = z.object({
  feed: z.enum(FEED_NAMES.map(upper)),
  query: z.string().max(MAX_TEXT, 'This filter is too long.'),
  via: z.enum(['WEBHOOK', 'MAIL']),
  daily: z
    .object({
      hour: z.int().min(0, 'Hours are 0 to 23.').max(23, 'Hours are 0 to 23.'),
      zone: z.string().refine(isTimeZone, 'This is no time zone: write one as Europe/Berlin.'),
    })
    .nullish(),
  url: z.string().max(MAX_TEXT, 'This address is too long.').nullish(),
  origin: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'Write http:// or https:// and a host.',
    )
    .transform((text) => new URL(text).origin)
    .nullish(),
});

const keyIn = (id: string, kind: NodeKind): string => {
  const parsed = fromNodeId(id);
  return parsed?.kind === kind ? String(parsed.key[0]) : '';
};

/** The same filter is written in one way. */
function canonical(query: string): string {
  const params = new URLSearchParams(query);
  params.sort();
  return params.toString();
}

async function subscribed(context: Context, input: unknown) {
  const { viewer } = context;
  const { done, userErrors } = await attempt(
    context,
    ownAccountOf,
    async ({ store: writer, desk, at }) => {
      const parsed = check(Input, input);
      if (!parsed.ok) return parsed.userErrors;
      const { via, origin = null } = parsed.value;
      const problem =
        via === 'MAIL' ? await mailProblem(context, origin) : webhookProblem(desk.webhooks, parsed.value.url ?? '');
      if (problem) return [problem];
      const of = { feed: feedOf(parsed.value.feed), query: canonical(parsed.value.query) };
      const known = await read(context, of);
      if ('refused' in known) return known.refused;
      const key = newKey();
      const target = via === 'MAIL' ? BY_MAIL : targetOf(desk.vault, key, parsed.value.url ?? '');
      const { secret, ...stored } = target;
      const { hour = null, zone = null } = parsed.value.daily ?? {};
      const fresh = { ...of, ...stored, dailyHour: hour, zone, key, origin: origin ?? null, known: known.entries };
      return { secret, subscription: await addSubscription(writer, viewer, fresh, at) };
    },
    'url',
  );
  return { secret: done?.secret ?? null, subscription: done?.subscription ?? null, userErrors };
}

const BY_MAIL = { url: null, secret: null, sealed: null };

function targetOf(vault: Pick<Vault, 'seal'>, key: string, address: string) {
  const url = new URL(address).href;
  const secret = newPushSecret();
  return { url, secret, sealed: vault.seal(secret, secretPlace({ key, url })) };
}

function webhookProblem(webhooks: Webhooks, url: string) {
  const problem = webhooks.problemOf(url);
  return problem && errorOf('INVALID', problem, 'url');
}

async function mailProblem({ store, viewer, desk }: Context, origin: string | null | undefined) {
  const { accountId } = ownAccountOf(viewer);
  if (!desk?.mailer) return errorOf('CONFLICT', 'No mail leaves here: the operator has to name a mail server.', 'via');
  if ((await mailAddressOf(store, accountId)) === null)
    return errorOf('CONFLICT', 'Your account has no address of mail: an admin gives it one.', 'via');
  return origin == null ? errorOf('INVALID', 'A mail needs to say where this Basalt is.', 'origin') : null;
}

/** What the feed holds; a filter that is none of the feed's is refused in its own words. */
async function read(
  context: Pick<Context, 'store' | 'now' | 'viewer'>,
  of: { feed: FeedName; query: string },
): Promise<{ entries: KnownEntry[] } | { refused: Refusal }> {
  try {
    return { entries: await entriesNow(context, context.viewer, of) };
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    return { refused: [errorOf('INVALID', cause.message, 'query')] };
  }
}

async function changed(
  context: Context,
  id: string,
  work: (key: string, change: Change) => Promise<SubscriptionRow | Refusal>,
) {
  const key = keyIn(id, 'FeedSubscription');
  const { done, userErrors } = await attempt<SubscriptionRow>(
    context,
    ownAccountOf,
    (change) => work(key, change),
    'id',
  );
  return { subscription: done, userErrors };
}

async function resumed(context: Context, key: string, { store: writer, at }: Change) {
  const row = await getSubscription(context.store, context.viewer, key);
  const known = row && row.pausedAt !== null ? await read(context, row) : { entries: [] };
  if ('refused' in known) return known.refused;
  return resumeSubscription(writer, context.viewer, { key, known: known.entries }, at);
}

async function sent(context: Context, work: (change: Change) => Promise<DeliveryRow>) {
  const { done, userErrors } = await attempt<DeliveryRow>(context, ownAccountOf, work, 'id');
  return { delivery: done, userErrors };
}

const keyOf = (row: SubscriptionRow) => [subscriptionKey(row)];

/** No quotes, comments or lists of addresses. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;
const AddressInput = z.object({
  login: z.string(),
  address: z.string().regex(ADDRESS, 'This is no address of mail: write NAME@HOST.').nullish(),
});

async function addressed(context: Context, input: unknown) {
  const { viewer } = context;
  const { done, userErrors } = await attempt<AccountRow>(
    context,
    accessAdminOf,
    async ({ store, at }) => {
      const parsed = check(AddressInput, input);
      if (!parsed.ok) return parsed.userErrors;
      const { login, address = null } = parsed.value;
      await setMailAddress(store, viewer, { login, address }, at);
      const account = await getAccount(store, viewer, login);
      if (!account) throw new Error(`the account ${login} is gone`);
      return account;
    },
    'login',
  );
  return { account: done, userErrors };
}

export const feedSubscription: Pick<
  Resolvers,
  'Query' | 'Mutation' | 'Viewer' | 'Account' | 'FeedSubscription' | 'FeedSubscriptionConnection' | 'Delivery'
> = {
  Query: {
    async feedSubscriptions(_, args, { store, viewer }) {
      const found = await listSubscriptions(store, viewer, readPage(args, ['text']));
      return found && toConnection(found, keyOf, {}, async () => found.count);
    },
    feedSubscription: (_, { id }, { store, viewer }) => getSubscription(store, viewer, keyIn(id, 'FeedSubscription')),
  },
  Mutation: {
    subscribe: (_, { input }, context) => subscribed(context, input),
    pauseSubscription: (_, { input }, context) =>
      changed(context, input.id, (key, { store, at }) => pauseSubscription(store, context.viewer, key, at)),
    resumeSubscription: (_, { input }, context) =>
      changed(context, input.id, (key, change) => resumed(context, key, change)),
    async deleteSubscription(_, { input }, context) {
      const { userErrors } = await attempt<true>(
        context,
        ownAccountOf,
        async ({ store, at }) => {
          await deleteSubscription(store, context.viewer, keyIn(input.id, 'FeedSubscription'), at);
          return true;
        },
        'id',
      );
      return { userErrors };
    },
    sendTest: (_, { input }, context) =>
      sent(context, ({ store, at }) =>
        addTest(store, context.viewer, { key: keyIn(input.id, 'FeedSubscription'), id: newMessageId() }, at),
      ),
    setMailAddress: (_, { input }, context) => addressed(context, input),
    redeliver: (_, { input }, context) =>
      sent(context, ({ store, at }) => redeliver(store, context.viewer, keyIn(input.id, 'Delivery'), at)),
  },
  Viewer: {
    feedSubscriptions: (_, __, { store, viewer }) => listOwnSubscriptions(store, viewer),
  },
  Account: { mail: async ({ id }, _, { loaders }) => (await loaders.mail.load(id)) ?? null },
  FeedSubscription: {
    id: nodeIdOf,
    feed: ({ feed }) => upper(feed),
    daily: ({ dailyHour, zone }) => (dailyHour === null || zone === null ? null : { hour: dailyHour, zone }),
    url: (row, _, { viewer }) => (isOwnSubscription(viewer, row) ? row.url : null),
    via: ({ url }) => (url === null ? 'MAIL' : 'WEBHOOK'),
    receiver: ({ url }) => (url === null ? null : new URL(url).origin),
    pauseReason: ({ pauseReason }) => (pauseReason === null ? null : upper(pauseReason)),
    deliveries: (row, _, { viewer, loaders }) =>
      isOwnSubscription(viewer, row) ? loaders.deliveries.load(row.key) : [],
  },
  FeedSubscriptionConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
  },
  Delivery: {
    id: ({ id }) => toNodeId('Delivery', id),
    messageId: ({ id }) => id,
    createdAt: ({ madeAt }) => madeAt,
    state: ({ state }) => upper(state),
  },
};
