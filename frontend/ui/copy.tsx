'use client';
import { useEffect, useState } from 'react';
import { Icon } from './glyph.tsx';

/** Copies a text. Absent where the browser offers no clipboard, and without JavaScript. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [isAble, setAble] = useState(false);
  const [isDone, setDone] = useState(false);
  useEffect(() => setAble(Boolean(navigator.clipboard)), []);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [isDone]);
  if (!isAble) return null;
  return (
    <button
      className="btn ghost"
      type="button"
      onClick={() => navigator.clipboard.writeText(text).then(() => setDone(true))}
    >
      <Icon name={isDone ? 'check' : 'copy'} />
      <span aria-live="polite">{isDone ? 'Copied' : label}</span>
    </button>
  );
}
