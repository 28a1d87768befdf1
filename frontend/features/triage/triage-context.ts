'use client';
import { createContext, useContext } from 'react';
import type { TriageState } from '@/graphql/graphql.ts';

export type Desk = {
  isHidden: (fingerprint: string) => boolean;
  isSelected: (fingerprint: string) => boolean;
  select: (fingerprint: string) => void;
  /** Undefined where nothing was said on this page. */
  saidNow: (fingerprint: string) => TriageState | null | undefined;
  refusalOf: (fingerprint: string) => string | undefined;
  say: (fingerprint: string, state: TriageState | null) => void;
};

export const DeskContext = createContext<Desk | null>(null);

/** Null where the viewer may not triage. */
export function useDesk(): Desk | null {
  return useContext(DeskContext);
}
