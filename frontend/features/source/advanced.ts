/** The rarer settings of a master, as a form holds them: texts, and an empty one is nothing. */
import type { AddSourceInput, EditLabPageQuery, HistoryOrder } from '../../graphql/graphql.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const PARTS = ['logs', 'detail', 'results', 'rollups'] as const;
type Part = (typeof PARTS)[number];

export type Advanced = {
  ca: string;
  callbackToken: string;
  history: HistoryOrder;
  megabytes: string;
  from: string;
  to: string;
  timeZone: string;
  days: readonly string[];
  kept: Record<Part, string>;
};

type Lab = NonNullable<EditLabPageQuery['source']>;

const NONE = { logs: null, detail: null, results: null, rollups: null };

export function toAdvanced(lab?: Pick<Lab, 'addedSettings' | 'retention'>): Advanced {
  const { ca = null, history = 'NEWEST', megabytesPerHour = null, quietHours = null } = lab?.addedSettings ?? {};
  const kept = lab?.retention ?? NONE;
  const text = (value: number | null) => (value === null ? '' : String(value));
  return {
    ca: ca ?? '',
    callbackToken: '',
    history,
    megabytes: text(megabytesPerHour),
    from: quietHours?.from ?? '',
    to: quietHours?.to ?? '',
    timeZone: quietHours?.timeZone ?? 'UTC',
    days: quietHours?.days ?? DAYS,
    kept: {
      logs: text(kept.logs),
      detail: text(kept.detail),
      results: text(kept.results),
      rollups: text(kept.rollups),
    },
  };
}

type Input = Pick<AddSourceInput, 'ca' | 'callbackToken' | 'history' | 'retention'> & {
  budget: Pick<NonNullable<AddSourceInput['budget']>, 'megabytesPerHour' | 'quietHours'>;
};

/** All of them, so that what was emptied is taken away; a token of callbacks only when there is a new one. */
export function toInput({ ca, callbackToken, history, megabytes, from, to, timeZone, days, kept }: Advanced): Input {
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  const parts = PARTS.map((part) => [part, number(kept[part])] as const);
  return {
    ca: ca.trim() || null,
    callbackToken: callbackToken || null,
    history,
    retention: parts.some(([, days]) => days !== null) ? Object.fromEntries(parts) : null,
    budget: {
      megabytesPerHour: number(megabytes),
      quietHours: from === '' && to === '' ? null : { from, to, timeZone, days: [...days] },
    },
  };
}
