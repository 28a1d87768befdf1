/** The rarer settings of an added source: from what people say to what is kept, and back. */
import type { AddedSource } from '#store/added-source.ts';
import { callbackPlace } from '#store/added-source.ts';
import type { Vault } from '#store/vault.ts';
import type { HistoryOrder } from './graphql/types.ts';
import type { SourceInput } from './source-input.ts';

type More = Pick<AddedSource, 'caPem' | 'callbackToken' | 'retention' | 'quietHours' | 'megabytesPerHour' | 'history'>;

export const NOTHING_MORE: More = {
  caPem: null,
  callbackToken: null,
  retention: null,
  quietHours: null,
  megabytesPerHour: null,
  history: 'newest',
};

/** What is not given stays; null takes away, an empty text the token of callbacks. @throws NoKey as Vault. */
export function moreOf(
  { ca, callbackToken, retention, budget, history }: SourceInput,
  place: Pick<AddedSource, 'slug' | 'url'>,
  before: More,
  vault: Vault,
): More {
  const sealed = callbackToken ? vault.seal(callbackToken, callbackPlace(place)) : null;
  return {
    caPem: ca === undefined ? before.caPem : ca || null,
    callbackToken: callbackToken === undefined || callbackToken === null ? before.callbackToken : sealed,
    retention: retention === undefined ? before.retention : retention,
    quietHours: budget?.quietHours === undefined ? before.quietHours : budget.quietHours,
    megabytesPerHour: budget?.megabytesPerHour === undefined ? before.megabytesPerHour : budget.megabytesPerHour,
    history: history ?? before.history,
  };
}

export const toHistoryOrder = (order: AddedSource['history']): HistoryOrder =>
  order === 'oldest' ? 'OLDEST' : 'NEWEST';
