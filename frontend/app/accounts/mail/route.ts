/** The form by which an admin says where mail for an account goes. */
import { ask } from '@/api-client.ts';
import { SetMailAddressDocument } from '@/graphql/graphql.ts';
import { accountsPath, signInPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const [login, address] = ['login', 'mail'].map((key) => String(form.get(key) ?? '').trim());
  const input = { login: login ?? '', address: address || null };
  const [error] = (await ask(SetMailAddressDocument, { input })).payload.userErrors;
  if (error?.code === 'UNAUTHORIZED') return seeOther(signInPath(accountsPath()));
  return seeOther(`${accountsPath({ login, refused: error ? 'mail' : undefined })}#mail-form`);
}
