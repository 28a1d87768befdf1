'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { TriageState } from '@/graphql/graphql.ts';
import { plural } from '@/ui/number.ts';
import { isSingleKey } from '@/ui/single-keys.ts';
import { useIsClient } from '@/ui/use-is-client.ts';
import { BugDialog, type BugQueries, type Suspect } from './bug-dialog.tsx';
import { Toaster } from './toaster.tsx';
import { DeskContext } from './triage-context.ts';
import { type Judged, KEYS, WORDS } from './triage-words.ts';
import { type Queries, useTriage } from './use-triage.ts';

type Props = {
  /** Of the rows, in their order. */
  groups: readonly (Suspect & { fingerprint: string })[];
  queries: Queries & BugQueries;
  /** Whether a row goes when something is said of it. */
  isForUntriaged: boolean;
  /** Of the period. */
  progress: { done: number; all: number; period: string };
  children: ReactNode;
};

const BULK: readonly [TriageState, string | null][] = [
  ...Object.entries(KEYS).map(([key, state]): [TriageState, string] => [state, key]),
  ['IGNORED', null],
];

/** Says of failures what they are, by keys, in bulk, and with a way back. */
export function TriageDesk({ groups, queries, isForUntriaged, progress, children }: Props) {
  const router = useRouter();
  const isClient = useIsClient();
  const { said, refused, toast, say, undo, tell, dismiss, forget } = useTriage(queries);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly string[]>([]);
  const dialog = useRef<HTMLDialogElement>(null);
  const focusNext = useRef<string | null>(null);

  const fingerprints = groups.map(({ fingerprint }) => fingerprint);
  const isHidden = (one: string) => isForUntriaged && Boolean(said.get(one));
  const visible = fingerprints.filter((one) => !isHidden(one));
  const chosen = visible.filter((one) => selected.has(one));
  const saidHere = fingerprints.length - visible.length;

  const select = (one: string) =>
    setSelected((now) => new Set(now.has(one) ? [...now].filter((other) => other !== one) : [...now, one]));
  const judge = (targets: readonly string[], state: TriageState | null, judged?: Judged) => {
    const left = visible.filter((one) => !targets.includes(one));
    const at = visible.indexOf(targets.at(-1) ?? '');
    focusNext.current =
      isForUntriaged && state ? (left.find((one) => visible.indexOf(one) > at) ?? left.at(-1) ?? null) : null;
    setSelected((now) => new Set([...now].filter((one) => !targets.includes(one))));
    void say(targets, state, judged);
  };
  const askForBug = (targets: readonly string[]) => {
    setAsked(targets);
    dialog.current?.showModal();
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isSingleKey(event)) return;
      const { key } = event;
      const row = document.activeElement?.closest<HTMLElement>('tr[data-group]')?.dataset.group;
      const targets = chosen.length > 0 ? chosen : row === undefined ? [] : [row];
      if (key === 'u') void undo();
      else if (key !== 'x' && key !== 'b' && KEYS[key] === undefined) return;
      else if (key === 'x' && row !== undefined) select(row);
      else if (targets.length === 0) tell('No row is chosen: j and k move between them.');
      else if (key === 'b') askForBug(targets);
      else if (key !== 'x') judge(targets, KEYS[key] ?? null);
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  useEffect(() => {
    if (focusNext.current === null) return;
    document.querySelector<HTMLElement>(`tr[data-group="${CSS.escape(focusNext.current)}"] [data-open]`)?.focus();
    focusNext.current = null;
  });
  const rows = fingerprints.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the rows are new, and then only
  useEffect(forget, [rows]);
  const isEmptied = fingerprints.length > 0 && visible.length === 0;
  useEffect(() => {
    if (isEmptied) router.refresh();
  }, [isEmptied, router]);

  return (
    <DeskContext
      value={{
        isHidden,
        isSelected: (one) => selected.has(one),
        select,
        saidNow: (one) => said.get(one),
        refusalOf: (one) => refused.get(one),
        say: (one, state) => (state === 'BUG' ? askForBug([one]) : judge([one], state)),
      }}
    >
      <p className="verdict" aria-live="polite" data-measure>
        <b>
          {progress.done + saidHere} of {progress.all}
        </b>{' '}
        {progress.period} {progress.done + saidHere === 1 ? 'is' : 'are'} triaged.
      </p>
      {children}
      {chosen.length > 0 && (
        <div className="bulk" role="toolbar" aria-label="What the chosen failures are">
          <b>{plural(chosen.length, 'failure')}</b>
          <button className="btn" type="button" onClick={() => askForBug(chosen)}>
            Bug <kbd>b</kbd>
          </button>
          {BULK.map(([state, key]) => (
            <button key={state} className="btn" type="button" onClick={() => judge(chosen, state)}>
              {WORDS[state]} {key && <kbd>{key}</kbd>}
            </button>
          ))}
          {!isForUntriaged && (
            <button className="btn" type="button" onClick={() => judge(chosen, null)}>
              Not triaged
            </button>
          )}
          <button className="btn ghost" type="button" onClick={() => setSelected(new Set())}>
            Choose none
          </button>
        </div>
      )}
      {isClient && (
        <>
          <BugDialog
            ref={dialog}
            suspects={groups.filter(({ fingerprint }) => asked.includes(fingerprint))}
            queries={queries}
            onSay={(judged) => {
              dialog.current?.close();
              judge(asked, 'BUG', judged);
            }}
            onClose={() => setAsked([])}
          />
          <Toaster toast={toast} onUndo={undo} onGone={dismiss} />
        </>
      )}
    </DeskContext>
  );
}
