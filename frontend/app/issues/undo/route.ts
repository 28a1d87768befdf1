/** A change of a known issue, taken back. */
import { ask } from '@/api-client.ts';
import { UndoIssueDocument } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const posted = await request.formData();
  const number = Number(posted.get('number'));
  const event = String(posted.get('event'));
  const { issue, userErrors } = (await ask(UndoIssueDocument, { event })).undoKnownIssue;
  const location =
    userErrors.length > 0 ? `${issuePath(number)}?late=1#changes` : issue ? issuePath(number) : '/issues';
  return seeOther(location);
}
