/** Results that people leave out of the numbers, and take back. */
import { z } from 'zod';
import { getJob, getJobsById, type JobRow } from '#store/job.ts';
import { omitResults, restoreResults } from '#store/omission.ts';
import { getCasesByNumber } from '#store/test-case.ts';
import { triagerOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { fromNodeId } from './node-id.ts';

const Reason = z
  .string()
  .trim()
  .min(1, 'Say why: whoever looks at the numbers will ask.')
  .max(500, 'A reason has at most 500 characters.');

type Cases = { job: JobRow; numbers: number[] };

/** The job of the cases, and their numbers on its master. */
async function casesOf({ store, viewer }: Context, ids: readonly string[]): Promise<Cases | Refusal> {
  const cases = ids.map(fromNodeId).flatMap((one) => (one?.kind === 'TestCase' ? [one.key] : []));
  const [first] = cases;
  if (!first || cases.length < ids.length)
    return [errorOf('INVALID', 'Give ids of test cases, at least one.', 'testCases')];
  if (cases.some((key) => key.slice(0, 3).join('\n') !== first.slice(0, 3).join('\n')))
    return [errorOf('INVALID', 'Give test cases of one job: each job is changed by itself.', 'testCases')];
  const [slug, epoch, externalId] = first;
  const job = await getJob(store, viewer, String(slug), String(externalId), Number(epoch));
  if (!job) return [errorOf('NOT_FOUND', 'There is no such job.', 'testCases')];
  return { job, numbers: cases.map((key) => Number(key[3])) };
}

async function changed(
  context: Context,
  ids: readonly string[],
  work: (cases: Cases, change: Change) => Promise<unknown>,
) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const cases = await casesOf(context, ids);
      if (Array.isArray(cases)) return cases;
      await work(cases, change);
      // Read where it was written.
      const job = (await getJobsById(change.store, context.viewer, [cases.job.id])).get(cases.job.id);
      return { job: job ?? null };
    },
    'testCases',
  );
  return { job: done?.job ?? null, userErrors };
}

export const omission: Pick<Resolvers, 'Mutation' | 'Job' | 'TestCase'> = {
  Mutation: {
    omitResults(_, { input: { testCases, reason } }, context) {
      const checked = Reason.safeParse(reason);
      if (!checked.success)
        return {
          job: null,
          userErrors: checked.error.issues.map(({ message }) => errorOf('INVALID', message, 'reason')),
        };
      return changed(context, testCases, ({ job, numbers }, { store, at }) =>
        omitResults(store, context.viewer, job.id, numbers, checked.data, at),
      );
    },
    restoreResults: (_, { input: { testCases } }, context) =>
      changed(context, testCases, ({ job, numbers }, { store, at }) =>
        restoreResults(store, context.viewer, job.id, numbers, at),
      ),
  },
  Job: {
    async omitted({ id }, _, { store, viewer, loaders }) {
      const left = (await loaders.omissions.load(id)) ?? [];
      return left.length === 0
        ? []
        : getCasesByNumber(
            store,
            viewer,
            id,
            left.map(({ caseId }) => caseId),
          );
    },
  },
  TestCase: {
    async omission({ jobId, externalId }, _, { loaders }) {
      const found = ((await loaders.omissions.load(jobId)) ?? []).find(({ caseId }) => caseId === externalId);
      return found ? { ...found, by: found.login } : null;
    },
  },
};
