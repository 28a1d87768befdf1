/** Failure groups that people take apart. Who may: store/visibility.ts. */
import { z } from 'zod';
import { type CompiledSplit, SPLIT_BY } from '#analysis/group-split.ts';
import { compilePattern } from '#analysis/linear-pattern.ts';
import { splitSentence } from '#analysis/trial-sentence.ts';
import { NotFound } from '#store/error.ts';
import { getSplitsOf, splitGroup, undoSplit } from '#store/group-split.ts';
import { type SplitTrial, trySplit } from '#store/split-trial.ts';
import { triagerOf } from '#store/visibility.ts';
import { type Asking, attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Resolvers, SplitInput } from './graphql/types.ts';
import { MAX_TEXT } from './limits.ts';
import { fromNodeId, toNodeId } from './node-id.ts';
import { check } from './source-input.ts';

export type SplitTrialParent = SplitTrial & { userErrors: Refusal };

const NOTHING: SplitTrial = { parts: [], left: 0, looked: 0, moreJobs: false, merged: 0 };

const SplitFields = z.object({
  fingerprint: z.string(),
  by: z.enum(SPLIT_BY, 'Choose by what it is split.'),
  value: z
    .string()
    .trim()
    .max(500, 'At most 500 characters.')
    .nullish()
    .transform((text) => text || null),
});
const Reason = z.object({
  reason: z.string().trim().min(1, 'Write why.').max(MAX_TEXT, `At most ${MAX_TEXT} characters.`),
});

type Given = { fingerprint: string; by: SplitInput['by'] | null; value?: string | null };
type Read = { value: CompiledSplit; userErrors: null } | { value: null; userErrors: Refusal };

function readSplit(input: Given): Read {
  const checked = check(SplitFields, input);
  if (!checked.ok) return { value: null, userErrors: checked.userErrors };
  const { by, value } = checked.value;
  if (by !== 'MESSAGE') return { value: { by, value, pattern: null }, userErrors: null };
  if (value === null) return { value: null, userErrors: [errorOf('INVALID', 'Write a pattern.', 'value')] };
  const compiled = compilePattern(value);
  return compiled.ok
    ? { value: { by, value, pattern: compiled.pattern }, userErrors: null }
    : { value: null, userErrors: [errorOf('INVALID', `The pattern is none: ${compiled.problem}.`, 'value')] };
}

/** The split as it is after the change: read where it was written. */
async function changed(
  context: Asking,
  work: (change: Change) => Promise<{ fingerprint: string; key: string } | Refusal>,
) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const made = await work(change);
      if (Array.isArray(made)) return made;
      const splits = await getSplitsOf(change.store, context.viewer, made.fingerprint);
      return { split: splits.find(({ key }) => key === made.key) ?? null };
    },
    'split',
  );
  return { split: done?.split ?? null, userErrors };
}

export const splitBy = (context: Asking, { split: given, reason }: { split: Given; reason: string }) =>
  changed(context, async ({ store, at }) => {
    const [read, why] = [readSplit(given), check(Reason, { reason })];
    if (!read.value || !why.ok) return [...(read.userErrors ?? []), ...(why.ok ? [] : why.userErrors)];
    const { fingerprint } = given;
    const { by, value } = read.value;
    const split = { fingerprint, by, value, reason: why.value.reason };
    return { fingerprint, key: await splitGroup(store, context.viewer, split, at) };
  });

export const unsplitBy = (context: Asking, split: string) =>
  changed(context, async ({ store, at }) => {
    const parsed = fromNodeId(split);
    // What is no id of a split names none.
    const [fingerprint, key] = parsed?.kind === 'GroupSplit' ? parsed.key.map(String) : [];
    if (fingerprint === undefined || key === undefined) throw new NotFound('There is no such split.');
    await undoSplit(store, context.viewer, { fingerprint, key }, at);
    return { fingerprint, key };
  });

export const groupSplit: Pick<Resolvers, 'Query' | 'Mutation' | 'FailureGroup' | 'GroupSplit' | 'SplitTrial'> = {
  Query: {
    async trySplit(_, { input }, { store, viewer }) {
      triagerOf(viewer);
      const read = readSplit(input);
      if (!read.value) return { ...NOTHING, userErrors: read.userErrors };
      try {
        return { ...(await trySplit(store, viewer, input.fingerprint, read.value)), userErrors: [] };
      } catch (cause) {
        if (!(cause instanceof NotFound)) throw cause;
        return { ...NOTHING, userErrors: [errorOf('NOT_FOUND', cause.message, 'fingerprint')] };
      }
    },
    groupSplits: (_, { fingerprint }, { store, viewer }) => getSplitsOf(store, viewer, fingerprint),
  },
  Mutation: {
    splitFailureGroup: (_, { input }, context) => splitBy(context, input),
    undoSplit: (_, { input }, context) => unsplitBy(context, input.split),
  },
  FailureGroup: {
    splitFrom: async ({ id }, _, { loaders }) => (await loaders.groupSplits.load(id))?.from ?? null,
  },
  GroupSplit: {
    id: ({ fingerprint, key }) => toNodeId('GroupSplit', fingerprint, key),
    splitBy: ({ by }) => by,
    by: ({ login }) => login,
  },
  SplitTrial: {
    sentence: (trial) => (trial.userErrors.length > 0 ? 'The split cannot be tried.' : splitSentence(trial)),
    truncated: ({ moreJobs }) => moreJobs,
    matchesNothing: ({ parts }) => parts.length === 0,
    matchesEverything: ({ parts, left }) => parts.length === 1 && left === 0,
  },
};
