'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '@/ui/glyph.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { useIsClient } from '@/ui/use-is-client.ts';
import { ErrorSteps } from './error-steps.tsx';
import { parseRange } from './line-range.ts';
import { type Line, LogLine } from './log-line.tsx';
import { LogMap } from './log-map.tsx';
import { useLineLinks } from './use-line-links.ts';
import { type Ask, useLogBlocks } from './use-log-blocks.ts';

type Props = Ask & {
  initial: { start: number; lines: Line[] };
  totalLines: number;
  /** Lines behind the level filter: the rows of the list. */
  matchingLines: number;
  /** Errors and the beginnings of failing cases. */
  stops: number[];
  /** Where to open: the line of the address, else the first error. */
  focus: number | null;
};

const LINE_PX = 19;

/** A log of any length: the server's window first, the rest read block by block as it comes into view. */
export function LogView({ query, variables, initial, totalLines, matchingLines, stops, focus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isClient = useIsClient();
  const [isWrapped, setWrapped] = useState(false);
  const [error, setError] = useState(() => Math.max(0, focus === null ? 0 : stops.indexOf(focus)));
  const isWhole = !variables.level;
  const { lineAt, want, problem, retry } = useLogBlocks({ query, variables }, initial);
  const virtual = useVirtualizer({
    count: matchingLines,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 30,
    enabled: isClient,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  useEffect(() => want(first, last), [want, first, last]);

  const show = useCallback(
    (n: number) => {
      // Behind a level filter the row of a line is not known: open the whole log there.
      if (!isWhole) return location.assign(`${location.pathname}?line=${n}#L${n}`);
      virtual.scrollToIndex(n, { align: 'center' });
      box.current?.scrollIntoView({ block: 'nearest' });
    },
    [isWhole, virtual],
  );
  const { chosen, choose, onChoose, open } = useLineLinks(show);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as the list can scroll
  useEffect(() => {
    if (!isClient) return;
    const range = parseRange(location.hash);
    if (range) open(range);
    const scrolled = box.current?.scrollTop ?? 0;
    // Whoever has begun to read the server's lines stays at them.
    if (!range && scrolled > 0) return virtual.scrollToOffset(initial.start * LINE_PX + scrolled);
    const at = range?.from ?? focus;
    if (at !== null && isWhole) virtual.scrollToIndex(Math.min(at, totalLines - 1), { align: 'center' });
    if (range) box.current?.scrollIntoView({ block: 'nearest' });
  }, [isClient]);

  const onStep = useCallback(
    (by: 1 | -1) => {
      if (stops.length === 0) return;
      const next = (error + by + stops.length) % stops.length;
      const n = stops[next] ?? 0;
      setError(next);
      choose({ from: n, to: n });
      show(n);
    },
    [error, stops, choose, show],
  );
  const onWrap = () => {
    setWrapped(!isWrapped);
    virtual.measure();
  };

  const errors = useMemo(() => new Set(stops), [stops]);
  const isChosen = (n: number) => chosen !== null && n >= chosen.from && n <= chosen.to;
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className="logbox">
      <div className="err">
        <ErrorSteps lines={stops} at={error} onStep={onStep} />
        {isClient && (
          <button className="btn ghost" type="button" aria-pressed={isWrapped} onClick={onWrap}>
            <Icon name="wrap" />
            Wrap
          </button>
        )}
      </div>
      <Scroll
        className="lines"
        ref={box}
        label="Log"
        height={isWrapped ? undefined : `min(64vh, 720px, ${matchingLines * LINE_PX + 26}px)`}
      >
        {isClient ? (
          <ol
            data-measure
            className={isWrapped ? 'lg wrapped' : 'lg'}
            style={{ paddingTop: above, paddingBottom: below }}
          >
            {items.map(({ index, key }) => {
              const line = lineAt(index);
              return line ? (
                <LogLine
                  key={key}
                  line={line}
                  isError={errors.has(line.n)}
                  isChosen={isChosen(line.n)}
                  onChoose={onChoose}
                  index={index}
                  measure={isWrapped ? virtual.measureElement : undefined}
                />
              ) : (
                <li key={key} className="faint" aria-hidden="true">
                  {'     …'}
                </li>
              );
            })}
          </ol>
        ) : (
          <ol className="lg" data-measure>
            {initial.lines.map((line) => (
              <LogLine key={line.n} line={line} isError={errors.has(line.n)} isChosen={line.n === focus} />
            ))}
          </ol>
        )}
      </Scroll>
      <LogMap totalLines={totalLines} stops={stops} view={isWhole && last >= 0 ? { from: first, to: last } : null} />
      {problem && (
        <div className="logproblem">
          These lines could not be read: {problem}{' '}
          <button className="link" type="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}
