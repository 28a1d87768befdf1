/** What is said of feeds that are pushed. */
export const FEED_NAMES = ['builds', 'failures', 'regressions'] as const;
export type FeedName = (typeof FEED_NAMES)[number];

/** Who or what stopped a subscription; "mail": by the link in a mail; "gone": its receiver answered 410; "account": its owner cannot sign in any more. */
export const PAUSE_REASONS = ['owner', 'mail', 'admin', 'failing', 'gone', 'account'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** "failed": no try is left; "dropped": what it would tell is not in its owner's sight any more, or it was paused. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'failed', 'dropped'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export type DeliveryTry = {
  /** Microseconds. */
  at: number;
  tookMs: number;
  /** Of HTTP; null where there was no answer. */
  status: number | null;
  /** How the answer begins, or why there was none. */
  text: string;
};
