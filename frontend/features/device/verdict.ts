import type { Verdict } from '@/ui/status.tsx';

const HEALTHS: Record<string, Verdict> = {
  Good: { shape: 'pass', tone: 'pass', word: 'Good' },
  Unknown: { shape: 'unknown', tone: 'unknown', word: 'Unknown' },
  Looping: { shape: 'run', tone: 'run', word: 'Looping' },
  Bad: { shape: 'infra', tone: 'infra', word: 'Bad' },
  Maintenance: { shape: 'warn', tone: 'warn', word: 'Maintenance' },
  Retired: { shape: 'cancel', tone: 'cancel', word: 'Retired' },
  Active: { shape: 'pass', tone: 'pass', word: 'Active' },
};

/** A board's or worker's health in LAVA's words; a word we do not know stays as it is. */
export function verdictOfHealth(health: string): Verdict {
  return HEALTHS[health] ?? { shape: 'unknown', tone: 'unknown', word: health };
}
