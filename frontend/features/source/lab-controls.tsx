'use client';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import type { AdministeredFragment } from '@/graphql/graphql.ts';
import { editLabPath } from '@/paths.ts';
import { Problems } from '@/ui/problem-list.tsx';
import { useChange } from '@/ui/use-change.ts';
import { useIsClient } from '@/ui/use-is-client.ts';

type Props = AdministeredFragment & {
  slug: string;
  /** Whether it is being read for the first time. */
  isFirst: boolean;
  /** The mutations' texts; the server component has them already. */
  queries: { setState: string; startSync: string; reconcile: string };
};

const REFRESH_MS = 2_000;
const WAITING = { SYNC: 'a sync', HISTORY: 'a new reading of its history', AUDIT: 'an audit' };

/** What an admin does with a lab. What was asked for is shown until whoever reads the lab has taken it. */
export function LabControls({ slug, isAdded, state, waiting, isFirst, queries }: Props) {
  const isClient = useIsClient();
  const router = useRouter();
  const { problems, isBusy, change } = useChange();
  const isPaused = state === 'PAUSED';
  const press = (query: string, input: object) => async () => {
    if (await change(query, { slug, ...input })) router.refresh();
  };
  const off = !isClient || isBusy;
  const asked = (kind: keyof typeof WAITING) => waiting.some((one) => one.kind === kind);
  return (
    <>
      <RefreshWhile isNeeded={waiting.length > 0 || (isFirst && !isPaused)} />
      <fieldset className="controls">
        <legend className="sr">Reading of {slug}</legend>
        <button
          className="btn"
          type="button"
          disabled={off}
          onClick={press(queries.setState, { state: isPaused ? 'RUNNING' : 'PAUSED' })}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        {!isPaused && (
          <>
            <button
              className="btn"
              type="button"
              disabled={off || asked('SYNC')}
              onClick={press(queries.startSync, { kind: 'NOW' })}
            >
              Sync now
            </button>
            <button
              className="btn"
              type="button"
              disabled={off || asked('AUDIT')}
              onClick={press(queries.reconcile, {})}
            >
              Audit now
            </button>
            {!isFirst && (
              <button
                className="btn"
                type="button"
                disabled={off || asked('HISTORY')}
                title="Reads every job again, from the newest down, within the budget"
                onClick={press(queries.startSync, { kind: 'HISTORY' })}
              >
                Read history again
              </button>
            )}
          </>
        )}
        {isAdded ? (
          <Link className="btn ghost" href={editLabPath(slug)} prefetch={false}>
            Edit
          </Link>
        ) : (
          <span className="hint">Configured in basalt.yaml</span>
        )}
        <span className="hint" aria-live="polite">
          {waiting.length > 0 && `Asked for, waiting: ${waiting.map(({ kind }) => WAITING[kind]).join(', ')}.`}
        </span>
      </fieldset>
      {['slug', null].map((of) => (
        <Problems key={of} problems={problems} of={of} />
      ))}
    </>
  );
}

function RefreshWhile({ isNeeded }: { isNeeded: boolean }) {
  const router = useRouter();
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') router.refresh();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isNeeded, router]);
  return null;
}
