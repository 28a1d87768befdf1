import { Glyph, type Shape, type Tone } from '@/ui/glyph.tsx';
import { bytes, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { Instant } from '@/ui/time.tsx';
import type { Lab } from './lab-verdict.tsx';

type Run = Lab['syncRuns']['nodes'][number];

const STATES: Record<string, [Shape, Tone]> = {
  succeeded: ['pass', 'pass'],
  running: ['run', 'run'],
  failed: ['warn', 'warn'],
  aborted: ['cancel', 'cancel'],
};

const NAMES: Record<string, string> = {
  EVENT: 'Sync after an event',
  CALLBACK: 'Sync after a callback',
  BACKFILL: 'Backfill',
  RECONCILE: 'Audit',
  MANUAL: 'Manual sync',
};

function inWords({ trigger, state, jobsRead, jobsWritten, rejected, error, startedAt, endedAt }: Run): string {
  const name = NAMES[trigger] ?? 'Sync';
  if (state === 'failed') return `${name} failed: ${error ?? 'no reason kept'}`;
  if (state === 'running') return `${name} is running, ${plural(jobsRead, 'job')} read`;
  const seconds = endedAt ? ` in ${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s` : '';
  const odd = rejected ? `, ${plural(rejected, 'record')} quarantined` : '';
  return `${name}${state === 'aborted' ? ' aborted' : ''}: ${jobsWritten === 0 ? 'nothing new' : `${plural(jobsWritten, 'job')} written`}${odd}${seconds}`;
}

/** The last syncs, newest first. */
export function SyncRuns({ lab }: { lab: Lab }) {
  const runs = lab.syncRuns.nodes;
  return (
    <Section id="syncs" title="Syncs" caption="newest first">
      {runs.length === 0 ? (
        <p className="dim">No sync has run yet.</p>
      ) : (
        <ol className="events">
          {runs.map((run) => {
            const [shape, tone] = STATES[run.state] ?? (['unknown', 'unknown'] as const);
            return (
              <li key={run.id}>
                <Instant at={run.startedAt} />
                <Glyph shape={shape} tone={tone} />
                <span className="grow any">{inWords(run)}</span>
                {run.requests !== null && run.bytes !== null && (
                  <span className="faint nowrap">
                    {plural(run.requests, 'request')}, {bytes(run.bytes)}
                  </span>
                )}
              </li>
            );
          })}
        </ol>
      )}
    </Section>
  );
}
