/** What a job's end says of whose fault it was, from LAVA's own words; an open list on LAVA's side. */
const CLASSES = {
  Infrastructure: 'INFRASTRUCTURE',
  FastbootDeviceNotFound: 'INFRASTRUCTURE',
  Configuration: 'CONFIGURATION',
  Bug: 'BUG',
  Job: 'JOB',
  Test: 'TEST',
  Lava: 'BUG',
  Canceled: 'CANCELED',
  LAVATimeout: 'TIMEOUT',
  MultinodeTimeout: 'TIMEOUT',
} as const;

type Class = (typeof CLASSES)[keyof typeof CLASSES] | 'NONE' | 'UNCLASSIFIED';

const KNOWN = new Map<string, Class>(Object.entries(CLASSES));

export function failureClass(job: { state: string; health: string; errorType: string | null }): Class {
  if (job.state !== 'FINISHED' || job.health === 'COMPLETE') return 'NONE';
  if (job.health === 'CANCELED') return 'CANCELED';
  if (job.errorType !== null) return KNOWN.get(job.errorType) ?? 'UNCLASSIFIED';
  return 'UNCLASSIFIED';
}

/** The lab's fault: what makes LAVA itself distrust the board. */
export function isInfrastructure(failure: string): boolean {
  return failure === 'INFRASTRUCTURE' || failure === 'CONFIGURATION' || failure === 'BUG';
}
