'use client';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { SetTriageMutation, TriageState } from '@/graphql/graphql.ts';
import { FAILED, type Judged, saidOf, undoneOf } from './triage-words.ts';

type Said = ReadonlyMap<string, TriageState | null>;
type Act = { fingerprints: readonly string[]; changes: string[]; before: Said };
export type Toast = { text: string; canUndo: boolean };

/** The mutations' texts; the server component has them already. */
export type Queries = { set: string; undo: string };

/** What is said here, shown before the server has kept it, and taken back where it refuses. */
export function useTriage(queries: Queries) {
  const router = useRouter();
  const [said, setSaid] = useState<Said>(new Map());
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [acts, setActs] = useState<readonly Act[]>([]);
  const [toast, setToast] = useState<Toast | null>(null);

  const restore = ({ fingerprints, before }: Pick<Act, 'fingerprints' | 'before'>) =>
    setSaid((now) => {
      const next = new Map(now);
      for (const one of fingerprints) {
        const earlier = before.get(one);
        if (earlier === undefined) next.delete(one);
        else next.set(one, earlier);
      }
      return next;
    });

  const say = async (fingerprints: readonly string[], state: TriageState | null, judged?: Judged) => {
    const before = said;
    setSaid((now) => new Map([...now, ...fingerprints.map((one) => [one, state] as const)]));
    setRefused((now) => new Map([...now].filter(([one]) => !fingerprints.includes(one))));
    const { changes, problem } = await ask(queries.set, { fingerprints, state, ...judged });
    if (problem !== null) {
      restore({ fingerprints, before });
      setRefused((now) => new Map([...now, ...fingerprints.map((one) => [one, problem] as const)]));
      setToast({ text: `Nothing was changed. ${problem}`, canUndo: false });
      return;
    }
    setActs((now) => [...now, { fingerprints, changes, before }]);
    setToast({ text: saidOf(fingerprints.length, state), canUndo: changes.length > 0 });
  };

  const undo = async () => {
    const act = acts.at(-1);
    if (!act) return setToast({ text: 'There is nothing to undo.', canUndo: false });
    const { problem } = await ask(queries.undo, { changes: act.changes });
    if (problem !== null) return setToast({ text: `Nothing was changed. ${problem}`, canUndo: false });
    setActs((now) => now.filter((one) => one !== act));
    restore(act);
    setToast({ text: undoneOf(act.fingerprints.length), canUndo: false });
    router.refresh();
  };

  return {
    ...{ said, refused, toast, say, undo },
    tell: (text: string) => setToast({ text, canUndo: false }),
    dismiss: () => setToast(null),
    /** The rows are new: what was said before is in them. */
    forget: () => setSaid(new Map()),
  };
}

async function ask(query: string, input: object): Promise<{ changes: string[]; problem: string | null }> {
  try {
    const { payload } = await askFromBrowser<SetTriageMutation>(query, { input });
    return { changes: payload.changes, problem: payload.userErrors[0]?.message ?? null };
  } catch {
    return { changes: [], problem: FAILED };
  }
}
