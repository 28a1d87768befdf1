import Link from 'next/link';
import type { FeedSubscriptionRowFragment } from '@/graphql/graphql.ts';
import { saveSubscriptionPath, subscriptionPath } from '@/paths.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Instant } from '@/ui/time.tsx';
import { dailyWords, FEED_WORDS, filterWords } from './feed-words.ts';
import { SubscriptionStatus } from './subscription-status.tsx';

type Props = {
  subscriptions: readonly FeedSubscriptionRowFragment[];
  labelledBy: string;
  /** For admins: whose each is, and the way to stop it. */
  ofAll?: boolean;
};

/** Feeds that are pushed: what, where to, and how it goes. */
export function SubscriptionTable({ subscriptions, labelledBy, ofAll = false }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Of</th>
            {ofAll && <th scope="col">Whose</th>}
            <th scope="col" className="p2">
              Filter
            </th>
            <th scope="col" className="p2">
              Sent to
            </th>
            <th scope="col">State</th>
            <th scope="col" className="p2">
              Since
            </th>
            {ofAll && (
              <th scope="col">
                <span className="sr">Pause</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {subscriptions.map((one) => (
            <tr key={one.id} className={one.pausedAt ? 'dim' : undefined}>
              <th scope="row">
                {ofAll ? (
                  FEED_WORDS[one.feed]
                ) : (
                  <Link className="link" href={subscriptionPath(one.id)} prefetch={false}>
                    {FEED_WORDS[one.feed]}
                  </Link>
                )}
              </th>
              {ofAll && <td className="mono">{one.login}</td>}
              <td className="p2 wrap">{filterWords(one.query)}</td>
              <td className="p2 wrap">
                {one.receiver ? <span className="mono">{one.receiver}</span> : 'mail'}
                {one.daily && <span className="dim"> {dailyWords(one.daily)}</span>}
              </td>
              <td className="wrap">
                <SubscriptionStatus of={one} />
              </td>
              <td className="p2">
                <Instant at={one.createdAt} seconds={false} />
              </td>
              {ofAll && (
                <td>
                  {!one.pausedAt && (
                    <form method="post" action={saveSubscriptionPath()}>
                      <input type="hidden" name="id" value={one.id} />
                      <input type="hidden" name="of" value="all" />
                      <button className="btn ghost" type="submit" name="act" value="pause">
                        Pause<span className="sr"> that of {one.login}</span>
                      </button>
                    </form>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
