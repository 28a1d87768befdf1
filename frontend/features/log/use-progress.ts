'use client';
import { createClient } from 'graphql-ws';
import { useEffect, useState } from 'react';
import type { JobProgressSubscription, ProgressFragment } from '@/graphql/graphql.ts';
import type { Line } from './log-line.tsx';

/** Lines that a page holds; older ones are in the whole log once the job has finished. */
const MOST_LINES = 50_000;

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
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the page came with is where it begins, once
  useEffect(() => {
    const set = (connection: Followed['connection']) => setFollowed((before) => ({ ...before, connection }));
    // Read anew whenever the connection is made again: it goes on behind the last line.
    const variables = { id, fromLine: (initial.lines.at(-1)?.n ?? -1) + 1 };
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
          setFollowed((before) => ({
            connection: 'open',
            // Once it is stored, what was told of it before is gone.
            progress: progress.isStored ? { ...before.progress, isStored: true } : { ...progress, lines: [] },
            lines: fresh.length === 0 ? before.lines : [...before.lines, ...fresh].slice(-MOST_LINES),
          }));
        },
        error: () => set('over'),
        complete: () => set('over'),
      },
    );
    return () => {
      stop();
      void client.dispose();
    };
  }, [query, id]);
  return followed;
}
