import { TRANSITIONS } from '#analysis/transition.ts';
import { compareSides } from '#store/compare.ts';
import { NotFound } from '#store/error.ts';
import { getJob, type JobRow } from '#store/job.ts';
import { beginning } from './beginning.ts';
import { type ComparedParent, changesOf } from './comparison.ts';
import type { Context } from './context.ts';
import { coverageOf } from './coverage.ts';
import type { JobRef, Resolvers } from './graphql/types.ts';

export type JobComparisonParent = ComparedParent & { base: JobRow; target: JobRow };

export async function jobOf({ source, externalId }: JobRef, { store, viewer }: Context): Promise<JobRow> {
  const job = await getJob(store, viewer, source, externalId);
  if (!job) throw new NotFound(`There is no job "${source}/${externalId}".`);
  return job;
}

export const jobComparison: Pick<Resolvers, 'Query' | 'JobComparison'> = {
  Query: {
    async compareJobs(_, refs, context) {
      const [base, target] = [await jobOf(refs.base, context), await jobOf(refs.target, context)];
      const sides = [{ jobId: base.id }, { jobId: target.id }] as const;
      const comparison = await compareSides(context.store, context.viewer, ...sides, {});
      const sources = { slugs: [...new Set([base.slug, target.slug])] };
      return { base, target, comparison, transitions: TRANSITIONS, sources };
    },
  },
  JobComparison: {
    counts: ({ comparison }) => comparison.counts,
    pairCount: ({ comparison }) => comparison.pairs,
    changes: changesOf,
    differenceCount: ({ comparison }) => comparison.differences.length,
    differences: ({ comparison }, { first }) => beginning(comparison.differences, first),
    coverage: ({ sources }, _, context) => coverageOf(sources, context),
  },
};
