/** `POST /triage`: what a form says of a failure group, merges, or takes back. The pages draw it; with JavaScript they ask the API. */
import type { FastifyInstance } from 'fastify';
import { TRIAGE_STATES } from '#store/group-triage.ts';
import type { Asking, Refusal } from './attempt.ts';
import { addForms, formOf, pathOf } from './form.ts';
import { mergeBy, unmergeBy } from './group-merge.ts';
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
  const wanted = form.get('state');
  return changeTriage(context, {
    fingerprints: form.getAll('fingerprint'),
    state: TRIAGE_STATES.find((state) => state === wanted) ?? null,
    knownIssue: form.get('knownIssue') || null,
    comment: form.get('comment'),
  });
}
