import Link from 'next/link';
import type { SyncPageQuery } from '@/graphql/graphql.ts';
import { jobsPath, syncPath } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { Figure } from '@/ui/figure.tsx';
import { count, plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';
import { day, Instant } from '@/ui/time.tsx';
import { queryOf, type SyncView } from './sync-view.ts';

type Source = NonNullable<SyncPageQuery['source']>;
type Day = Source['auditDays']['nodes'][number];

/** What the master holds against what is stored, day by day. */
export function AuditDays({ source, view }: { source: Source; view: SyncView }) {
  const { slug, auditDays, reconciliation } = source;
  const { nodes, totalCount, oddCount, firstDate, pageInfo } = auditDays;
  const href = (more: Partial<SyncView>) =>
    syncPath(
      slug,
      queryOf({ ...view, cursors: { ...view.cursors, daysAfter: undefined, daysBefore: undefined }, ...more }),
    );
  const filters = [
    ['All', totalCount, false],
    ['Not equal', oddCount, true],
  ] as const;
  return (
    <Section
      id="audit"
      title="Audit by day"
      caption="jobs on the master against jobs stored, by the day of submission"
      more={
        totalCount > 0 &&
        filters.map(([label, days, isOdd]) => (
          <Link
            key={label}
            href={`${href({ isOdd })}#audit`}
            data-count={days}
            aria-current={isOdd === view.isOdd ? 'true' : undefined}
            prefetch={false}
          >
            {label} {count(days)}
          </Link>
        ))
      }
    >
      {nodes.length > 0 ? (
        <>
          <Scroll labelledBy="audit">
            <table className="t">
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col" className="num">
                    Master
                  </th>
                  <th scope="col">
                    <span className="sr">equal or not</span>
                  </th>
                  <th scope="col">Stored</th>
                  <th scope="col" className="p2 num">
                    Missing
                  </th>
                  <th scope="col" className="p2 num">
                    Differ
                  </th>
                  <th scope="col" className="p2 num">
                    Not listed
                  </th>
                  <th scope="col">State</th>
                  <th scope="col" className="p2 num">
                    Checked
                  </th>
                </tr>
              </thead>
              <tbody>
                {nodes.map((one) => (
                  <DayRow key={one.date} day={one} slug={slug} />
                ))}
              </tbody>
              {reconciliation && <Total audit={reconciliation} days={totalCount} firstDate={firstDate} />}
            </table>
          </Scroll>
          <Pager
            page={pageInfo}
            label="Pages of days"
            href={({ after, before }) =>
              syncPath(slug, queryOf({ ...view, cursors: { ...view.cursors, daysAfter: after, daysBefore: before } }))
            }
            total={view.isOdd ? oddCount : totalCount}
            caption={`${count(nodes.length)} of ${plural(view.isOdd ? oddCount : totalCount, 'day')}`}
          />
        </>
      ) : (
        <p className="dim" data-measure>
          {emptyText(source, view)}
        </p>
      )}
    </Section>
  );
}

function emptyText({ slug, auditDays, reconciliation, lastSuccessAt }: Source, { isOdd }: SyncView): string {
  if (isOdd && auditDays.totalCount > 0)
    return `Every one of ${plural(auditDays.totalCount, 'day')} is equal on the master and here.`;
  if (reconciliation) return 'The last audit did not count by day: the next one does.';
  return lastSuccessAt
    ? `Not audited yet. It comes by itself; npx basalt audit ${slug} does it now.`
    : 'Audits begin once the master has been read whole for the first time.';
}

const nextDay = (date: string) => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);

function verdictOf({ missing, changed, goneAtSource }: Day): Verdict {
  if (missing + changed > 0) return { shape: 'warn', tone: 'warn', word: 'differs' };
  return goneAtSource > 0
    ? { shape: 'pass', tone: 'pass', word: 'kept' }
    : { shape: 'pass', tone: 'pass', word: 'equal' };
}

function asideOf({ repaired, goneAtSource, deleted, hidden }: Day): string {
  const others = goneAtSource - deleted - hidden;
  return [
    repaired > 0 && `${count(repaired)} read again`,
    deleted > 0 && `${count(deleted)} deleted there`,
    hidden > 0 && `${count(hidden)} hidden there`,
    others > 0 && `${count(others)} to be looked for`,
  ]
    .filter(Boolean)
    .join(', ');
}

function DayRow({ day: one, slug }: { day: Day; slug: string }) {
  const { date, checkedAt, sourceCount, storeCount, missing, changed, goneAtSource } = one;
  const present = storeCount - goneAtSource;
  return (
    <tr>
      <th scope="row">{day(date)}</th>
      <td className="num" data-measure>
        {count(sourceCount)}
      </td>
      <td className={sourceCount === present ? 'faint' : 'warn strong'}>{sourceCount === present ? '=' : '≠'}</td>
      <td>
        <Figure value={present} href={jobsPath({ lab: slug, since: date, until: nextDay(date), checks: '1' })} />
      </td>
      <td className="p2 num">
        <Measure>
          <Figure value={missing} tone="warn" strong />
        </Measure>
      </td>
      <td className="p2 num">
        <Measure>
          <Figure value={changed} tone="warn" strong />
        </Measure>
      </td>
      <td className="p2 num">
        <Measure>
          <Figure value={goneAtSource} />
        </Measure>
      </td>
      <td className="wrap">
        <Status {...verdictOf(one)} />{' '}
        <span className="faint" data-measure>
          {asideOf(one)}
        </span>
      </td>
      <td className="p2 num faint">
        <Instant at={checkedAt} seconds={false} />
      </td>
    </tr>
  );
}

type TotalProps = { audit: NonNullable<Source['reconciliation']>; days: number; firstDate: string | null };

function Total({ audit, days, firstDate }: TotalProps) {
  const present = audit.storeCount - audit.goneAtSource;
  return (
    <tfoot data-measure>
      <tr>
        <th scope="row">All</th>
        <td className="num">
          <b>{count(audit.sourceCount)}</b>
        </td>
        <td>{audit.sourceCount === present ? '=' : '≠'}</td>
        <td>
          <b>{count(present)}</b>
        </td>
        <td colSpan={5}>
          {plural(days, 'day')}
          {firstDate && ` since ${day(firstDate)}`}
        </td>
      </tr>
    </tfoot>
  );
}
