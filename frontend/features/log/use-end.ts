'use client';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { isSingleKey } from '@/ui/single-keys.ts';

/** Nearer to the end than this is at it. */
const NEAR_PX = 24;

/**
 * Sticks to the end of a box that grows, until one scrolls up; sticks again at the end, by the switch, or by the key f.
 * `toEnd` goes there.
 */
export function useEnd(box: RefObject<HTMLElement | null>, grown: number, toEnd: () => void) {
  const [isStuck, setStuck] = useState(true);
  const top = useRef(0);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      if (scrollHeight - scrollTop - clientHeight < NEAR_PX) setStuck(true);
      else if (scrollTop < top.current) setStuck(false);
      top.current = scrollTop;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [box]);

  useEffect(() => {
    if (isStuck && grown > 0) toEnd();
  }, [isStuck, grown, toEnd]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isSingleKey(event) || event.key !== 'f') return;
      event.preventDefault();
      setStuck((before) => !before);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const toggle = useCallback(() => setStuck((before) => !before), []);
  const release = useCallback(() => setStuck(false), []);
  return { isStuck, toggle, release };
}
