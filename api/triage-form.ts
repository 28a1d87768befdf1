/** `POST /triage`: what a form says of a failure group, or takes back. The pages draw it; with JavaScript they ask the API. */
import type { FastifyInstance } from 'fastify';
import type { Viewer } from '#schema/viewer.ts';
import { TRIAGE_STATES } from '#store/group-triage.ts';
import type { Context } from './context.ts';
import { addForms, formOf, pathOf } from './form.ts';
import { changeTriage, undoChanges } from './triage.ts';

/** A comment of the longest, each character written as three. */
const LONGEST = 16_384;

type Options = { viewerOf: (authorization: string | undefined) => Viewer } & Pick<Context, 'desk' | 'now'>;

export async function addTriageForm(app: FastifyInstance, { viewerOf, desk, now }: Options): Promise<void> {
  await addForms(app, { longest: LONGEST, refusal: 'Triage on this page itself.' }, (scope) => {
    scope.post('/triage', async (request, reply) => {
      const form = formOf(request);
      const context = { viewer: viewerOf(request.headers.authorization), desk, now };
      const wanted = form.get('state');
      const { changes, userErrors } = form.has('undo')
        ? await undoChanges(context, form.getAll('undo'))
        : await changeTriage(context, {
            fingerprints: form.getAll('fingerprint'),
            state: TRIAGE_STATES.find((state) => state === wanted) ?? null,
            comment: form.get('comment'),
          });
      const next = new URL(pathOf(form.get('next')), 'http://here');
      for (const key of ['refused', 'done']) next.searchParams.delete(key);
      const [error] = userErrors;
      if (error) next.searchParams.set('refused', error.code);
      else for (const change of changes) next.searchParams.append('done', change);
      return reply.redirect(`${next.pathname}${next.search}`, 303);
    });
  });
}
