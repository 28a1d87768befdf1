/** What people say of failure groups. Who may: store/visibility.ts. */
import { z } from 'zod';
import { getFailureGroup } from '#store/failure-group.ts';
import { setTriage, undoTriage } from '#store/group-triage.ts';
import { getKnownIssue } from '#store/known-issue.ts';
import { triagerOf } from '#store/visibility.ts';
import { type Asking, attempt, type Change, errorOf, type Refusal } from './attempt.ts';
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

/** Each change by the id by which it is undone. */
async function changed(context: Asking, field: string, work: (change: Change) => Promise<Done | Refusal>) {
  const { done, userErrors } = await attempt<Done>(context, triagerOf, work, field);
  const changes = (done?.events ?? []).map((id) => toNodeId('AuditEvent', id));
  return { fingerprints: [...new Set(done?.fingerprints)], changes, userErrors };
}

export function changeTriage(context: Asking, input: SetTriageInput) {
  const { fingerprints, state = null, knownIssue = null } = input;
  return changed(context, 'fingerprints', async ({ store, at }) => {
    const refusal = fewEnough(fingerprints, 'fingerprints', 'groups');
    if (refusal) return refusal;
    const comment = Comment.safeParse(input.comment ?? '');
    if (!comment.success) return [errorOf('INVALID', `A comment has at most ${MAX_TEXT} characters.`, 'comment')];
    const knownIssueId = knownIssue === null ? null : numberOf('KnownIssue', knownIssue);
    const issue = knownIssueId === null ? null : await getKnownIssue(store, context.viewer, knownIssueId);
    if (knownIssue !== null && !issue) return [errorOf('NOT_FOUND', 'There is no such known issue.', 'knownIssue')];
    const judgement = { state, knownIssueId, comment: comment.data };
    return { fingerprints, events: await setTriage(store, context.viewer, fingerprints, judgement, at) };
  });
}

export function undoChanges(context: Asking, changes: readonly string[]) {
  return changed(context, 'changes', async ({ store, at }) => {
    const refusal = fewEnough(changes, 'changes', 'changes');
    if (refusal) return refusal;
    // What is no id of a change names none.
    const ids = changes.map((id) => numberOf('AuditEvent', id) ?? 0);
    return undoTriage(store, context.viewer, ids, at);
  });
}

/** With the groups as they are after it: read where it was written. */
async function withGroups(context: Context, answer: ReturnType<typeof changed>) {
  const { fingerprints, ...payload } = await answer;
  const store = fingerprints.length > 0 ? await context.desk?.open() : undefined;
  const groups = [];
  for (const one of fingerprints) {
    const found = store && (await getFailureGroup(store, context.viewer, one));
    if (found) groups.push({ ...found, scope: {}, sum: found });
  }
  return { ...payload, groups };
}

export const triage: Pick<Resolvers, 'Mutation'> = {
  Mutation: {
    setTriage: (_, { input }, context) => withGroups(context, changeTriage(context, input)),
    undoTriage: (_, { input }, context) => withGroups(context, undoChanges(context, input.changes)),
  },
};
