import { useCallback, useRef, useState } from 'react';
import { plural } from '@/ui/number.ts';
import { type Answered, events, type Problem, run, type Sent } from './ask.ts';

export type Outcome = { text: string; head: string; problems: Problem[]; isFailed: boolean };

const MOST_EVENTS = 50;
const NOTHING: Outcome = { text: '', head: '', problems: [], isFailed: false };

/** Running a query or listening to a subscription, one at a time; `told` hears each answer. */
export function useRun(told: (answered: Answered) => void) {
  const [outcome, setOutcome] = useState<Outcome>(NOTHING);
  const [isRunning, setRunning] = useState(false);
  const current = useRef<AbortController>(null);

  const stop = useCallback(() => current.current?.abort(), []);
  const start = useCallback(
    async (sent: Sent, isSubscription: boolean) => {
      current.current?.abort();
      const mine = new AbortController();
      current.current = mine;
      setRunning(true);
      const show = (next: Outcome) => current.current === mine && setOutcome(next);
      try {
        if (isSubscription) await listen(sent, mine.signal, show);
        else {
          const answered = await run(sent, mine.signal);
          told(answered);
          show(outcomeOf(answered));
        }
      } catch (cause) {
        if (!mine.signal.aborted) show({ ...NOTHING, head: 'No answer', problems: problemsOf(cause), isFailed: true });
      } finally {
        if (current.current === mine) setRunning(false);
      }
    },
    [told],
  );
  return { outcome, isRunning, start, stop };
}

function outcomeOf({ status, ms, body, problems, cost }: Answered): Outcome {
  const parts = [`${status}`, `${ms} ms`, cost && `cost ${cost.requested}`];
  return {
    text: JSON.stringify(body, null, 2),
    head: parts.filter(Boolean).join(' · '),
    problems,
    isFailed: problems.length > 0,
  };
}

async function listen(sent: Sent, signal: AbortSignal, show: (outcome: Outcome) => void): Promise<void> {
  const seen: unknown[] = [];
  const say = (what: string) =>
    show({
      ...NOTHING,
      head: `${what}, ${plural(seen.length, 'event')}`,
      text: seen.map((one) => JSON.stringify(one, null, 2)).join('\n'),
    });
  say('Listening');
  for await (const event of events(sent, signal)) {
    seen.unshift(event);
    if (seen.length > MOST_EVENTS) seen.pop();
    say('Listening');
  }
  say('Ended');
}

/** A socket refuses with a list of problems. */
function problemsOf(cause: unknown): Problem[] {
  if (Array.isArray(cause)) return cause;
  return [{ message: cause instanceof Error ? cause.message : String(cause) }];
}
