'use client';
import { createClient } from 'graphql-ws';
import { useEffect, useRef, useState } from 'react';
import type { JobProgressSubscription, ProgressFragment } from '@/graphql/graphql.ts';
import type { Line } from './log-line.tsx';

/** Lines that a page holds; older ones are in the whole log once the job has finished. */
const MOST_LINES = 50_000;
/** After a refusal it is begun anew, if the job is still there. */
const AGAIN_MS = 5_000;

type Options = {
  /** The subscription's text; the server component has it already. */
  query: string;
  id: string;
  initial: ProgressFragment;
};

export type Followed = {
  progress: ProgressFragment;
  lines: readonly Line[];
  /** `over`: there is no more to come, or it may not be seen any more. */
  connection: 'opening' | 'open' | 'lost' | 'over';
};

/** A running job as it goes on, from the lines that the page came with. */
export function useProgress({ query, id, initial }: Options): Followed {
  const [followed, setFollowed] = useState<Followed>({
    progress: initial,
    lines: initial.lines,
    connection: 'opening',
  });
  const next = useRef((initial.lines.at(-1)?.n ?? -1) + 1);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt is a reason to begin anew
  useEffect(() => {
    const set = (connection: Followed['connection']) => setFollowed((before) => ({ ...before, connection }));
    let again: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      set('over');
      again = setTimeout(() => setAttempt((before) => before + 1), AGAIN_MS);
    };
    // Read anew whenever the connection is made again: it goes on behind the last line.
    const variables = { id, fromLine: next.current };
    const client = createClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      on: { connected: () => set('open'), closed: () => set('lost') },
    });
    const stop = client.subscribe<JobProgressSubscription>(
      { query, variables },
      {
        next({ data }) {
          if (!data) return;
          const { lines, ...progress } = data.jobProgress;
          const fresh = lines.filter(({ n }) => n >= variables.fromLine);
          variables.fromLine = (fresh.at(-1)?.n ?? variables.fromLine - 1) + 1;
          next.current = variables.fromLine;
          setFollowed((before) => ({
            connection: 'open',
            // Once it is stored, what was told of it before is gone.
            progress: progress.isStored ? { ...before.progress, isStored: true } : { ...progress, lines: [] },
            lines: fresh.length === 0 ? before.lines : [...before.lines, ...fresh].slice(-MOST_LINES),
          }));
        },
        error: end,
        complete: end,
      },
    );
    return () => {
      clearTimeout(again);
      stop();
      void client.dispose();
    };
  }, [query, id, attempt]);
  return followed;
}
