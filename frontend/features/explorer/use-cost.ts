import { useEffect, useState } from 'react';
import { type Answered, run, type Sent } from './ask.ts';

const PAUSE_MS = 500;

/**
 * What a query would cost, asked of the server a moment after it changed last; null where there is none to ask. What a
 * run says of it later is told by the function.
 */
export function useCost(sent: Sent | null): [said: Answered | null, tell: (said: Answered) => void] {
  const [said, setSaid] = useState<Answered | null>(null);
  const text = sent && JSON.stringify(sent);
  useEffect(() => {
    if (text === null) return setSaid(null);
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      run(JSON.parse(text), leaving.signal, { dryRun: true }).then(setSaid, () => {
        // The server is gone: whoever runs the query is told.
        if (!leaving.signal.aborted) setSaid(null);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text]);
  return [said, setSaid];
}
