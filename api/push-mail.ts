/** What is pushed, as mail: plain text, and the same as simple HTML. All that masters wrote is text in it. */
import type { FeedName } from '#schema/push.ts';
import type { SubscriptionRow } from '#store/feed-subscription.ts';
import type { Vault } from '#store/vault.ts';
import type { Entry, FeedEvent } from './feed-format.ts';
import { toInstant } from './scalars.ts';
import { xmlAttributes, xmlText } from './xml.ts';

const LONGEST_SUBJECT = 120;
const LONGEST_TEXT = 1000;
const TITLES: Readonly<Record<FeedName, string>> = {
  builds: 'New builds',
  failures: 'New failures',
  regressions: 'Regressions',
};
const EVENTS: Readonly<Record<FeedEvent, string>> = {
  'build.created': 'New builds',
  'failure.first-seen': 'New failures',
  'regression.began': 'Began to fail',
  'regression.fixed': 'Fixed',
};
const UNSUBSCRIBE = 'unsubscribe by mail';

/** One line, without what would end it or turn it round. */
const line = (text: string, most: number) => {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return flat.length > most ? `${flat.slice(0, most - 1).toWellFormed()}…` : flat.toWellFormed();
};

/** The address by which whoever holds the mail, and nobody else, ends the subscription. */
export function unsubscribeUrl(vault: Pick<Vault, 'seal'>, { key, origin }: SubscriptionRow): string {
  const token = vault.seal(key, UNSUBSCRIBE).toString('base64url');
  return `${origin ?? ''}/unsubscribe?token=${token}`;
}

/** Key of the subscription. @throws NoKey when the token is none of ours. */
export const unsubscribed = (vault: Pick<Vault, 'open'>, token: string): string =>
  vault.open(Buffer.from(token, 'base64url'), UNSUBSCRIBE);

export function mailOf(
  { feed, query, origin }: SubscriptionRow,
  message: { isTest: boolean; isWhole: boolean; entries: readonly Entry[] },
  unsubscribe: string,
): { subject: string; text: string; html: string } {
  const { isTest, isWhole, entries } = message;
  const filter = [...new URLSearchParams(query)].map(([key, value]) => `${key} ${value}`).join(', ');
  const of = line(filter === '' ? TITLES[feed] : `${TITLES[feed]}: ${filter}`, LONGEST_TEXT);
  const at = (path: string) => `${origin ?? ''}${path}`;
  const page = at(`/${feed}${query === '' ? '' : `?${query}`}`);
  const [first] = entries;
  const words = isTest
    ? `Test: ${of}`
    : entries.length === 1 && first
      ? first.title
      : `${entries.length} news of ${of}`;
  const intro = isTest ? 'Mail from Basalt arrives. Nothing has happened.' : of;
  const more = isWhole ? [] : ['More happened than is told here: look at the page.'];
  const end = `You get this because you subscribed to ${page}. To get no more: ${unsubscribe}`;
  const told = entries.map(({ event, title, text, path, updatedAt }) => ({
    event,
    title: line(title, LONGEST_TEXT),
    text: line(text, LONGEST_TEXT),
    url: at(path),
    at: toInstant(updatedAt),
  }));
  const sections = [...Map.groupBy(told, ({ event }) => event)];
  const headed = (event: FeedEvent, write: (words: string) => string) =>
    sections.length > 1 ? [write(EVENTS[event])] : [];
  const link = (href: string, words: string) => `<a${xmlAttributes({ href })}>${xmlText(words)}</a>`;
  return {
    subject: line(words, LONGEST_SUBJECT),
    text: [
      intro,
      ...sections.flatMap(([event, found]) => [
        ...headed(event, (words) => `== ${words} ==`),
        ...found.map((one) => [one.title, one.text, `${one.at}  ${one.url}`].join('\n')),
      ]),
      ...more,
      `-- \n${end}`,
    ].join('\n\n'),
    html: [
      `<!doctype html><html><body><p>${xmlText(intro)}</p>`,
      ...sections.flatMap(([event, found]) => [
        ...headed(event, (words) => `<h2>${words}</h2>`),
        ...found.map(
          (one) => `<p><b>${link(one.url, one.title)}</b><br>${xmlText(one.text)}<br><small>${one.at}</small></p>`,
        ),
      ]),
      ...more.map((words) => `<p>${xmlText(words)}</p>`),
      `<hr><p><small>You get this because you subscribed to ${link(page, of)}. ${link(unsubscribe, 'Get no more')}</small></p></body></html>`,
    ].join('\n'),
  };
}
