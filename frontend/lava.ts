/** LAVA's words that several nouns share. */
import type { FailureClass } from './graphql/graphql.ts';
import type { Verdict } from './ui/status.tsx';

/** LAVA's own account of a job's steps: shown, and never counted among results. */
export const STEPS = 'lava';

/** The classes that are the lab's fault, as the filter bar of jobs names them. */
export const INFRASTRUCTURE = ['Infrastructure', 'Configuration', 'Bug'];

/** The states of a job that is not finished, as the filter bar of jobs names them. */
export const OPEN_STATES = ['Submitted', 'Scheduling', 'Scheduled', 'Running', 'Canceling'];

/** The lab's fault, in LAVA's own classes. */
export function isInfrastructure(failureClass: FailureClass): boolean {
  return failureClass === 'INFRASTRUCTURE' || failureClass === 'CONFIGURATION' || failureClass === 'BUG';
}

/** 0_smoke and smoke are the same suite: the job's index is only kept to show. */
export function comparableSuite(suite: string): string {
  return suite.replace(/^\d+_/, '');
}

const HEALTHS: Record<string, Verdict> = {
  Good: { shape: 'pass', tone: 'pass', word: 'Good' },
  Unknown: { shape: 'unknown', tone: 'unknown', word: 'Unknown' },
  Looping: { shape: 'run', tone: 'run', word: 'Looping' },
  Bad: { shape: 'infra', tone: 'infra', word: 'Bad' },
  Maintenance: { shape: 'warn', tone: 'warn', word: 'Maintenance' },
  Retired: { shape: 'cancel', tone: 'cancel', word: 'Retired' },
  Active: { shape: 'pass', tone: 'pass', word: 'Active' },
};

/** Health of a board or a worker; a word we do not know stays as it is. */
export function verdictOfHealth(health: string): Verdict {
  return HEALTHS[health] ?? { shape: 'unknown', tone: 'unknown', word: health };
}
