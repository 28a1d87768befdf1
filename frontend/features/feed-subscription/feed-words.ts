import type { Feed } from '@/graphql/graphql.ts';
import type { FeedName, Query } from '@/paths.ts';

export const FEEDS = { builds: 'BUILDS', failures: 'FAILURES', regressions: 'REGRESSIONS' } as const satisfies Record<
  FeedName,
  Feed
>;

export const FEED_WORDS: Readonly<Record<Feed, string>> = {
  BUILDS: 'New builds',
  FAILURES: 'New failures',
  REGRESSIONS: 'Regressions',
};

/** Null of a text that is none. */
export const feedNamed = (text: string): FeedName | null =>
  text === 'builds' || text === 'failures' || text === 'regressions' ? text : null;

/** "project mainline, lab alpha"; "everything" where nothing is filtered. */
export function filterWords(query: string): string {
  const words = [...new URLSearchParams(query)].map(([key, value]) => `${key} ${value}`);
  return words.length > 0 ? words.join(', ') : 'everything';
}

/** As addresses of pages take it. */
export function filterIn(query: string): Query {
  const params = new URLSearchParams(query);
  return Object.fromEntries([...params.keys()].map((key) => [key, params.getAll(key)]));
}

/** The page that shows the feed. */
export function feedPage(feed: Feed, query: string): string {
  const path = `/${feed.toLowerCase()}`;
  return query === '' ? path : `${path}?${query}`;
}

/** The filter of a feed in an address that holds more. */
export function queryOf(params: Query): string {
  const query = new URLSearchParams();
  for (const [key, values] of Object.entries(params))
    if (!OURS.has(key)) for (const value of [values ?? []].flat()) query.append(key, value);
  return query.toString();
}

const OURS = new Set(['feed', 'refused', 'via']);

/** "daily at 7:00, Europe/Berlin". */
export const dailyWords = ({ hour, zone }: { hour: number; zone: string }) => `daily at ${hour}:00, ${zone}`;
