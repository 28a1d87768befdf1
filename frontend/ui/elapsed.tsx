'use client';
import { useEffect, useState } from 'react';
import { duration } from './duration.ts';
import { secondsSince } from './time.tsx';

/** How long it is since then, second by second. */
export function Elapsed({ since }: { since: string }) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  // The server drew it a moment ago.
  return (
    <time dateTime={since} suppressHydrationWarning>
      {duration(secondsSince(since))}
    </time>
  );
}
