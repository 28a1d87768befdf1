import type { CaseRowFragment } from '@/graphql/graphql.ts';
import { STEPS } from '@/lava.ts';
import { Status } from '@/ui/status.tsx';
import { CaseName } from './case-name.tsx';
import { measurement } from './measurement.ts';
import { verdictOfCase } from './verdict.ts';

/** The columns of a list of cases; the widths are fixed, because rows come and go while it scrolls. */
export function CaseColumns() {
  return (
    <thead>
      <tr>
        <th scope="col" className="cr">
          Result
        </th>
        <th scope="col">Case</th>
        <th scope="col" className="p2 cs">
          Suite
        </th>
        <th scope="col" className="p2 num cm">
          Measured
        </th>
        <th scope="col" className="num cl">
          Line
        </th>
      </tr>
    </thead>
  );
}

export function CaseRow({ row, project }: { row: CaseRowFragment; project: string | null }) {
  const { suite, set, name, occurrence, result, startLogLine } = row;
  return (
    <tr>
      <td>
        <Status {...verdictOfCase(result, suite === STEPS)} />
      </td>
      <th scope="row" className="clip mono" title={name}>
        <CaseName project={project} suite={suite} set={set} name={name} />
        {occurrence > 0 && <span className="faint"> #{occurrence + 1}</span>}
      </th>
      <td className="p2 clip mono dim" title={suite}>
        {suite}
        {suite === STEPS && <span className="faint"> step</span>}
      </td>
      <td className="p2 num dim" data-measure>
        {row.measurement !== null && measurement(row.measurement, row.units)}
      </td>
      <td className="num">
        {startLogLine !== null && (
          <a className="link mono" href={`?line=${startLogLine}#L${startLogLine}`} data-line={startLogLine}>
            L{startLogLine}
          </a>
        )}
      </td>
    </tr>
  );
}
