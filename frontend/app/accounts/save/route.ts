/** The form of the page of accounts, which needs no script. */
import { ask } from '@/api-client.ts';
import { ROLES, teamsIn } from '@/features/access/role.ts';
import { SaveAccountDocument } from '@/graphql/graphql.ts';
import { accountsPath, signInPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const text = (key: string) => String(form.get(key) ?? '');
  const login = text('login').trim().toLowerCase();
  const { payload } = await ask(SaveAccountDocument, {
    input: {
      login,
      name: text('name'),
      role: ROLES.find((role) => role === text('role')) ?? null,
      teams: teamsIn(text('teams')),
      password: text('password') || null,
      disabled: text('disabled') === '1',
    },
  });
  const [error] = payload.userErrors;
  if (error?.code === 'UNAUTHORIZED') return seeOther(signInPath(accountsPath()));
  return seeOther(error ? `${accountsPath({ login, refused: error.field ?? 'other' })}#change` : accountsPath());
}
