import { clock, duration } from './duration.ts';
import type { Span } from './span.ts';
import { clockTime } from './time.tsx';

type Props = {
  spans: readonly Span[];
  submitted: string;
  started: string | null;
  ended: string | null;
  mark: { at: string; label: string } | null;
};

/** Proportional stretches of a job's life, with its times below and one mark. */
export function Timeline({ spans, submitted, started, ended, mark }: Props) {
  const total = spans.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total <= 0) return null;
  const share = (seconds: number) => (seconds / total) * 100;
  const place = (at: string) => Math.min(100, Math.max(0, share((Date.parse(at) - Date.parse(submitted)) / 1000)));
  const words = [
    `Submitted ${clockTime(submitted)}`,
    ...spans.map(({ name, seconds }) => `${name} ${duration(seconds)}`),
    mark && `${mark.label} ${clockTime(mark.at)}`,
    ended ? `ended ${clockTime(ended)}` : 'not ended yet',
  ].filter(Boolean);
  const startedAt = started ? place(started) : 0;
  const markAt = mark ? place(mark.at) : 0;
  return (
    <div className="tl" role="img" aria-label={words.join(', ')}>
      <div className="tlt">
        {spans.map(({ name, kind, seconds }) => (
          <span key={name} className={kind} style={{ width: `${share(seconds)}%` }}>
            {share(seconds) > 2.5 && <b>{name}</b>} {share(seconds) > 6 && clock(seconds)}
          </span>
        ))}
      </div>
      <div className="tla">
        <span>
          submitted <b>{clockTime(submitted)}</b>
        </span>
        {started && startedAt > 14 && startedAt < 80 && !(mark && Math.abs(markAt - startedAt) < 16) && (
          <span style={{ insetInlineStart: `${startedAt}%` }}>
            started <b>{clockTime(started)}</b>
          </span>
        )}
        {mark && (
          <span
            className={markAt > 70 ? 'fail mark late' : 'fail mark'}
            style={markAt > 70 ? { insetInlineEnd: `${100 - markAt}%` } : { insetInlineStart: `${markAt}%` }}
          >
            {mark.label} <b>{clockTime(mark.at)}</b>
          </span>
        )}
        {ended && markAt < 56 && (
          <span className="end">
            ended <b>{clockTime(ended)}</b>
          </span>
        )}
      </div>
    </div>
  );
}
