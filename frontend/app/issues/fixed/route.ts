/** A known issue, said to be fixed. */
import { ask } from '@/api-client.ts';
import { FixIssueDocument } from '@/graphql/graphql.ts';
import { issuePath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const number = Number((await request.formData()).get('number'));
  const { userErrors } = (await ask(FixIssueDocument, { number })).fixKnownIssue;
  return seeOther(userErrors.length > 0 ? `${issuePath(number)}?late=1#changes` : issuePath(number));
}
