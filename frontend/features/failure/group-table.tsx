import Link from 'next/link';
import type { GroupRowFragment } from '@/graphql/graphql.ts';
import { isInfrastructure } from '@/lava.ts';
import { failurePath, labPath, type Query } from '@/paths.ts';
import { Figure } from '@/ui/figure.tsx';
import { plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Sparkline } from '@/ui/sparkline.tsx';
import { Age } from '@/ui/time.tsx';
import { SaidTag } from '../triage/said.tsx';
import { jobsByDay } from './failure-filter.ts';
import { GroupClass } from './group-words.tsx';

type Props = {
  groups: readonly GroupRowFragment[];
  /** The scope of the list, as the page of a group takes it. */
  scope: Query;
  since: string;
  labelledBy: string;
};

const LABS = 3;

/** Failures that are the same, one a row: what, how often, where, since when. */
export function GroupTable({ groups, scope, since, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Failure</th>
            <th scope="col">Kind</th>
            <th scope="col" className="num">
              Jobs
            </th>
            <th scope="col" className="p2">
              A day
            </th>
            <th scope="col" className="p2">
              Labs
            </th>
            <th scope="col" className="p2 num">
              First
            </th>
            <th scope="col" className="num">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow key={group.id} group={group} href={failurePath(group.fingerprint, scope)} since={since} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function GroupRow({ group, href, since }: { group: GroupRowFragment; href: string; since: string }) {
  const days = jobsByDay(group.days, since);
  const tone = isInfrastructure(group.class) ? 'infra' : undefined;
  return (
    <tr>
      <th scope="row" className="clip">
        <Link href={href} prefetch={false} data-open title={group.title}>
          {group.title}
        </Link>
        <span className="sub" title={group.why} data-measure>
          {group.why}
        </span>
      </th>
      <td>
        <GroupClass group={group} /> {group.triage && <SaidTag said={group.triage} />}
      </td>
      <td className="num">
        <Figure value={group.count} href={`${href}#jobs`} tone={tone ?? 'fail'} strong />
      </td>
      <td className="p2">
        <Sparkline values={days} label={`${plural(days.at(-1) ?? 0, 'job')} today`} tone={tone} />
      </td>
      <td className="p2">
        {group.sources.slice(0, LABS).map(({ slug }) => (
          <span key={slug}>
            <Link href={labPath(slug)} prefetch={false}>
              {slug}
            </Link>{' '}
          </span>
        ))}
        {group.sources.length > LABS && (
          <span className="faint" data-measure>
            +{group.sources.length - LABS}
          </span>
        )}
      </td>
      <td className="p2 num faint">
        <Age at={group.firstSeen} />
      </td>
      <td className="num faint">
        <Age at={group.lastSeen} />
      </td>
    </tr>
  );
}
