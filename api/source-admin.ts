/** Mutations of sources. Who may: store/visibility.ts. */
import {
  type AddedSource,
  addSource,
  getAddedSource,
  removeSource,
  sealedPlace,
  setPaused,
  updateSource,
} from '#store/added-source.ts';
import { Conflict, NotFound } from '#store/error.ts';
import { getSource } from '#store/source.ts';
import { findSource } from '#store/source-mark.ts';
import { listRequests, type RequestKind, requestOf } from '#store/source-request.ts';
import { isSourceAdmin, someSourceAdminOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { AddInput, type Checked, check, TestInput, UpdateInput } from './source-input.ts';
import { moreOf, NOTHING_MORE, toHistoryOrder } from './source-more.ts';

const BUDGET = { concurrent: 2, perMinute: 120 };
/** A trial holds a connection to a master for up to a minute. */
const MAX_TRIALS = 4;

/** The change, and the source as it is after it: read where it was written. */
async function changed(context: Context, slug: string, work: (change: Change) => Promise<Refusal | null>) {
  const { done, userErrors } = await attempt(
    context,
    someSourceAdminOf,
    async (change) => {
      const refusal = await work(change);
      return refusal ?? { source: await getSource(change.store, context.viewer, slug) };
    },
    'slug',
  );
  return { source: done?.source ?? null, userErrors };
}

const valid = <T>(checked: Checked<T>, work: (value: T) => Promise<Refusal | null>): Promise<Refusal | null> =>
  checked.ok ? work(checked.value) : Promise.resolve(checked.userErrors);

const restrictedToNobody = ({ visibility, teams }: Pick<AddedSource, 'visibility' | 'teams'>): Refusal | null =>
  visibility === 'RESTRICTED' && teams.length === 0
    ? [errorOf('INVALID', 'Name the teams who may see a restricted source.', 'teams')]
    : null;

let trials = 0;

async function test(
  { viewer }: Context,
  { desk, store }: Change,
  input: { url: string; token?: string | null; ca?: string | null; slug?: string | null },
) {
  const checked = check(TestInput, input);
  if (!checked.ok) return checked.userErrors;
  const { url, token, ca, slug } = checked.value;
  const kept = slug ? await getAddedSource(store, viewer, slug) : null;
  const isKept = kept !== null && kept.url === url;
  const own = isKept && kept.token && !token ? desk.vault.open(kept.token, sealedPlace(kept)) : null;
  if (trials >= MAX_TRIALS)
    return [errorOf('BUSY', `${trials} masters are being tested: try again when one has answered.`)];
  trials += 1;
  try {
    const place = { url, token: token || own, caPem: ca || (isKept ? kept.caPem : null) };
    return { url, trial: await desk.trySource(place, AbortSignal.timeout(60_000)) };
  } finally {
    trials -= 1;
  }
}

const request = (context: Context, slug: string, kind: RequestKind) =>
  changed(context, slug, async ({ store, at }) => {
    await requestOf(store, context.viewer, slug, kind, at);
    return null;
  });

export const sourceAdmin: Pick<Resolvers, 'Mutation' | 'Source'> = {
  Mutation: {
    async testSource(_, { input }, context) {
      const { done, userErrors } = await attempt(
        context,
        someSourceAdminOf,
        (change) => test(context, change, input),
        'slug',
      );
      if (!done) return { result: null, proposedUrl: null, userErrors };
      const { url, trial } = done;
      if (!trial.ok) {
        const field = ['WRONG_TOKEN', 'TOKEN_WITHOUT_RIGHTS', 'LOGIN_WALL'].includes(trial.problem) ? 'token' : 'url';
        const { proposedUrl, message } = trial;
        return { result: null, proposedUrl, userErrors: [errorOf(trial.problem, message, field)] };
      }
      const { probe, slowestMs, requests } = trial;
      const { version, whoAmI, jobCount, capabilities, warnings, clockOffsetMs, marks } = probe;
      const same = await findSource(context.store, context.viewer, url, marks);
      const result = {
        ...{ url, version, whoAmI, jobCount, capabilities, warnings, slowestMs, requests },
        clockSkewSeconds: clockOffsetMs === null ? null : clockOffsetMs / 1000,
        sameAs: same === null || same === input.slug ? null : await getSource(context.store, context.viewer, same),
      };
      return { result, proposedUrl: null, userErrors: [] };
    },
    addSource: (_, { input }, context) =>
      changed(context, input.slug, ({ desk, store, at }) =>
        valid(check(AddInput, input), async (given) => {
          const { slug, url, name, token, visibility, teams, budget } = given;
          const source = {
            ...{ slug, url, name: name ?? slug, visibility: visibility ?? ('INTERNAL' as const), teams: teams ?? [] },
            maxConcurrent: budget?.concurrent ?? BUDGET.concurrent,
            maxPerMinute: budget?.perMinute ?? BUDGET.perMinute,
            token: token ? desk.vault.seal(token, sealedPlace({ slug, url })) : null,
            ...moreOf(given, { slug, url }, NOTHING_MORE, desk.vault),
          };
          const refusal = restrictedToNobody(source);
          if (refusal) return refusal;
          try {
            await addSource(store, context.viewer, source, at);
          } catch (cause) {
            if (cause instanceof Conflict) return [errorOf('TAKEN', `${cause.message}.`, 'slug')];
            throw cause;
          }
          return null;
        }),
      ),
    updateSource: (_, { input }, context) =>
      changed(context, input.slug, ({ desk, store, at }) =>
        valid(check(UpdateInput, input), async (given) => {
          const { slug, name, token, visibility, teams, budget } = given;
          const before = await getAddedSource(store, context.viewer, slug);
          if (!before) throw new NotFound(`No source "${slug}" was added here.`);
          const sealed = token ? desk.vault.seal(token, sealedPlace(before)) : null;
          const source = {
            ...before,
            name: name ?? before.name,
            visibility: visibility ?? before.visibility,
            teams: teams ?? before.teams,
            maxConcurrent: budget?.concurrent ?? before.maxConcurrent,
            maxPerMinute: budget?.perMinute ?? before.maxPerMinute,
            token: token === undefined || token === null ? before.token : sealed,
            ...moreOf(given, before, before, desk.vault),
          };
          const refusal = restrictedToNobody(source);
          if (!refusal) await updateSource(store, context.viewer, source, at);
          return refusal;
        }),
      ),
    removeSource: (_, { input: { slug } }, context) =>
      changed(context, slug, async ({ store, at }) => {
        await removeSource(store, context.viewer, slug, at);
        return null;
      }),
    setSourceState: (_, { input: { slug, state } }, context) =>
      changed(context, slug, async ({ store, at }) => {
        await setPaused(store, context.viewer, slug, state === 'PAUSED', at);
        return null;
      }),
    startSync: (_, { input: { slug, kind } }, context) => request(context, slug, kind === 'NOW' ? 'SYNC' : 'HISTORY'),
    reconcile: (_, { input: { slug } }, context) => request(context, slug, 'AUDIT'),
  },
  Source: {
    isAdded: ({ added }) => added,
    state: ({ configured, paused }) => (configured ? (paused ? 'PAUSED' : 'RUNNING') : null),
    teams: ({ slug, teams }, _, { viewer }) => (isSourceAdmin(viewer, { slug, teams }) ? teams : null),
    async addedSettings({ id }, _, { loaders }) {
      const added = await loaders.addedSource.load(id);
      if (!added) return null;
      const { caPem: ca, callbackToken, history, megabytesPerHour, quietHours } = added;
      const takesCallbacks = callbackToken !== null;
      return { ca, takesCallbacks, history: toHistoryOrder(history), megabytesPerHour, quietHours };
    },
    async waiting({ slug }, _, { store, viewer }) {
      const rows = await listRequests(store, viewer, slug);
      return rows.map(({ kind, at }) => ({ kind, askedAt: at }));
    },
  },
};
