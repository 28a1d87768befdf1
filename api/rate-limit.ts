/** What each caller may ask in a minute, counted in the unit of api/limits.ts, in the memory of this server. */
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '#schema/viewer.ts';

/** A hundred of the dearest queries. */
export const COST_PER_MINUTE = 5_000_000;
const WINDOW = 60_000_000;
/** Cost is counted by slots of this length: it leaves the window as much later at most. */
const SLOT = 5_000_000;
/** Callers that are remembered. */
const MOST_CALLERS = 50_000;

/** Instants are microseconds. `resetAt`: when everything is free again, if nothing more is asked. */
export type Spent = { limit: number; cost: number; remaining: number; resetAt: number };

export class RateLimited extends Error {
  override name = 'RateLimited';
  readonly retryAfterSeconds: number;
  constructor(cost: number, limit: number, retryAfterSeconds: number) {
    super(
      `This costs ${cost}, and of the ${limit} that may be asked in a minute less is left: ask again in ${retryAfterSeconds} s.`,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Null when the cost was within the budget. */
export function refusalOf({ budget }: { budget: Budget }, cost: number): GraphQLError | null {
  try {
    budget.spend(cost);
    return null;
  } catch (cause) {
    if (!(cause instanceof RateLimited)) throw cause;
    return new GraphQLError(cause.message, { originalError: cause, extensions: { code: 'RATE_LIMITED' } });
  }
}

export function retryAfterOf({ originalError }: GraphQLError): number {
  return originalError instanceof RateLimited ? originalError.retryAfterSeconds : 0;
}

export type Budget = {
  /** @throws RateLimited */
  spend(cost: number): void;
  /** After what was spent last through this budget. */
  spent(): Spent;
};

type Slot = { at: number; cost: number };

/** The budget of a key; null: of who is not counted. */
export function createBudgets(limit: number, now: () => number): (key: string | null) => Budget {
  const callers = new LRUCache<string, Slot[]>({ max: MOST_CALLERS });
  const leavesAt = ({ at }: Slot) => at + SLOT + WINDOW;
  const slotsOf = (key: string): Slot[] => {
    const slots = (callers.get(key) ?? []).filter((slot) => leavesAt(slot) > now());
    callers.set(key, slots);
    return slots;
  };
  const sum = (slots: readonly Slot[]) => slots.reduce((total, { cost }) => total + cost, 0);

  return (key) => {
    let last = 0;
    return {
      spend(cost) {
        last = cost;
        if (key === null) return;
        const slots = slotsOf(key);
        let over = sum(slots) + cost - limit;
        if (over > 0) {
          const enough = slots.find((slot) => {
            over -= slot.cost;
            return over <= 0;
          });
          const until = enough ? leavesAt(enough) : now() + WINDOW;
          throw new RateLimited(cost, limit, Math.ceil((until - now()) / 1e6));
        }
        const at = Math.floor(now() / SLOT) * SLOT;
        const slot = slots.at(-1);
        if (slot?.at === at) slot.cost += cost;
        else slots.push({ at, cost });
      },
      spent() {
        const slots = key === null ? [] : slotsOf(key);
        const newest = slots.at(-1);
        return { limit, cost: last, remaining: limit - sum(slots), resetAt: newest ? leavesAt(newest) : now() };
      },
    };
  };
}

/** By the token or session; a visitor by the address. */
export function callerOf(viewer: Viewer, ip: string): string {
  if (viewer.kind !== 'person') return `ip ${ip}`;
  return viewer.credential ? `${viewer.credential.kind} ${viewer.credential.id}` : `login ${viewer.login}`;
}
