/** The editor's form, saved; what is wrong leads back to it with all that was entered. */
import { ask } from '@/api-client.ts';
import { readForm, toSaved } from '@/features/known-issue/issue-form.ts';
import { SaveIssueDocument } from '@/graphql/graphql.ts';
import { issuePath, NEW_ISSUE } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const posted = await request.formData();
  const form = readForm((key) => {
    const value = posted.get(key);
    return typeof value === 'string' ? value : '';
  });
  const number = Number(posted.get('number')) || null;
  const { issue, userErrors } = (await ask(SaveIssueDocument, { input: toSaved(form, number) })).saveKnownIssue;
  if (userErrors.length === 0) return seeOther(issue ? issuePath(issue.number) : '/issues');
  const wrong = userErrors.map(({ field }) => field ?? 'all').join(',');
  const said = Object.entries(form).filter(([, value]) => value !== '');
  const query = new URLSearchParams([...said, ['wrong', wrong]]);
  return seeOther(`${number === null ? NEW_ISSUE : issuePath(number)}?${query}`);
}
