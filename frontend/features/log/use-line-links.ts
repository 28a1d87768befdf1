'use client';
import { type MouseEvent, useCallback, useEffect, useRef, useState } from 'react';
import { formatRange, type LineRange, parseRange } from './line-range.ts';

/** The lines that the address names: #L120-L140. A click chooses one, shift-click a stretch; links elsewhere on the page jump. */
export function useLineLinks(show: (n: number) => void) {
  const anchor = useRef<number | null>(null);
  const [chosen, setChosen] = useState<LineRange | null>(null);

  const choose = useCallback((range: LineRange) => {
    setChosen(range);
    history.replaceState(history.state, '', formatRange(range));
  }, []);

  useEffect(() => {
    const onHash = () => {
      const range = parseRange(location.hash);
      if (!range) return;
      anchor.current = range.from;
      setChosen(range);
      show(range.from);
    };
    const onClick = (event: globalThis.MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-line]') : null;
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const n = Number(link.dataset.line);
      choose({ from: n, to: n });
      show(n);
    };
    addEventListener('hashchange', onHash);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('hashchange', onHash);
      document.removeEventListener('click', onClick);
    };
  }, [show, choose]);

  const onChoose = useCallback(
    (n: number, event: MouseEvent) => {
      event.preventDefault();
      const start = event.shiftKey && anchor.current !== null ? anchor.current : n;
      anchor.current = start;
      choose({ from: Math.min(start, n), to: Math.max(start, n) });
    },
    [choose],
  );
  const open = useCallback((range: LineRange) => {
    anchor.current = range.from;
    setChosen(range);
  }, []);
  return { chosen, choose, onChoose, open };
}
