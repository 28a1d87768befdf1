import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { flashIn } from '@/features/access/flash.ts';
import { Shell } from '@/features/coverage/shell.tsx';
import { DeliveryTable } from '@/features/feed-subscription/delivery-table.tsx';
import { dailyWords, FEED_WORDS, feedPage, filterWords } from '@/features/feed-subscription/feed-words.ts';
import { SubscriptionStatus } from '@/features/feed-subscription/subscription-status.tsx';
import { SubscriptionPageDocument } from '@/graphql/graphql.ts';
import { accountPath, saveSubscriptionPath, signInPath, subscriptionPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Copy } from '@/ui/copy.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { Note } from '@/ui/note.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

export const metadata: Metadata = { title: 'Subscription' };

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> };

const CRUMBS = [{ label: 'Account', href: accountPath() }, { label: 'Subscription' }];
const SHOWN = 100;

export default async function Subscription({ params, searchParams }: Props) {
  const { id } = await params;
  const refused = [(await searchParams).refused].flat()[0];
  const { feedSubscription: found, ...data } = await ask(SubscriptionPageDocument, { id });
  if (!found || found.login !== data.viewer.account?.login) {
    const isAnonymous = data.viewer.isAnonymous;
    return (
      <Shell freshness={data} concerns={[]}>
        <PageHead crumbs={CRUMBS} title="Subscription" />
        <Empty
          title={isAnonymous ? 'Nobody is signed in' : 'You have no such subscription'}
          action={
            <Link
              className="btn primary"
              href={isAnonymous ? signInPath(subscriptionPath(id)) : accountPath()}
              prefetch={false}
            >
              {isAnonymous ? 'Sign in' : 'Account'}
            </Link>
          }
        >
          A subscription is shown to its owner.
        </Empty>
      </Shell>
    );
  }
  const { feed, query, url, daily, pausedAt, pauseReason, deliveries } = found;
  const made = flashIn(await cookies(), 'whsec');
  const button = (act: string, words: string, className: string) => (
    <button className={className} type="submit" name="act" value={act}>
      {words}
    </button>
  );
  return (
    <Shell freshness={data} concerns={[]}>
      <PageHead
        crumbs={CRUMBS}
        title={FEED_WORDS[feed]}
        facts={[
          [
            'Of',
            <Link key="of" className="link" href={feedPage(feed, query)} prefetch={false}>
              {filterWords(query)}
            </Link>,
          ],
          [
            'Sent to',
            <code key="to" className="wrap">
              {url ?? data.viewer.account.mail ?? 'mail'}
            </code>,
          ],
          daily ? ['When', dailyWords(daily)] : null,
          ['State', <SubscriptionStatus key="state" of={found} />],
        ]}
        actions={<ApiPanel query={SubscriptionPageDocument.toString()} variables={{ id }} />}
      />
      {refused && <Note>Nothing was changed: it waits to be sent, is paused, or is not there any more.</Note>}
      {made && (
        <Section id="made" title="The key of this webhook">
          <p>
            Copy it now: it is shown for a minute and never again. By it the receiver checks the header{' '}
            <code>webhook-signature</code>.
          </p>
          <p>
            <code className="wrap">{made}</code> <Copy text={made} label="Copy" />
          </p>
        </Section>
      )}
      <form className="acts" method="post" action={saveSubscriptionPath()}>
        <input type="hidden" name="id" value={id} />
        {!pausedAt && button('test', 'Send a test', 'btn')}
        {!pausedAt && button('pause', 'Pause', 'btn')}
        {pausedAt && pauseReason !== 'ADMIN' && button('resume', 'Go on', 'btn primary')}
        {button('delete', 'Delete', 'btn ghost')}
      </form>
      <Section
        id="deliveries"
        title="What was sent"
        caption={deliveries.length}
        total={deliveries.length}
        cut={deliveries.length >= SHOWN}
      >
        {deliveries.length > 0 ? (
          <DeliveryTable
            deliveries={deliveries}
            subscription={id}
            isPaused={pausedAt !== null}
            labelledBy="deliveries"
          />
        ) : (
          <Empty title="Nothing yet">
            Nothing has happened since you subscribed. “Send a test” shows within seconds whether messages arrive.
          </Empty>
        )}
      </Section>
    </Shell>
  );
}
