import type { LabRowFragment } from '@/graphql/graphql.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { CopyState, Devices, InfraCells, JobsToday, LabName } from './lab-cells.tsx';

type Props = { labs: readonly LabRowFragment[]; bad: ReadonlyMap<string, number>; labelledBy: string };

/** The labs: how true the copy is, what they ran, what they broke. */
export function LabTable({ labs, bad, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Lab</th>
            <th scope="col">Copy</th>
            <th scope="col" className="p2 num">
              Jobs today
            </th>
            <th scope="col" className="num">
              Infra 14 d
            </th>
            <th scope="col" className="p2">
              <span className="sr">Infrastructure share by day</span>
            </th>
            <th scope="col" className="num">
              Devices
            </th>
          </tr>
        </thead>
        <tbody>
          {labs.map((lab) => (
            <tr key={lab.id}>
              <LabName lab={lab} />
              <td>
                <CopyState lab={lab} />
              </td>
              <td className="p2 num">
                <JobsToday lab={lab} />
              </td>
              <InfraCells lab={lab} />
              <td className="num">
                <Devices lab={lab} bad={bad.get(lab.slug) ?? 0} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
