/** The forms of subscriptions, which need no script. */
import { ask } from '@/api-client.ts';
import {
  DeleteSubscriptionDocument,
  PauseSubscriptionDocument,
  RedeliverDocument,
  ResumeSubscriptionDocument,
  SendTestDocument,
} from '@/graphql/graphql.ts';
import { accountPath, accountsPath, signInPath, subscriptionPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

const ACTS = {
  pause: PauseSubscriptionDocument,
  resume: ResumeSubscriptionDocument,
  delete: DeleteSubscriptionDocument,
  test: SendTestDocument,
} as const;

const isAct = (text: string): text is keyof typeof ACTS => Object.hasOwn(ACTS, text);

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const text = (key: string) => String(form.get(key) ?? '');
  const [act, id] = [text('act'), text('id')];
  const { payload } = isAct(act)
    ? await ask(ACTS[act], { input: { id } })
    : await ask(RedeliverDocument, { input: { id: text('delivery') } });
  const [error] = payload.userErrors;
  if (error?.code === 'UNAUTHORIZED') return seeOther(signInPath(accountPath()));
  if (text('of') === 'all') return seeOther(`${accountsPath()}#subscriptions`);
  if (act === 'delete' && !error) return seeOther(`${accountPath()}#subscriptions`);
  return seeOther(subscriptionPath(id, error ? { refused: error.code } : {}));
}
