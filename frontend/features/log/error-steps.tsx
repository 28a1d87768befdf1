'use client';
import { type MouseEvent, useEffect } from 'react';
import { Glyph, Icon } from '@/ui/glyph.tsx';
import { isSingleKey } from '@/ui/single-keys.ts';

type Props = { lines: number[]; at: number; onStep: (by: 1 | -1) => void };

/** "1 of 5" and the way to the error before and after; links, so that they work without JavaScript. */
export function ErrorSteps({ lines, at, onStep }: Props) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isSingleKey(event) || (event.key !== 'n' && event.key !== 'p')) return;
      event.preventDefault();
      onStep(event.key === 'n' ? 1 : -1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onStep]);

  if (lines.length === 0)
    return <span className="grow faint">No line of this log is an error, and no failing case points into it.</span>;
  const neighbour = (by: 1 | -1) => lines[(at + by + lines.length) % lines.length] ?? 0;
  const link = (by: 1 | -1, label: string) => {
    const n = neighbour(by);
    const onClick = (event: MouseEvent) => {
      event.preventDefault();
      onStep(by);
    };
    return (
      <a className="btn ghost" href={`?line=${n}#L${n}`} onClick={onClick} aria-keyshortcuts={by === 1 ? 'n' : 'p'}>
        <Icon name={by === 1 ? 'right' : 'left'} />
        <span className="sr">{label}</span>
      </a>
    );
  };
  return (
    <>
      <span className="st o fail">
        <Glyph shape="fail" />
      </span>
      <b className="nowrap" data-measure>
        {at + 1} of {lines.length}
      </b>
      <span className="grow faint">errors and failing cases</span>
      <span className="acts">
        {link(-1, 'Previous error')}
        {link(1, 'Next error')}
      </span>
    </>
  );
}
