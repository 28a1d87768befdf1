import Link from 'next/link';
import type { LabCopyFragment, LabRowFragment } from '@/graphql/graphql.ts';
import { resultsPath, syncPath } from '@/paths.ts';
import { Figure } from '@/ui/figure.tsx';
import { count, percent } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Age, Instant } from '@/ui/time.tsx';
import { auditInWords } from './audit-words.ts';
import { CopyState, Devices, InfraCells, JobsToday, LabName } from './lab-cells.tsx';

type Lab = LabRowFragment & LabCopyFragment;
type Props = { labs: readonly Lab[]; bad: ReadonlyMap<string, number>; labelledBy: string };

/** The labs, one line each: is the copy true, what did that cost the master, what did they run. */
export function CopiesTable({ labs, bad, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Lab</th>
            <th scope="col">Copy</th>
            <th scope="col" className="p2">
              Next look
            </th>
            <th scope="col">Master = stored</th>
            <th scope="col" className="p2 num">
              Asked, 1 h
            </th>
            <th scope="col" className="p2 num">
              Results
            </th>
            <th scope="col" className="p2 num">
              Jobs today
            </th>
            <th scope="col" className="p2 num">
              Infra 14 d
            </th>
            <th scope="col" className="p2">
              <span className="sr">Infrastructure share by day</span>
            </th>
            <th scope="col" className="p2">
              LAVA
            </th>
            <th scope="col" className="p2 num">
              Devices
            </th>
          </tr>
        </thead>
        <tbody>
          {labs.map((lab) => (
            <tr key={lab.id}>
              <LabName lab={lab} />
              <td className="wrap-s">
                <CopyState lab={lab} />
                {lab.failingSince && lab.status !== 'PAUSED' && (
                  <span className="sub">
                    since <Instant at={lab.failingSince} seconds={false} />
                  </span>
                )}
              </td>
              <td className="p2">
                <NextLook lab={lab} />
              </td>
              <td className="wrap-s">
                <Audit lab={lab} />
              </td>
              <td className="p2 num">
                <Asked lab={lab} />
              </td>
              <td className="p2 num dim">
                <Figure value={lab.resultCount} href={resultsPath({ lab: lab.slug, checks: '1' })} />
              </td>
              <td className="p2 num">
                <JobsToday lab={lab} />
              </td>
              <InfraCells lab={lab} isSecondary />
              <td className="p2 dim" data-measure>
                {lab.version ?? <span className="faint">unknown</span>}
              </td>
              <td className="p2 num">
                <Devices lab={lab} bad={bad.get(lab.slug) ?? 0} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function NextLook({ lab: { status, nextSyncAt } }: { lab: Lab }) {
  if (status === 'PAUSED') return <span className="faint">none</span>;
  return nextSyncAt && Date.parse(nextSyncAt) > Date.now() ? (
    <Age at={nextSyncAt} />
  ) : (
    <span className="faint">{nextSyncAt ? 'now' : '–'}</span>
  );
}

function Audit({ lab: { slug, reconciliation } }: { lab: Lab }) {
  if (!reconciliation)
    return (
      <Link className="faint" href={syncPath(slug)} prefetch={false}>
        not audited yet
      </Link>
    );
  const { equation, trouble } = auditInWords(reconciliation);
  return (
    <>
      <Link href={`${syncPath(slug)}#audit`} prefetch={false} data-measure>
        {equation}
      </Link>
      <span className="sub">
        {trouble && (
          <b className="warn" data-measure>
            {trouble},{' '}
          </b>
        )}
        <Age at={reconciliation.checkedAt} suffix=" ago" />
      </span>
    </>
  );
}

/** Private jobs are read with the same requests: others than admins are not told. */
function Asked({ lab: { slug, budget } }: { lab: Lab }) {
  const { asked, maxPerMinute } = budget;
  if (!asked) return <span className="faint">–</span>;
  const { requests } = asked.total;
  return (
    <>
      <Link href={`${syncPath(slug)}#budget`} prefetch={false} data-measure>
        {count(requests)}
      </Link>
      <span className="sub" data-measure>
        {maxPerMinute > 0 && `${percent(requests / (maxPerMinute * 60))} of its budget`}
      </span>
    </>
  );
}
