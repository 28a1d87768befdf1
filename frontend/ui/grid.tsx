'use client';
import { type ReactNode, useEffect, useRef } from 'react';
import { createGridKeys } from './grid-keys.ts';
import { Scroll } from './scroll.tsx';

/**
 * A table that scrolls, as one stop of the Tab key: arrows move inside it, Home and End go to the ends of the row,
 * Ctrl+Home and Ctrl+End to the corners, Enter opens, Escape goes back to where the focus was. Without script it is a
 * plain table.
 */
export function Grid({ labelledBy, children }: { labelledBy: string; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  // After every render: what is new in the table gets its place among the stops.
  useEffect(() => {
    const table = place.current?.querySelector('table');
    return place.current && table ? createGridKeys(place.current, table, labelledBy) : undefined;
  });
  return (
    <Scroll labelledBy={labelledBy} ref={place}>
      {children}
    </Scroll>
  );
}
