import { type MouseEvent, memo } from 'react';
import type { LogPartFragment } from '@/graphql/graphql.ts';
import { parseAnsi } from '@/ui/ansi.ts';
import { clockTime } from '@/ui/time.tsx';

export type Line = LogPartFragment['lines'][number];

type Props = {
  line: Line;
  isError: boolean;
  isChosen: boolean;
  onChoose?: (n: number, event: MouseEvent) => void;
  /** Row of a list that measures its rows. */
  index?: number;
  measure?: (element: HTMLLIElement | null) => void;
};

export const LogLine = memo(function LogLine({ line, isError, isChosen, onChoose, index, measure }: Props) {
  const { n, at, level, text } = line;
  const names = [isError && 'hit', isChosen && 'chosen', level === 'results' && 'res'].filter(Boolean);
  return (
    <li id={`L${n}`} className={names.join(' ') || undefined} ref={measure} data-index={index}>
      <a className="lno" href={`#L${n}`} onClick={onChoose && ((event) => onChoose(n, event))}>
        {String(n).padStart(5)}
      </a>
      {'  '}
      <span className="tm">{at ? clockTime(at) : ' '.repeat(8)} </span>
      <span className="lv">{level.padEnd(9)}</span>
      <code>
        {parseAnsi(text).map(({ text: part, className }, i) =>
          className ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a run has no identity but its place
            <span key={i} className={className}>
              {part}
            </span>
          ) : (
            part
          ),
        )}
      </code>
    </li>
  );
});
