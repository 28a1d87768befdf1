/** Why something did not run, and in words. `n`: jobs behind the reason. */
export const MISSING_REASONS = {
  /** Jobs that run it have begun. */
  RUNNING: (n: number) => `${jobs(n, 'that runs it is', 'that run it are')} not finished`,
  QUEUED: (n: number) => `${jobs(n, 'that runs it is', 'that run it are')} queued`,
  INFRASTRUCTURE: (n: number) => `${jobs(n, 'that was', 'that were')} to run it failed by the lab's fault`,
  CANCELED: (n: number) => `${jobs(n, 'that was to run it was', 'that were to run it were')} canceled`,
  INCOMPLETE: (n: number) => `${jobs(n, 'that was', 'that were')} to run it ended Incomplete`,
  /** Others on the device type are Complete. */
  LEFT_OUT: (n: number) => `${jobs(n, 'on this device type is', 'on this device type are')} Complete without it`,
  NEVER_SUBMITTED: () => 'no job that runs it was submitted',
} as const;

export type MissingReason = keyof typeof MISSING_REASONS;

function jobs(n: number, one: string, more: string): string {
  return n === 1 ? `1 job ${one}` : `${n} jobs ${more}`;
}
