/** What of a sync page its address says. */
import type { SyncPageQueryVariables, SyncRunFilter } from '../../graphql/graphql.ts';
import type { SearchParams } from '../../ui/filter.ts';

export const RUN_FILTERS = {
  notable: ['Worth a look', { isNotable: true }],
  faults: ['Faults', { states: ['failed', 'aborted'] }],
  audits: ['Audits', { triggers: ['RECONCILE'] }],
  history: ['History', { triggers: ['BACKFILL'] }],
  all: ['All', {}],
} satisfies Record<string, [label: string, filter: SyncRunFilter]>;

export type RunFilterName = keyof typeof RUN_FILTERS;

/** Parameters of the address; what is at its usual value is left out. */
export type SyncView = {
  hours: number;
  runs: RunFilterName;
  isOdd: boolean;
  cursors: Record<'runsAfter' | 'runsBefore' | 'daysAfter' | 'daysBefore', string | undefined>;
};

const RUNS = 30;
const DAYS = 20;
const WEEK_HOURS = 168;

export const isRunFilter = (name: string | undefined): name is RunFilterName =>
  name !== undefined && Object.hasOwn(RUN_FILTERS, name);

export function readView(params: SearchParams): SyncView {
  const one = (key: string) => [params[key]].flat()[0] || undefined;
  const runs = one('runs');
  return {
    hours: one('span') === '7d' ? WEEK_HOURS : 24,
    runs: isRunFilter(runs) ? runs : 'notable',
    isOdd: one('days') === 'odd',
    cursors: {
      runsAfter: one('runsAfter'),
      runsBefore: one('runsBefore'),
      daysAfter: one('daysAfter'),
      daysBefore: one('daysBefore'),
    },
  };
}

export function queryOf({ hours, runs, isOdd, cursors }: SyncView): Record<string, string | undefined> {
  return {
    span: hours === WEEK_HOURS ? '7d' : undefined,
    runs: runs === 'notable' ? undefined : runs,
    days: isOdd ? 'odd' : undefined,
    ...cursors,
  };
}

export function variablesOf(slug: string, { hours, runs, isOdd, cursors }: SyncView): SyncPageQueryVariables {
  const { runsAfter, runsBefore, daysAfter, daysBefore } = cursors;
  return {
    slug,
    hours,
    runs: RUN_FILTERS[runs][1],
    ...(runsBefore ? { runsLast: RUNS, runsBefore } : { runsFirst: RUNS, runsAfter }),
    days: { isOdd },
    ...(daysBefore ? { daysLast: DAYS, daysBefore } : { daysFirst: DAYS, daysAfter }),
  };
}
