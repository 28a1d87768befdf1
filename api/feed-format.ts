/** A feed as Atom 1.0 (RFC 4287) and as JSON Feed 1.1. */
import type { Micros } from '#schema/records.ts';
import { toInstant } from './scalars.ts';
import { xmlAttributes, xmlText } from './xml.ts';

/** What has happened to a thing; all else that its entry says may change later. */
export const FEED_EVENTS = ['build.created', 'failure.first-seen', 'regression.began', 'regression.fixed'] as const;
export type FeedEvent = (typeof FEED_EVENTS)[number];

export type Entry = {
  event: FeedEvent;
  /** Of the thing, the same as long as it is there. */
  id: string;
  /** Address of its page. */
  path: string;
  title: string;
  text: string;
  /** When it happened, and when something more happened to it. */
  publishedAt: Micros;
  updatedAt: Micros;
};

export type Feed = {
  title: string;
  /** What is not known of it now; null where it is complete. */
  note: string | null;
  /** Addresses of the page that shows the same, and of the feed. */
  page: string;
  self: string;
  entries: readonly Entry[];
};

export function changedAtOf({ entries }: Feed): Micros {
  return entries.reduce((last, { updatedAt }) => Math.max(last, updatedAt), 0);
}

/** `origin`: before addresses. */
export function atom(feed: Feed, origin: string): string {
  const { title, note, page, self, entries } = feed;
  const element = (name: string, text: string) => `<${name}>${xmlText(text)}</${name}>\n`;
  const link = (rel: string, type: string, path: string) =>
    `<link${xmlAttributes({ rel, type, href: origin + path })}/>\n`;
  const entryOf = ({ id, path, title, text, publishedAt, updatedAt }: Entry) =>
    [
      '<entry>\n',
      element('id', tagOf(origin, id)),
      element('title', title),
      link('alternate', 'text/html', path),
      element('published', toInstant(publishedAt)),
      element('updated', toInstant(updatedAt)),
      element('content', text),
      '</entry>\n',
    ].join('');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
    element('id', tagOf(origin, self)),
    element('title', title),
    note === null ? '' : element('subtitle', note),
    '<author><name>Basalt</name></author>\n',
    link('self', 'application/atom+xml', self),
    link('alternate', 'text/html', page),
    element('updated', toInstant(changedAtOf(feed))),
    ...entries.map(entryOf),
    '</feed>\n',
  ].join('');
}

export function jsonFeed({ title, note, page, self, entries }: Feed, origin: string): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title,
    ...(note === null ? {} : { description: note }),
    home_page_url: origin + page,
    feed_url: origin + self,
    authors: [{ name: 'Basalt' }],
    items: entries.map(({ id, path, title, text, publishedAt, updatedAt }) => ({
      id: tagOf(origin, id),
      url: origin + path,
      title,
      content_text: text,
      date_published: toInstant(publishedAt),
      date_modified: toInstant(updatedAt),
    })),
  });
}

/** A name that is nobody else's (RFC 4151): of this host, of the year from which on such names are given. */
function tagOf(origin: string, id: string): string {
  const host = origin === '' ? 'localhost' : new URL(origin).hostname.replace(/[^\w.-]/g, '-');
  return `tag:${host},2026:${id}`;
}
