/** The form that subscribes, which needs no script. The key is told by the page that comes next, once. */
import { ask } from '@/api-client.ts';
import { FLASH_PATH, flashCookie } from '@/features/access/flash.ts';
import { FEEDS, feedNamed, filterIn } from '@/features/feed-subscription/feed-words.ts';
import { type PushVia, SubscribeDocument } from '@/graphql/graphql.ts';
import { signInPath, subscribePath, subscriptionPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const text = (key: string) => String(form.get(key) ?? '');
  const [name, query, url] = [feedNamed(text('feed')), text('query'), text('url').trim()];
  if (!name) return seeOther('/subscribe');
  const filter = filterIn(query);
  const via: PushVia = text('via') === 'MAIL' ? 'MAIL' : 'WEBHOOK';
  const hour = text('hour');
  const input = {
    ...{ feed: FEEDS[name], query, via, origin: text('origin') || null },
    url: via === 'MAIL' ? null : url,
    daily: /^\d{1,2}$/.test(hour) ? { hour: Number(hour), zone: text('zone').trim() } : null,
  };
  const { secret, subscription, userErrors } = (await ask(SubscribeDocument, { input })).payload;
  const [error] = userErrors;
  if (error?.code === 'UNAUTHORIZED') return seeOther(signInPath(subscribePath(name, filter)));
  if (error || !subscription) {
    const refusal = seeOther(subscribePath(name, { ...filter, refused: error?.field ?? 'other', via }));
    refusal.headers.append('set-cookie', flashCookie(url, '/subscribe'));
    return refusal;
  }
  if (!secret) return seeOther(subscriptionPath(subscription.id));
  const answer = seeOther(`${subscriptionPath(subscription.id)}#made`);
  answer.headers.append('set-cookie', flashCookie(secret, FLASH_PATH));
  return answer;
}
