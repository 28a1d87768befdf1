'use client';
import { useEffect, useRef } from 'react';
import type { Toast } from './use-triage.ts';

const SHOWN_MS = 10_000;

type Props = { toast: Toast | null; onUndo: () => void; onGone: () => void };

/** What was done, with one way back, for ten seconds: longer while it has the focus or the pointer. */
export function Toaster({ toast, onUndo, onGone }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each toast has its own time
  useEffect(() => {
    if (!toast) return;
    const timer = setInterval(() => {
      if (place.current?.matches(':hover, :focus-within') !== true) onGone();
    }, SHOWN_MS);
    return () => clearInterval(timer);
  }, [toast]);
  return (
    <div className="toasts" ref={place} role="status">
      {toast && (
        <div className="toast">
          <span>{toast.text}</span>
          {toast.canUndo && (
            <button className="btn" type="button" onClick={onUndo} aria-keyshortcuts="u">
              Undo <kbd>u</kbd>
            </button>
          )}
        </div>
      )}
    </div>
  );
}
