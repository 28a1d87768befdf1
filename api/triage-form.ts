/** `POST /triage`: what a form says of a failure group, merges, splits, or takes back. The pages draw it; with JavaScript they ask the API. */
import type { FastifyInstance } from 'fastify';
import { SPLIT_BY } from '#analysis/group-split.ts';
import { TRIAGE_STATES } from '#store/group-triage.ts';
import type { Asking, Refusal } from './attempt.ts';
import { addForms, formOf, pathOf } from './form.ts';
import { mergeBy, unmergeBy } from './group-merge.ts';
import { splitBy, unsplitBy } from './group-split.ts';
import { changeTriage, undoChanges } from './triage.ts';

/** A comment of the longest, each character written as three. */
const LONGEST = 16_384;

type Options = Pick<Asking, 'desk' | 'now'>;

export async function addTriageForm(app: FastifyInstance, { desk, now }: Options): Promise<void> {
  await addForms(app, { longest: LONGEST, refusal: 'Triage on this page itself.' }, (scope) => {
    scope.post('/triage', async (request, reply) => {
      const form = formOf(request);
      const context = { viewer: request.viewer, desk, now };
      const { changes, userErrors } = await doneBy(context, form);
      const next = new URL(pathOf(form.get('next')), 'http://here');
      for (const key of ['refused', 'done']) next.searchParams.delete(key);
      const [error] = userErrors;
      if (error) next.searchParams.set('refused', error.code);
      else for (const change of changes) next.searchParams.append('done', change);
      return reply.redirect(`${next.pathname}${next.search}`, 303);
    });
  });
}

/** Forms differ by the field that says what is wanted. */
async function doneBy(context: Asking, form: URLSearchParams): Promise<{ changes: string[]; userErrors: Refusal }> {
  const [merge, unmerge, undo] = [form.get('merge'), form.get('unmerge'), form.getAll('undo')];
  if (undo.length > 0) return undoChanges(context, undo);
  if (merge !== null)
    return { ...(await mergeBy(context, { fingerprint: merge, into: form.get('into') ?? '' })), changes: [] };
  if (unmerge !== null) return { ...(await unmergeBy(context, unmerge)), changes: [] };
  const [split, unsplit] = [form.get('split'), form.get('unsplit')];
  if (split !== null) return { ...(await splitBy(context, splitIn(form, split))), changes: [] };
  if (unsplit !== null) return { ...(await unsplitBy(context, unsplit)), changes: [] };
  const wanted = form.get('state');
  return changeTriage(context, {
    fingerprints: form.getAll('fingerprint'),
    state: TRIAGE_STATES.find((state) => state === wanted) ?? null,
    knownIssue: form.get('knownIssue') || null,
    comment: form.get('comment'),
  });
}

/** `split`: the fingerprint. What is no way to split is none of the API's either. */
function splitIn(form: URLSearchParams, fingerprint: string) {
  const by = SPLIT_BY.find((one) => one === form.get('by')) ?? null;
  return { split: { fingerprint, by, value: form.get('value') }, reason: form.get('reason') ?? '' };
}
