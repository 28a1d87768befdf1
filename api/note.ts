/** Notes that people write to jobs and results. */
import { z } from 'zod';
import { getJob, getJobsById, type JobRow } from '#store/job.ts';
import { addNote, mayRemoveNote, removeNote } from '#store/note.ts';
import { triagerOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './graphql/types.ts';
import { fromNodeId, type NodeKind, toNodeId } from './node-id.ts';

const Text = z.string().trim().min(1, 'Write something.').max(2000, 'A note has at most 2,000 characters.');

type Place = { job: JobRow; last: number | null };

/** The job that an id is of, or is part of: the last of its key is then what part. */
async function placeOf(
  { store, viewer }: Context,
  id: string,
  kinds: readonly NodeKind[],
  field: string,
): Promise<Place | Refusal> {
  const parsed = fromNodeId(id);
  if (!parsed || !kinds.includes(parsed.kind)) return [errorOf('INVALID', 'This is an id of something else.', field)];
  const [slug, epoch, externalId, last] = parsed.key;
  const job = await getJob(store, viewer, String(slug), String(externalId), Number(epoch));
  if (!job) return [errorOf('NOT_FOUND', 'There is no such job.', field)];
  return { job, last: last === undefined ? null : Number(last) };
}

async function changed(
  context: Context,
  place: () => Promise<Place | Refusal>,
  field: string,
  work: (place: Place, change: Change) => Promise<void>,
) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const found = await place();
      if (Array.isArray(found)) return found;
      await work(found, change);
      // Read where it was written.
      const job = (await getJobsById(change.store, context.viewer, [found.job.id])).get(found.job.id);
      return { job: job ?? null };
    },
    field,
  );
  return { job: done?.job ?? null, userErrors };
}

export const note: Pick<Resolvers, 'Mutation' | 'Note' | 'Job' | 'TestCase'> = {
  Mutation: {
    addNote(_, { input: { about, text } }, context) {
      const checked = Text.safeParse(text);
      if (!checked.success)
        return {
          job: null,
          userErrors: checked.error.issues.map(({ message }) => errorOf('INVALID', message, 'text')),
        };
      return changed(
        context,
        () => placeOf(context, about, ['Job', 'TestCase'], 'about'),
        'about',
        ({ job, last }, { store, at }) =>
          addNote(store, context.viewer, { jobId: job.id, caseId: last, text: checked.data }, at),
      );
    },
    removeNote: (_, { input }, context) =>
      changed(
        context,
        () => placeOf(context, input.note, ['Note'], 'note'),
        'note',
        ({ job, last }, { store, at }) => removeNote(store, context.viewer, job.id, last ?? 0, at),
      ),
  },
  Note: {
    id: ({ job, at }) => toNodeId('Note', job.slug, job.epoch, job.externalId, at),
    by: ({ login }) => login,
    isOfResult: ({ caseId }) => caseId !== null,
    testCase: async ({ job, caseId }, _, { loaders }) =>
      caseId === null ? null : loaders.caseByNumber.load({ jobId: job.id, number: caseId }),
    mayRemove: (row, _, { viewer }) => mayRemoveNote(viewer, row),
  },
  Job: {
    notes: async ({ id }, _, { loaders }) => (await loaders.notes.load(id)) ?? [],
  },
  TestCase: {
    notes: async ({ jobId, externalId }, _, { loaders }) =>
      ((await loaders.notes.load(jobId)) ?? []).filter(({ caseId }) => caseId === externalId),
  },
};
