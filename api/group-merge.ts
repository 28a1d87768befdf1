/** Failure groups that people make one. Who may: store/visibility.ts. */
import { getFailureGroup } from '#store/failure-group.ts';
import { mergeGroups, undoMerge } from '#store/group-merge.ts';
import { triagerOf } from '#store/visibility.ts';
import { type Asking, attempt, type Change } from './attempt.ts';
import type { Resolvers } from './graphql/types.ts';
import { fromNodeId, toNodeId } from './node-id.ts';

/** `work` gives the fingerprint of the group that is told of, which is read where it was written. */
async function changed(context: Asking, field: string, work: (change: Change) => Promise<string>) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const found = await getFailureGroup(change.store, context.viewer, await work(change));
      return { group: found && { ...found, scope: {}, sum: found } };
    },
    field,
  );
  return { group: done?.group ?? null, userErrors };
}

export const mergeBy = (context: Asking, input: { fingerprint: string; into: string }) =>
  changed(context, 'into', async ({ store, at }) => {
    await mergeGroups(store, context.viewer, input, at);
    return input.into;
  });

export const unmergeBy = (context: Asking, merge: string) =>
  changed(context, 'merge', ({ store, at }) => {
    const parsed = fromNodeId(merge);
    // What is no id of a merge names none.
    return undoMerge(store, context.viewer, parsed?.kind === 'GroupMerge' ? Number(parsed.key[0]) : 0, at);
  });

export const groupMerge: Pick<Resolvers, 'Mutation' | 'FailureGroup'> = {
  Mutation: {
    mergeFailureGroups: (_, { input }, context) => mergeBy(context, input),
    undoMerge: (_, { input }, context) => unmergeBy(context, input.merge),
  },
  FailureGroup: {
    async merged({ id }, _, { loaders }) {
      const merges = (await loaders.groupMerges.load(id)) ?? [];
      return merges.map(({ ruleId, login, ...merge }) => ({ ...merge, id: toNodeId('GroupMerge', ruleId), by: login }));
    },
  },
};
