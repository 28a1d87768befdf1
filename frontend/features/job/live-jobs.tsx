'use client';
import { createClient } from 'graphql-ws';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useState } from 'react';
import type { JobFilter } from '@/graphql/graphql.ts';

type Props = {
  /** The subscription's text; the server component has it already. */
  query: string;
  filter: JobFilter;
  /** The newest page without a cursor: new rows belong on top of it. */
  isNewest: boolean;
  /** Rows that still change. */
  openCount: number;
};

const POLL_MS = 30_000;
const TOGETHER_MS = 400;

/**
 * Shows a job that finishes without a reload: in place while the visitor is at the top and reads nothing
 * closely, else behind a pill. Without a socket it asks every 30 s.
 */
export function LiveJobs({ query, filter, isNewest, openCount }: Props) {
  const router = useRouter();
  const [waiting, setWaiting] = useState(0);
  const [isConnected, setConnected] = useState(false);
  const filterText = JSON.stringify(filter);

  const show = useCallback(() => {
    setWaiting(0);
    router.refresh();
  }, [router]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let arrived = 0;
    const settle = () => {
      timer = undefined;
      const more = arrived;
      arrived = 0;
      if (isNewest && isIdleAtTop()) show();
      else setWaiting((count) => count + more);
    };
    const client = createClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      on: { connected: () => setConnected(true), closed: () => setConnected(false) },
    });
    const stop = client.subscribe(
      { query, variables: { filter: JSON.parse(filterText) } },
      {
        next: () => {
          arrived += 1;
          timer ??= setTimeout(settle, TOGETHER_MS);
        },
        error: () => setConnected(false),
        complete: () => setConnected(false),
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
      void client.dispose();
    };
  }, [query, filterText, isNewest, show]);

  const mustPoll = !isConnected || openCount > 0;
  useEffect(() => {
    if (!mustPoll) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && isNewest && isIdleAtTop()) show();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [mustPoll, isNewest, show]);

  return (
    <span aria-live="polite" data-live={isConnected ? 'on' : 'off'}>
      {waiting > 0 && (
        <button className="pill" type="button" onClick={show}>
          {waiting} new {waiting === 1 ? 'result' : 'results'}, show
        </button>
      )}
    </span>
  );
}

/** Nothing may move under the pointer of someone who reads: at the top, nothing selected, nothing open. */
function isIdleAtTop(): boolean {
  const selection = document.getSelection();
  return (
    scrollY < 80 &&
    (selection === null || selection.isCollapsed) &&
    !document.querySelector('details[name="floating"][open], dialog[open]')
  );
}
