import type { FailureClass, JobHealth, JobState } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import type { Verdict } from '@/ui/status.tsx';

type Fate = { state: JobState; health: JobHealth; failureClass: FailureClass };

const STATES: Record<Exclude<JobState, 'FINISHED'>, Verdict> = {
  SUBMITTED: { shape: 'queued', tone: 'faint', word: 'Submitted' },
  SCHEDULING: { shape: 'queued', tone: 'faint', word: 'Scheduling' },
  SCHEDULED: { shape: 'queued', tone: 'faint', word: 'Scheduled' },
  RUNNING: { shape: 'run', tone: 'run', word: 'Running' },
  CANCELING: { shape: 'cancel', tone: 'cancel', word: 'Canceling' },
};

const CLASSES: Record<FailureClass, string> = {
  NONE: '',
  TEST: 'Test',
  JOB: 'Job',
  INFRASTRUCTURE: 'Infrastructure',
  CONFIGURATION: 'Configuration',
  BUG: 'Bug',
  TIMEOUT: 'Timeout',
  CANCELED: 'Canceled',
  UNCLASSIFIED: 'no reason given',
};

/** How each state is shown; one that has ended and is not read yet has no fate. */
export const VERDICTS: Record<JobState, Verdict> = {
  ...STATES,
  FINISHED: { shape: 'run', tone: 'run', word: 'Ended' },
};

export function isOpen(state: JobState): boolean {
  return state !== 'FINISHED';
}

/** The job's fate in LAVA's words; Incomplete takes the colour of whose fault it was. */
export function verdictOfJob({ state, health, failureClass }: Fate): Verdict {
  if (state !== 'FINISHED') return STATES[state];
  if (health === 'COMPLETE') return { shape: 'pass', tone: 'pass', word: 'Complete' };
  if (health === 'CANCELED') return { shape: 'cancel', tone: 'cancel', word: 'Canceled' };
  if (health === 'UNKNOWN') return { shape: 'unknown', tone: 'unknown', word: 'Unknown' };
  const isCode = failureClass === 'TEST' || failureClass === 'JOB';
  return {
    shape: 'inc',
    tone: isInfrastructure(failureClass) ? 'infra' : isCode ? 'fail' : 'unknown',
    word: 'Incomplete',
  };
}

/** "Infrastructure", or LAVA's own error type where it says more. */
export function reasonOf({
  failureClass,
  errorType,
}: {
  failureClass: FailureClass;
  errorType?: string | null;
}): string {
  return errorType || CLASSES[failureClass];
}
