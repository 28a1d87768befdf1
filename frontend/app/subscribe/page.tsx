import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { flashIn } from '@/features/access/flash.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import {
  FEED_WORDS,
  FEEDS,
  feedNamed,
  feedPage,
  filterIn,
  filterWords,
  queryOf,
} from '@/features/feed-subscription/feed-words.ts';
import { SubscribeForm } from '@/features/feed-subscription/subscribe-form.tsx';
import { SubscribePageDocument } from '@/graphql/graphql.ts';
import { signInPath, subscribePath } from '@/paths.ts';
import { publicOrigin } from '@/public-origin.ts';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';

export const metadata: Metadata = { title: 'Subscribe' };

const REFUSED = 'Nothing was saved: you may not do this, or there is no feed with this filter.';
const OF_FORM = ['url', 'via', 'daily'];

export default async function Subscribe({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const text = (key: string) => [params[key]].flat()[0] ?? '';
  const name = feedNamed(text('feed'));
  const query = queryOf(params);
  const data = await ask(SubscribePageDocument, {});
  if (!name) {
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead title="Subscribe" />
        <Empty
          title="To what?"
          action={
            <Link className="btn primary" href="/regressions" prefetch={false}>
              Regressions
            </Link>
          }
        >
          “Subscribe” is on the pages of builds, failures and regressions, and takes their filters along.
        </Empty>
      </Shell>
    );
  }
  const feed = FEEDS[name];
  const here = subscribePath(name, filterIn(query));
  const page = (
    <Link className="link" href={feedPage(feed, query)} prefetch={false}>
      {FEED_WORDS[feed]}, {filterWords(query)}
    </Link>
  );
  const refused = text('refused');
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead title="Subscribe" facts={[['To', page]]} />
      {data.viewer.account ? (
        <>
          {refused !== '' && !OF_FORM.some((field) => refused.startsWith(field)) && <Note>{REFUSED}</Note>}
          <p className="dim">
            What happens from now on is told once, within a minute or two of being read, or once a day: what you may
            see, as long as you may see it. A test that keeps failing is no news.
          </p>
          <SubscribeForm
            feed={name}
            query={query}
            origin={await publicOrigin()}
            data={data}
            refused={{ field: refused, via: text('via'), url: flashIn(await cookies(), 'receiver') ?? '' }}
          />
        </>
      ) : (
        <Empty
          title="Sign in with an account to subscribe"
          action={
            <Link className="btn primary" href={signInPath(here)} prefetch={false}>
              Sign in
            </Link>
          }
        >
          What happens is then posted to a webhook of yours, or mailed. Feed readers need no account: “Feed” is beside
          “Subscribe”.
        </Empty>
      )}
    </Shell>
  );
}
