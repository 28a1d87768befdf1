/** Events over graphql-ws: a number goes round, and each viewer's own query decides what of it may be seen. */
import mercurius from 'mercurius';
import { getJob, listJobs } from '#store/job.ts';
import type { Context } from './context.ts';
import type { SubscriptionJobFinishedArgs } from './graphql/types.ts';
import { toJobFilter } from './job.ts';

export const JOB_FINISHED = 'JOB_FINISHED';

export type FinishedJob = { source: string; epoch: number; externalId: string };

type Event = { jobFinished: FinishedJob };
type SubscriptionContext = Context & { pubsub: { subscribe(topic: string): Promise<AsyncIterator<Event>> } };

export const subscription = {
  jobFinished: {
    subscribe: mercurius.withFilter<Event, unknown, SubscriptionContext, SubscriptionJobFinishedArgs>(
      (_, { filter }, { pubsub }) => {
        toJobFilter(filter);
        return pubsub.subscribe(JOB_FINISHED) as never;
      },
      async ({ jobFinished }, { filter }, { store, viewer }) => {
        const job = await getJob(store, viewer, jobFinished.source, jobFinished.externalId, jobFinished.epoch);
        if (!job) return false;
        const { rows } = await listJobs(
          store,
          viewer,
          { ...toJobFilter(filter), id: job.id },
          { limit: 1, after: null, before: null, backward: false },
        );
        return rows.length === 1;
      },
    ),
    resolve: ({ jobFinished }: Event, _: unknown, { store, viewer }: Context) =>
      getJob(store, viewer, jobFinished.source, jobFinished.externalId, jobFinished.epoch),
  },
};
