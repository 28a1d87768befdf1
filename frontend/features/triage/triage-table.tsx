import Link from 'next/link';
import type { TriageRowFragment } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import { devicePath, failurePath, jobPath, labPath, linePath, type Query } from '@/paths.ts';
import { Measure } from '@/ui/count.tsx';
import { Figure } from '@/ui/figure.tsx';
import { plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Sparkline } from '@/ui/sparkline.tsx';
import { Age } from '@/ui/time.tsx';
import { jobsByDay } from '../failure/failure-filter.ts';
import { GroupClass } from '../failure/group-words.tsx';
import { Refusal, TriageRow } from './triage-row.tsx';

type Props = {
  groups: readonly TriageRowFragment[];
  /** The scope of the list, as the page of a group takes it. */
  scope: Query;
  since: string;
  mayTriage: boolean;
  /** Where a form leads back to. */
  next: string;
  labelledBy: string;
};

const LABS = 2;

/** Failures by impact: what, where, how much, its newest job, and what it is said to be. */
export function TriageTable({ groups, scope, since, mayTriage, next, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            {mayTriage && (
              <th scope="col" className="pickrow">
                <span className="sr">Chosen</span>
              </th>
            )}
            <th scope="col">Failure</th>
            <th scope="col" className="p2">
              Kind
            </th>
            <th scope="col" className="p2">
              Labs, boards
            </th>
            <th scope="col" className="p2 num">
              Builds
            </th>
            <th scope="col" className="num">
              Jobs
            </th>
            <th scope="col" className="p2">
              A day
            </th>
            <th scope="col">Newest</th>
            <th scope="col" className="p2 num">
              First, last
            </th>
            <th scope="col" className={mayTriage ? 'p2' : undefined}>
              Said to be
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <TriageRow
              key={group.id}
              fingerprint={group.fingerprint}
              title={group.title}
              said={group.triage}
              next={next}
            >
              <Cells group={group} href={failurePath(group.fingerprint, scope)} since={since} />
            </TriageRow>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Cells({ group, href, since }: { group: TriageRowFragment; href: string; since: string }) {
  const { title, why, count, sources, devices, deviceCount, buildCount, newest, firstSeen, lastSeen } = group;
  const days = jobsByDay(group.days, since);
  const tone = isInfrastructure(group.class) ? 'infra' : undefined;
  const lab = newest.job.source.slug;
  return (
    <>
      <th scope="row" className="clip">
        <Link href={href} prefetch={false} data-open title={title}>
          {title}
        </Link>
        <span className="sub" title={why}>
          {why}
        </span>
        <Refusal fingerprint={group.fingerprint} />
      </th>
      <td className="p2">
        <GroupClass group={group} />
      </td>
      <td className="p2">
        {sources.slice(0, LABS).map(({ slug }) => (
          <span key={slug}>
            <Link href={labPath(slug)} prefetch={false}>
              {slug}
            </Link>{' '}
          </span>
        ))}
        {sources.length > LABS && (
          <span className="faint" data-measure>
            +{sources.length - LABS}
          </span>
        )}
        <span className="sub">
          {devices.map(({ hostname, source }) => (
            <span key={`${source.slug}/${hostname}`}>
              <Link className="mono" href={devicePath(source.slug, hostname)} prefetch={false}>
                {hostname}
              </Link>{' '}
            </span>
          ))}
          {deviceCount > devices.length && <Measure>{`+${deviceCount - devices.length}`}</Measure>}
        </span>
      </td>
      <td className="p2 num" data-measure>
        {buildCount > 0 ? buildCount : <span className="faint">none</span>}
      </td>
      <td className="num">
        <Figure value={count} href={`${href}#jobs`} tone={tone ?? 'fail'} strong />
      </td>
      <td className="p2">
        <Sparkline values={days} label={`${plural(days.at(-1) ?? 0, 'job')} today`} tone={tone} />
      </td>
      <td>
        <Link className="mono" href={jobPath(lab, newest.job.externalId)} prefetch={false}>
          {lab}/{newest.job.externalId}
        </Link>
        {newest.line === null ? (
          <span className="sub">no line</span>
        ) : (
          <Link
            className="sub mono logline"
            href={linePath(lab, newest.job.externalId, newest.line)}
            prefetch={false}
            title={newest.text ?? undefined}
          >
            line {newest.line}
            {newest.text !== null && `: ${newest.text}`}
          </Link>
        )}
      </td>
      <td className="p2 num faint">
        <Age at={firstSeen} />
        <span className="sub">
          <Age at={lastSeen} />
        </span>
      </td>
    </>
  );
}
