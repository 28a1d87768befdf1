import { type FeedName, feedPath, type Query, subscribePath } from '@/paths.ts';

/** The page as a feed: for feed readers in its head, for everybody else as a link, and the way to have it pushed. `query`: as docs/operations/feeds.md names it. */
export function FeedLink({ name, title, query }: { name: FeedName; title: string; query: Query }) {
  const path = feedPath(name, 'atom', query);
  return (
    <>
      <link rel="alternate" type="application/atom+xml" title={title} href={path} />
      <link rel="alternate" type="application/feed+json" title={title} href={feedPath(name, 'json', query)} />
      <a className="btn ghost" href={path} title={`${title}, as Atom`}>
        Feed
      </a>
      <a className="btn ghost" href={subscribePath(name, query)} title={`${title}, to a webhook`}>
        Subscribe
      </a>
    </>
  );
}
