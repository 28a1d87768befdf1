import type { RunLineFragment } from '@/graphql/graphql.ts';
import { Glyph, type Shape, type Tone } from '@/ui/glyph.tsx';
import { bytes, count, plural } from '@/ui/number.ts';
import { Instant } from '@/ui/time.tsx';
import { alikeInARow, runInWords } from './run-words.ts';

const STATES: Record<string, [Shape, Tone]> = {
  succeeded: ['pass', 'pass'],
  running: ['run', 'run'],
  failed: ['warn', 'warn'],
  aborted: ['cancel', 'cancel'],
};

/** Runs, each with what it did in words, and what it asked; those that failed alike in a row are one line. */
export function RunList({ runs }: { runs: readonly RunLineFragment[] }) {
  return (
    <ol className="events">
      {alikeInARow(runs).map((alike) => {
        const [run] = alike;
        const [shape, tone] = STATES[run.state] ?? (['unknown', 'unknown'] as const);
        const first = alike.at(-1);
        return (
          <li key={run.id}>
            <Instant at={run.startedAt} />
            <Glyph shape={shape} tone={tone} />
            <span className="grow any" data-measure>
              {runInWords(run)}
              {first && alike.length > 1 && (
                <span className="faint">
                  {' '}
                  {count(alike.length)} times in a row, first <Instant at={first.startedAt} />
                </span>
              )}
            </span>
            <Cost runs={alike} />
          </li>
        );
      })}
    </ol>
  );
}

function Cost({ runs }: { runs: readonly RunLineFragment[] }) {
  if (runs.some((run) => run.requests === null || run.bytes === null)) return null;
  const sum = (key: 'requests' | 'bytes') => runs.reduce((total, run) => total + (run[key] ?? 0), 0);
  return (
    <span className="cost faint nowrap" data-measure>
      {plural(sum('requests'), 'request')}, {bytes(sum('bytes'))}
    </span>
  );
}
