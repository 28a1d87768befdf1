import Link from 'next/link';
import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { syncPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { clockTime, day } from '@/ui/time.tsx';
import { queryOf, type SyncView } from './sync-view.ts';

type Slot = NonNullable<SyncPageQuery['source']>['syncTimeline'][number];
type Kind = 'quiet' | 'read' | 'audit' | 'history' | 'fault';

const LEGEND: readonly [Kind, string][] = [
  ['read', 'read'],
  ['history', 'reading history'],
  ['audit', 'audit beside it'],
  ['fault', 'a sync failed'],
  ['quiet', 'nothing asked'],
];

function kindOf({ syncs, audits, backfills, failed }: Slot): Kind {
  if (failed > 0) return 'fault';
  if (backfills > 0) return 'history';
  if (audits > 0) return 'audit';
  return syncs > 0 ? 'read' : 'quiet';
}

/** "12:00", or "1 Jun 12:00" over several days. */
const timeOf = (at: string, isLong: boolean) => `${isLong ? `${day(at)} ` : ''}${clockTime(at).slice(0, 5)}`;

type Props = { slug: string; slots: readonly Slot[]; view: SyncView };

/** The last day or week in 48 slots; bars are jobs written. The same as a table below. */
export function SyncTimeline({ slug, slots, view }: Props) {
  const isLong = view.hours > 24;
  const most = Math.max(1, ...slots.map(({ jobsWritten }) => jobsWritten));
  const failed = slots.reduce((sum, slot) => sum + slot.failed, 0);
  const written = slots.reduce((sum, slot) => sum + slot.jobsWritten, 0);
  const spans = [
    ['24 hours', 24],
    ['7 days', 168],
  ] as const;
  const first = slots[0]?.since;
  return (
    <Section
      id="timeline"
      title="Timeline"
      caption={
        <Measure>
          {`${plural(written, 'job')} written, ${failed === 0 ? 'no sync failed' : `${plural(failed, 'sync')} failed`}`}
        </Measure>
      }
      more={spans.map(([label, hours]) => (
        <Link
          key={hours}
          href={syncPath(slug, queryOf({ ...view, hours }))}
          aria-current={hours === view.hours ? 'true' : undefined}
          prefetch={false}
          data-measure
        >
          {label}
        </Link>
      ))}
    >
      <div
        className="slots"
        role="img"
        aria-label={`${spans.find(([, hours]) => hours === view.hours)?.[0]} until now: ${plural(written, 'job')} written, ${plural(failed, 'sync')} failed; as a table below`}
      >
        {slots.map((slot) => (
          <i key={slot.since} className={kindOf(slot)} title={titleOf(slot, isLong)}>
            {slot.jobsWritten > 0 && <b style={{ height: `${Math.max(8, (slot.jobsWritten / most) * 100)}%` }} />}
          </i>
        ))}
      </div>
      <div className="ctx" aria-hidden="true" data-measure>
        {slots.flatMap(({ since }, i) =>
          i % 8 === 0
            ? [
                <span
                  key={since}
                  style={{ insetInlineStart: `${(i / slots.length) * 100}%` }}
                  className={i % 16 === 0 ? undefined : 'p2'}
                >
                  {timeOf(since, isLong)}
                </span>,
              ]
            : [],
        )}
        <span className="end">now</span>
      </div>
      <div className="legend faint">
        {LEGEND.map(([kind, label]) => (
          <span key={kind} className="slotkey">
            <i className={kind} /> {label}
          </span>
        ))}
        {written > 0 && <span data-measure>bars: jobs written, {count(most)} at most</span>}
      </div>
      <details className="twin" data-measure>
        <summary>As a table{first && `, since ${timeOf(first, true)} UTC`}</summary>
        <SlotTable slots={slots} isLong={isLong} />
      </details>
    </Section>
  );
}

function titleOf(slot: Slot, isLong: boolean): string {
  const { since, until, syncs, audits, failed, jobsWritten, error } = slot;
  const what = [
    `${plural(syncs, 'sync')}${failed > 0 ? `, ${failed} failed` : ''}`,
    audits > 0 && plural(audits, 'audit slice'),
    `${plural(jobsWritten, 'job')} written`,
    error,
  ].filter(Boolean);
  return `${timeOf(since, isLong)} to ${timeOf(until, isLong)}: ${what.join('; ')}`;
}

function SlotTable({ slots, isLong }: { slots: readonly Slot[]; isLong: boolean }) {
  const busy = slots.filter((slot) => kindOf(slot) !== 'quiet').toReversed();
  if (busy.length === 0) return <p className="dim">Nothing was asked in this time.</p>;
  return (
    <Scroll labelledBy="timeline">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" className="num">
              Syncs
            </th>
            <th scope="col" className="num">
              Failed
            </th>
            <th scope="col" className="p2 num">
              Audit slices
            </th>
            <th scope="col" className="num">
              Jobs written
            </th>
            <th scope="col" className="p2 num">
              Requests
            </th>
            <th scope="col" className="p2">
              What was wrong
            </th>
          </tr>
        </thead>
        <tbody>
          {busy.map(({ since, syncs, failed, audits, jobsWritten, requests, error }) => (
            <tr key={since}>
              <th scope="row">{timeOf(since, isLong)}</th>
              <td className="num">{count(syncs)}</td>
              <td className={failed > 0 ? 'num warn' : 'num faint'}>{count(failed)}</td>
              <td className="p2 num faint">{count(audits)}</td>
              <td className="num">{count(jobsWritten)}</td>
              <td className="p2 num">{requests === null ? '–' : count(requests)}</td>
              <td className="p2 wrap dim">{error}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
