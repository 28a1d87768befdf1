/** What people say of failure groups. Who may: store/visibility.ts. */
import { z } from 'zod';
import { getFailureGroup } from '#store/failure-group.ts';
import { isKnownIssue, setTriage, undoTriage } from '#store/group-triage.ts';
import { triagerOf } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type { Resolvers, SetTriageInput } from './graphql/types.ts';
import { MAX_TEXT, MAX_VALUES } from './limits.ts';
import { fromNodeId, type NodeKind, toNodeId } from './node-id.ts';

type Done = { fingerprints: readonly string[]; events: readonly number[] };

const Comment = z
  .string()
  .trim()
  .max(MAX_TEXT)
  .transform((text) => text || null);

function numberOf(kind: NodeKind, id: string): number | null {
  const parsed = fromNodeId(id);
  return parsed?.kind === kind ? Number(parsed.key[0]) : null;
}

const fewEnough = (values: readonly unknown[], field: string, what: string): Refusal | null =>
  values.length > 0 && values.length <= MAX_VALUES
    ? null
    : [errorOf('INVALID', `Name 1 to ${MAX_VALUES} ${what}.`, field)];

/** As `setTriage` of the API. */
export async function triageBy(
  { viewer }: Context,
  { store, at }: Change,
  input: SetTriageInput,
): Promise<Done | Refusal> {
  const { fingerprints, state = null, knownIssue = null } = input;
  const refusal = fewEnough(fingerprints, 'fingerprints', 'groups');
  if (refusal) return refusal;
  const comment = Comment.safeParse(input.comment ?? '');
  if (!comment.success) return [errorOf('INVALID', `A comment has at most ${MAX_TEXT} characters.`, 'comment')];
  const knownIssueId = knownIssue === null ? null : numberOf('KnownIssue', knownIssue);
  if (knownIssue !== null && !(knownIssueId !== null && (await isKnownIssue(store, viewer, knownIssueId))))
    return [errorOf('NOT_FOUND', 'There is no such known issue.', 'knownIssue')];
  const judgement = { state, knownIssueId, comment: comment.data };
  return { fingerprints, events: await setTriage(store, viewer, fingerprints, judgement, at) };
}

/** What was done, as it is after it: read where it was written. */
async function answer(context: Context, work: (change: Change) => Promise<Done | Refusal>, field: string) {
  const { done, userErrors } = await attempt(
    context,
    triagerOf,
    async (change) => {
      const result = await work(change);
      if (Array.isArray(result)) return result;
      const { fingerprints, events } = result as Done;
      const groups = [];
      for (const one of new Set(fingerprints)) {
        const found = await getFailureGroup(change.store, context.viewer, one);
        if (found) groups.push({ ...found, scope: {}, sum: found });
      }
      return { groups, changes: events.map((id) => toNodeId('AuditEvent', id)) };
    },
    field,
  );
  return { groups: done?.groups ?? [], changes: done?.changes ?? [], userErrors };
}

export const triage: Pick<Resolvers, 'Mutation'> = {
  Mutation: {
    setTriage: (_, { input }, context) => answer(context, (change) => triageBy(context, change, input), 'fingerprints'),
    undoTriage: (_, { input: { changes } }, context) =>
      answer(
        context,
        async ({ store, at }) => {
          const refusal = fewEnough(changes, 'changes', 'changes');
          if (refusal) return refusal;
          // What is no id of a change names none.
          const ids = changes.map((id) => numberOf('AuditEvent', id) ?? 0);
          return undoTriage(store, context.viewer, ids, at);
        },
        'changes',
      ),
  },
};
