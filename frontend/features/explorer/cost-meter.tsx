import { Measure } from '@/ui/count.tsx';
import { count } from '@/ui/number.ts';
import type { Answered } from './ask.ts';

type Props = { said: Answered | null; most: number };

/** What the query costs, and what of the minute is left. */
export function CostMeter({ said, most }: Props) {
  const tooMuch = said?.problems.find(({ extensions }) => extensions?.code?.startsWith('QUERY_TOO'));
  const cost = said?.cost;
  return (
    <p className="cost" aria-live="polite">
      <Measure>
        {tooMuch ? (
          <span className="problem">{tooMuch.message}</span>
        ) : (
          <>
            Costs {cost ? count(cost.requested) : '–'} of {count(most)}
          </>
        )}
        {cost && ` · ${count(cost.remaining)} of ${count(cost.limit)} left this minute`}
      </Measure>
      {cost && (
        <meter
          aria-label="Cost of the query"
          max={most}
          high={most * 0.8}
          optimum={0}
          value={Math.min(cost.requested, most)}
        />
      )}
    </p>
  );
}
