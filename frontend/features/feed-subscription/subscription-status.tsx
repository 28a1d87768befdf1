import type { DeliveryState, FeedSubscriptionRowFragment, PauseReason } from '@/graphql/graphql.ts';
import { Status, type Verdict } from '@/ui/status.tsx';
import { Age } from '@/ui/time.tsx';

const PAUSED: Readonly<Record<PauseReason, Verdict>> = {
  OWNER: { shape: 'cancel', tone: 'cancel', word: 'paused' },
  MAIL: { shape: 'cancel', tone: 'cancel', word: 'ended by the link in a mail' },
  ADMIN: { shape: 'cancel', tone: 'cancel', word: 'paused by an admin' },
  FAILING: { shape: 'fail', tone: 'fail', word: 'paused: nothing arrived for three days' },
  GONE: { shape: 'fail', tone: 'fail', word: 'paused: the receiver says it is gone' },
  ACCOUNT: { shape: 'cancel', tone: 'cancel', word: 'paused: the account cannot sign in' },
};

export const DELIVERY: Readonly<Record<DeliveryState, Verdict>> = {
  WAITING: { shape: 'queued', tone: 'faint', word: 'waits' },
  DELIVERED: { shape: 'pass', tone: 'pass', word: 'arrived' },
  FAILED: { shape: 'fail', tone: 'fail', word: 'given up' },
  DROPPED: { shape: 'skipped', tone: 'skipped', word: 'not sent' },
};

type Props = { of: Pick<FeedSubscriptionRowFragment, 'pauseReason' | 'failingSince'> };

export function SubscriptionStatus({ of: { pauseReason, failingSince } }: Props) {
  if (pauseReason) return <Status {...PAUSED[pauseReason]} />;
  if (!failingSince) return <Status shape="pass" tone="pass" word="on" />;
  return (
    <Status shape="warn" tone="warn" word="failing">
      {' '}
      for <Age at={failingSince} />
    </Status>
  );
}
