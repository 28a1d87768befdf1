/** The forms of one's own account, which need no script. A token that was made is told by the page that comes next, once. */
import { ask } from '@/api-client.ts';
import { FLASH_PATH, flashCookie } from '@/features/access/flash.ts';
import {
  ChangePasswordDocument,
  CreateTokenDocument,
  EndSessionDocument,
  RevokeTokenDocument,
  type Scope,
  type UserProblemFragment,
} from '@/graphql/graphql.ts';
import { accountPath, signInPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

type Done = { userErrors: readonly UserProblemFragment[]; secret?: string | null; place: string };

async function doneBy(form: FormData): Promise<Done> {
  const text = (key: string) => String(form.get(key) ?? '');
  const all = (key: string) => form.getAll(key).map(String);
  const id = text('id');
  switch (text('act')) {
    case 'revoke':
      return { ...(await ask(RevokeTokenDocument, { input: { id } })).payload, place: '#tokens' };
    case 'end':
      return { ...(await ask(EndSessionDocument, { input: { id } })).payload, place: '#sessions' };
    case 'password': {
      const input = { current: text('current'), password: text('password') };
      return { ...(await ask(ChangePasswordDocument, { input })).payload, place: '#password-form' };
    }
    default: {
      const days = Number(text('days'));
      const input = {
        name: text('name'),
        scopes: all('scope') as Scope[],
        sources: all('lab').length > 0 ? all('lab') : null,
        // What is no number is refused as a field, not as a query.
        expiresInDays: Number.isInteger(days) && Math.abs(days) < 1e6 ? days : 0,
      };
      return { ...(await ask(CreateTokenDocument, { input })).payload, place: '#make' };
    }
  }
}

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const { userErrors, secret, place } = await doneBy(form);
  const [error] = userErrors;
  if (error?.code === 'UNAUTHORIZED') return seeOther(signInPath(accountPath()));
  const what = String(form.get('act'));
  const query = error ? { refused: error.field ?? 'other' } : what === 'password' ? { done: what } : {};
  const answer = seeOther(`${accountPath(query)}${secret ? '#made' : place}`);
  if (secret) answer.headers.append('set-cookie', flashCookie(secret, FLASH_PATH));
  return answer;
}
