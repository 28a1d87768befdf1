/** How fresh and how complete what is read from the labs is, in words. */
import { roughly } from './duration.ts';
import type { Shape, Tone } from './glyph.tsx';
import type { Verdict } from './status.tsx';

export type SourceState =
  | 'HEALTHY'
  | 'DELAYED'
  | 'BACKFILLING'
  | 'PAUSED'
  | 'FAILING'
  | 'ACTION_REQUIRED'
  | 'MAINTENANCE'
  | 'PENDING';

export type CoverageOfLab = {
  slug: string;
  status: SourceState;
  lagSeconds: number | null;
  asOf: string | null;
  /** Null: there are some, and how many is not told. */
  openGaps: number | null;
};

const WORDS: Record<SourceState, [shape: Shape, tone: Tone, word: string]> = {
  HEALTHY: ['pass', 'pass', 'current'],
  DELAYED: ['warn', 'warn', 'behind'],
  BACKFILLING: ['run', 'run', 'reading its history'],
  PAUSED: ['cancel', 'cancel', 'paused'],
  FAILING: ['warn', 'warn', 'cannot be read'],
  ACTION_REQUIRED: ['warn', 'warn', 'needs its admin'],
  MAINTENANCE: ['warn', 'warn', 'in maintenance'],
  PENDING: ['queued', 'faint', 'not read yet'],
};

export function verdictOfSource(status: SourceState): Verdict {
  const [shape, tone, word] = WORDS[status];
  return { shape, tone, word };
}

/** Whether the database the pages are read from is old, not just a moment behind the one the labs are read into. */
export function isStoreOld(storeLagSeconds: number): boolean {
  return storeLagSeconds > 30;
}

/** The labs whose copy says what their master says now. */
export function currentLabs<Lab extends Pick<CoverageOfLab, 'status' | 'openGaps'>>(
  labs: readonly Lab[],
  storeLagSeconds: number,
): Lab[] {
  return isStoreOld(storeLagSeconds) ? [] : labs.filter(isCurrent);
}

export function isCurrent({ status, openGaps }: Pick<CoverageOfLab, 'status' | 'openGaps'>): boolean {
  return status === 'HEALTHY' && openGaps === 0;
}

/** What an old database means for a page. */
export function storeInWords(storeLagSeconds: number): string {
  return `The database these pages are read from is ${roughly(storeLagSeconds)} behind the one the labs are read into; everything is shown as it was then.`;
}
