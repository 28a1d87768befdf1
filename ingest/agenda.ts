/** When a source is read next, and what of it: many hints, few runs. Knows no clock: instants are milliseconds. */
import type { SyncTrigger } from '#schema/records.ts';

/** All that is new, or only what the jobs that were heard of need. */
export type Turn = { trigger: SyncTrigger; isWhole: boolean; externalIds: string[] };

export type Pace = {
  /** From a hint to the run: others join it, and the source's own transaction ends. */
  gatherMs: number;
  /** Between the beginnings of two runs that come of hints; one that took long is followed by a rest as long. */
  betweenMs: number;
  longestRestMs: number;
  /** Pauses before a job that was heard to have ended, and was found open, is looked at again. */
  againMs: readonly number[];
};

const PACE: Pace = {
  gatherMs: 1_000,
  betweenMs: 5_000,
  longestRestMs: 30_000,
  againMs: [2_000, 5_000, 10_000, 20_000],
};
/** So many jobs wait to be looked at; what is heard beyond them is found by the next whole run. */
const MOST = 1_000;

type Heard = { trigger: SyncTrigger; at: number; looks: number };

export type Agenda = {
  /** A whole run, from `at` on. */
  plan(trigger: SyncTrigger, at: number): void;
  hear(trigger: SyncTrigger, externalId: string, now: number): void;
  /** The next run, when it is time for it. */
  take(now: number): Turn | null;
  /** The run has ended; these of its jobs are still open. */
  end(stillOpen: readonly string[], now: number): void;
  nextAt(): number | null;
};

export function createAgenda({ gatherMs, betweenMs, longestRestMs, againMs }: Pace = PACE): Agenda {
  const jobs = new Map<string, Heard>();
  const looked = new Map<string, Heard>();
  let whole: { trigger: SyncTrigger; at: number } | null = null;
  let tookAt = Number.NEGATIVE_INFINITY;
  let restUntil = Number.NEGATIVE_INFINITY;

  const nextAt = () => {
    let first = Number.POSITIVE_INFINITY;
    for (const { at } of jobs.values()) first = Math.min(first, at);
    const at = Math.min(whole?.at ?? Number.POSITIVE_INFINITY, Math.max(first, restUntil));
    return at === Number.POSITIVE_INFINITY ? null : at;
  };
  return {
    nextAt,
    plan(trigger, at) {
      if (!whole || at <= whole.at) whole = { trigger, at };
    },
    hear(trigger, externalId, now) {
      const known = jobs.get(externalId);
      if (known) known.at = Math.min(known.at, now + gatherMs);
      else if (jobs.size < MOST) jobs.set(externalId, { trigger, at: now + gatherMs, looks: 0 });
    },
    take(now) {
      const at = nextAt();
      if (at === null || now < at) return null;
      tookAt = now;
      restUntil = now + betweenMs;
      looked.clear();
      for (const [id, heard] of jobs) if (heard.at <= now) looked.set(id, heard);
      for (const id of looked.keys()) jobs.delete(id);
      const due = whole && whole.at <= now ? whole : null;
      if (due) whole = null;
      const [first] = looked.values();
      const trigger = due?.trigger ?? first?.trigger;
      return trigger === undefined ? null : { trigger, isWhole: due !== null, externalIds: [...looked.keys()] };
    },
    end(stillOpen, now) {
      restUntil = Math.max(restUntil, now + Math.min(longestRestMs, now - tookAt));
      for (const id of stillOpen) {
        const heard = looked.get(id);
        const pause = heard && againMs[heard.looks];
        if (!heard || pause === undefined || jobs.has(id) || jobs.size >= MOST) continue;
        jobs.set(id, { trigger: heard.trigger, at: now + pause, looks: heard.looks + 1 });
      }
    },
  };
}
