/** The forms of the page of names, which need no script: what they ask for is done, and the page says what came of it. */
import { ask } from '@/api-client.ts';
import { draftHref, readDraft, toKey } from '@/features/name-alias/draft.ts';
import { AddAliasDocument, RemoveAliasDocument } from '@/graphql/graphql.ts';
import { namesPath, signInPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const draft = readDraft(form);
  const key = toKey(draft);
  const isRemoval = form.get('act') === 'remove';
  const { userErrors } = isRemoval
    ? (await ask(RemoveAliasDocument, { input: key })).payload
    : (await ask(AddAliasDocument, { input: { ...key, alias: draft.alias } })).payload;
  const isNobody = userErrors.some(({ code }) => code === 'UNAUTHORIZED');
  // The draft's own page says what is wrong with it.
  const location = isNobody
    ? signInPath(namesPath())
    : userErrors.length === 0
      ? namesPath()
      : isRemoval
        ? namesPath({ gone: '1' })
        : draftHref(draft);
  return seeOther(location);
}
