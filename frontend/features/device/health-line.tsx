import { verdictOfHealth } from '@/lava.ts';
import { day } from '@/ui/time.tsx';

type Span = { health: string; from: string; until: string | null };

/** Health over time, oldest left; the table beside it says the same in words. */
export function HealthLine({ spans, now = new Date().toISOString() }: { spans: readonly Span[]; now?: string }) {
  const [first] = spans;
  if (!first) return null;
  const start = Date.parse(first.from);
  const total = Math.max(1, Date.parse(now) - start);
  const words = spans.map(
    ({ health, from, until }) => `${health} from ${from.slice(0, 16)} to ${until ? until.slice(0, 16) : 'now'}`,
  );
  return (
    <>
      <div className="ctl" role="img" aria-label={`Health: ${words.join('; ')}`}>
        {spans.map(({ health, from, until }) => (
          <span
            key={from}
            className={`h-${verdictOfHealth(health).tone}`}
            title={`${health} since ${from.slice(0, 16).replace('T', ' ')} UTC`}
            style={{
              insetInlineStart: `${((Date.parse(from) - start) / total) * 100}%`,
              width: `${((Date.parse(until ?? now) - Date.parse(from)) / total) * 100}%`,
            }}
          />
        ))}
      </div>
      <div className="ctx" aria-hidden="true" data-measure>
        <span>{day(first.from)}</span>
        <span className="end">now</span>
      </div>
    </>
  );
}
