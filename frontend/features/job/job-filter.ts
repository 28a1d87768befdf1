import type { FailureClass, JobFilter, JobHealth, JobState } from '@/graphql/graphql.ts';
import { type Field, type Filters, known, type Option } from '@/ui/filter.ts';

const STATES: Record<string, JobState> = {
  Submitted: 'SUBMITTED',
  Scheduling: 'SCHEDULING',
  Scheduled: 'SCHEDULED',
  Running: 'RUNNING',
  Canceling: 'CANCELING',
  Finished: 'FINISHED',
};
const HEALTHS: Record<string, JobHealth> = {
  Unknown: 'UNKNOWN',
  Complete: 'COMPLETE',
  Incomplete: 'INCOMPLETE',
  Canceled: 'CANCELED',
};
const CLASSES: Record<string, FailureClass> = {
  Infrastructure: 'INFRASTRUCTURE',
  Configuration: 'CONFIGURATION',
  Bug: 'BUG',
  Job: 'JOB',
  Test: 'TEST',
  Timeout: 'TIMEOUT',
  Canceled: 'CANCELED',
  Unclassified: 'UNCLASSIFIED',
};

const same = (value: string): Option => ({ value, label: value });
const words = (map: object): Option[] => Object.keys(map).map(same);

export const SEARCH: Field = { key: 'q', label: 'description', kind: 'text', hint: 'Search descriptions' };

/** Every filter of the jobs page: URL key, control and chip. `labs` and `types` are what exists. */
export function jobFields(labs: readonly string[], types: readonly string[]): Field[] {
  return [
    SEARCH,
    { key: 'lab', label: 'lab', kind: 'many', options: labs.map(same) },
    { key: 'health', label: 'health', kind: 'many', options: words(HEALTHS) },
    { key: 'state', label: 'state', kind: 'many', options: words(STATES) },
    { key: 'class', label: 'error type', kind: 'many', options: words(CLASSES) },
    { key: 'type', label: 'device type', kind: 'many', options: types.map(same) },
    { key: 'submitter', label: 'submitter', kind: 'text' },
    { key: 'device', label: 'device', kind: 'text', hint: 'hostname' },
    { key: 'worker', label: 'worker', kind: 'text', hint: 'hostname' },
    { key: 'project', label: 'project', kind: 'text' },
    { key: 'build', label: 'build', kind: 'text', needs: 'project', hint: 'version' },
    { key: 'branch', label: 'branch', kind: 'text', needs: 'project' },
    { key: 'suite', label: 'suite', kind: 'text' },
    { key: 'since', label: 'since', kind: 'day' },
    { key: 'until', label: 'until', kind: 'day' },
    { key: 'ended', label: 'ended since', kind: 'day' },
    { key: 'failing', label: 'with failing cases', kind: 'flag' },
    { key: 'checks', label: 'health checks too', kind: 'flag' },
  ];
}

/** The filters as the API's argument. What the API does not know is left out. */
export function toJobFilter(fields: readonly Field[], filters: Filters): JobFilter {
  const all = (key: string) => known(fields, filters, key);
  const one = (key: string) => all(key)?.[0];
  const mapped = <T>(key: string, map: Record<string, T>) => all(key)?.flatMap((value) => map[value] ?? []);
  const day = (key: string) => (one(key) ? `${one(key)}T00:00:00Z` : undefined);
  return {
    scope: {
      sources: filters.lab && [...filters.lab],
      deviceTypes: filters.type && [...filters.type],
      since: day('since'),
      until: day('until'),
      includeHealthChecks: one('checks') === '1' || undefined,
    },
    state: mapped('state', STATES),
    health: mapped('health', HEALTHS),
    failureClass: mapped('class', CLASSES),
    submitter: all('submitter'),
    device: one('device'),
    worker: one('worker'),
    description: one('q'),
    project: one('project'),
    build: one('build'),
    branch: one('branch'),
    suite: one('suite'),
    endedSince: day('ended'),
    hasFailures: one('failing') === '1' || undefined,
  };
}
