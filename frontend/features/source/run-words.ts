import type { RunLineFragment } from '../../graphql/graphql.ts';
import { duration } from '../../ui/duration.ts';
import { plural } from '../../ui/number.ts';

const NAMES: Record<string, string> = {
  EVENT: 'Sync after an event',
  CALLBACK: 'Sync after a callback',
  BACKFILL: 'History',
  RECONCILE: 'Audit',
  MANUAL: 'Manual sync',
  LIVE: 'Sync at the end of a job',
};

type Run = Omit<RunLineFragment, 'id' | 'requests' | 'bytes' | 'errorCode'>;

/** Runs one after another that failed for the same reason, together. */
export function alikeInARow<One extends Pick<Run, 'state' | 'error'>>(runs: readonly One[]): [One, ...One[]][] {
  const groups: [One, ...One[]][] = [];
  for (const run of runs) {
    const last = groups.at(-1);
    if (last && run.state === 'failed' && last[0].state === 'failed' && last[0].error === run.error) last.push(run);
    else groups.push([run]);
  }
  return groups;
}

/** What a run did, or why it did not. */
export function runInWords({ trigger, state, jobsRead, jobsWritten, rejected, error, ...run }: Run): string {
  const name = NAMES[trigger] ?? 'Sync';
  if (state === 'failed')
    return `${name} failed: ${error ?? 'no reason kept'}${jobsWritten > 0 ? `; ${plural(jobsWritten, 'job')} had been written` : ''}`;
  const odd = rejected ? `, ${plural(rejected, 'record')} quarantined` : '';
  if (state === 'running') return `${name} is running: ${plural(jobsRead, 'job')} read so far${odd}`;
  const isAudit = trigger === 'RECONCILE';
  const nothing = isAudit ? 'nothing to read again' : 'nothing new';
  const wrote = `${plural(jobsWritten, 'job')} ${isAudit ? 'read again' : 'written'}`;
  return `${name}${state === 'aborted' ? ' was stopped' : ''}: ${jobsWritten === 0 ? nothing : wrote}${odd}${tookOf(run)}`;
}

function tookOf({ startedAt, endedAt }: Pick<Run, 'startedAt' | 'endedAt'>): string {
  if (!endedAt) return '';
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return ` in ${seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds)}`;
}
