/** Events: what has changed goes round, and each viewer's own query decides what of it may be seen. */
import { NotFound } from '#store/error.ts';
import { getJob, listJobs } from '#store/job.ts';
import { getSource } from '#store/source.ts';
import { listSyncRuns, type SyncRunRow } from '#store/sync-run.ts';
import type { Context } from './context.ts';
import type {
  SubscriptionJobFinishedArgs,
  SubscriptionSourceStatusChangedArgs,
  SubscriptionSyncProgressArgs,
} from './graphql/types.ts';
import { toJobFilter } from './job.ts';
import { mapEvents } from './topic.ts';

export type FinishedJob = { source: string; epoch: number; externalId: string };

const newest = (limit: number) => ({ limit, after: null, before: null, backward: false });
/** Runs of one source that are told at once. */
const MOST_RUNS = 50;

export const subscription = {
  jobFinished: {
    subscribe(_: unknown, args: SubscriptionJobFinishedArgs, { events, store, viewer }: Context) {
      const filter = toJobFilter(args.filter);
      return mapEvents(events.jobFinished.listen(), async ({ source, externalId, epoch }) => {
        const job = await getJob(store, viewer, source, externalId, epoch);
        if (!job) return [];
        const { rows } = await listJobs(store, viewer, { ...filter, id: job.id }, newest(1));
        return rows.length === 1 ? [{ jobFinished: job }] : [];
      });
    },
  },
  sourceStatusChanged: {
    subscribe(_: unknown, { slugs }: SubscriptionSourceStatusChangedArgs, { events, store, viewer }: Context) {
      return mapEvents(events.sourceStatus.listen(), async (slug) => {
        const source = !slugs || slugs.includes(slug) ? await getSource(store, viewer, slug) : null;
        return source ? [{ sourceStatusChanged: source }] : [];
      });
    },
  },
  syncProgress: {
    async subscribe(_: unknown, { source: slug }: SubscriptionSyncProgressArgs, context: Context) {
      const { events, store, viewer } = context;
      if (!(await getSource(store, viewer, slug)))
        throw new NotFound('There is no such source, or it may not be seen.');
      const changes = events.syncRuns.listen(slug);
      const fresh = freshRuns(context, slug);
      return mapEvents(changes, async (changed) => (changed === slug ? await fresh() : []));
    },
  },
};

/** At first the newest run, then those that began since and what has changed of it, as the viewer is told it. */
function freshRuns({ store, viewer }: Context, slug: string) {
  let told = new Map<number, string>();
  let since: number | null = null;
  return async () => {
    const source = await getSource(store, viewer, slug);
    if (!source) return [];
    const page = newest(since === null ? 1 : MOST_RUNS);
    const runs: SyncRunRow[] = (await listSyncRuns(store, viewer, source.id, { since }, page)).rows.reverse();
    const news = runs.filter((run) => told.get(run.id) !== JSON.stringify(run));
    told = new Map(runs.map((run) => [run.id, JSON.stringify(run)]));
    since = runs.at(-1)?.startedAt ?? since;
    return news.map((run) => ({ syncProgress: run }));
  };
}

type Field = { subscribe(_: unknown, args: never, context: Context): unknown };

/** The same fields; each event is counted like a query before it is made, and the last one that may be ends them. */
export function counted(fields: Record<string, Field>) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { subscribe }]) => [
      name,
      {
        async subscribe(root: unknown, args: never, context: Context) {
          const events = (await subscribe(root, args, context)) as AsyncIterableIterator<unknown>;
          const { cost } = context.budget.spent();
          return mapEvents(events, async (event) => {
            context.budget.spend(cost);
            return [event];
          });
        },
      },
    ]),
  );
}
