import Link from 'next/link';
import type { WorkerRowFragment } from '@/graphql/graphql.ts';
import { verdictOfHealth } from '@/lava.ts';
import { devicesPath, jobsPath } from '@/paths.ts';
import { Figure } from '@/ui/figure.tsx';
import { percent } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Tag } from '@/ui/tag.tsx';
import { Age } from '@/ui/time.tsx';

type Props = { workers: readonly WorkerRowFragment[]; slug: string; labelledBy: string };

export function WorkerTable({ workers, slug, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">State</th>
            <th scope="col" className="p2">
              Health
            </th>
            <th scope="col" className="num">
              Devices
            </th>
            <th scope="col" className="p2 num">
              Running
            </th>
            <th scope="col" className="num">
              Infra 7 d
            </th>
            <th scope="col" className="p2 num">
              Ping
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map(
            ({
              id,
              hostname,
              state,
              health,
              deviceCount,
              concurrentJobs,
              infraFailureRate7d,
              lastPingAt,
              goneAtSourceAt,
            }) => (
              <tr key={id}>
                <th scope="row" className="mono">
                  <Link href={jobsPath({ lab: slug, worker: hostname, checks: '1' })} prefetch={false}>
                    {hostname}
                  </Link>{' '}
                  {goneAtSourceAt && <Tag tone="unsure">gone on master</Tag>}
                </th>
                <td>{state === 'Offline' ? <Status shape="infra" tone="infra" word={state} /> : state}</td>
                <td className="p2">
                  <Status {...verdictOfHealth(health)} />
                </td>
                <td className="num">
                  <Figure value={deviceCount} href={devicesPath({ lab: slug, worker: hostname })} />
                </td>
                <td className="p2 num">
                  <Figure
                    value={concurrentJobs}
                    href={devicesPath({ lab: slug, worker: hostname, state: 'Running' })}
                  />
                </td>
                <td
                  data-measure
                  className={infraFailureRate7d !== null && infraFailureRate7d > 0.1 ? 'num infra strong' : 'num'}
                >
                  <Rate value={infraFailureRate7d} />
                </td>
                <td className="p2 num faint">{lastPingAt && <Age at={lastPingAt} />}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </Scroll>
  );
}

function Rate({ value }: { value: number | null }) {
  if (value === null) return <span className="faint">no jobs</span>;
  return value === 0 ? <span className="faint">0</span> : percent(value);
}
