/** Events: a number goes round, and each viewer's own query decides what of it may be seen. */
import { getJob, listJobs } from '#store/job.ts';
import type { Context } from './context.ts';
import type { SubscriptionJobFinishedArgs } from './graphql/types.ts';
import { toJobFilter } from './job.ts';
import { mapEvents } from './topic.ts';

export type FinishedJob = { source: string; epoch: number; externalId: string };

const ONE = { limit: 1, after: null, before: null, backward: false };

export const subscription = {
  jobFinished: {
    subscribe(_: unknown, args: SubscriptionJobFinishedArgs, { events, store, viewer }: Context) {
      const filter = toJobFilter(args.filter);
      return mapEvents(events.jobFinished.listen(), async ({ source, externalId, epoch }) => {
        const job = await getJob(store, viewer, source, externalId, epoch);
        if (!job) return null;
        const { rows } = await listJobs(store, viewer, { ...filter, id: job.id }, ONE);
        return rows.length === 1 ? { jobFinished: job } : null;
      });
    },
  },
};
