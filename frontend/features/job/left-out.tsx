import { CaseName } from '@/features/test-case/case-name.tsx';
import { verdictOfCase } from '@/features/test-case/verdict.ts';
import { type LeftOutFragment, RestoreResultsDocument } from '@/graphql/graphql.ts';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { Status } from '@/ui/status.tsx';
import { Age } from '@/ui/time.tsx';
import { TakeBack } from './take-back.tsx';

type Props = { cases: readonly LeftOutFragment[]; project: string | null; mayTriage: boolean };

/** At a time: what the API takes in one list. */
const AT_ONCE = 100;

/** Results that somebody left out of the numbers: what the master says of them, who did it, and why. */
export function LeftOut({ cases, project, mayTriage }: Props) {
  if (cases.length === 0) return null;
  const query = RestoreResultsDocument.toString();
  return (
    <Section
      id="left-out"
      title="Left out of the numbers"
      caption={count(cases.length)}
      total={cases.length}
      more={
        mayTriage &&
        cases.length > 1 &&
        cases.length <= AT_ONCE && <TakeBack ids={cases.map(({ id }) => id)} label="Take all back" query={query} />
      }
    >
      <p className="dim">Each counts as skipped, here and everywhere else.</p>
      <Scroll labelledBy="left-out">
        <table className="t">
          <thead>
            <tr>
              <th scope="col">On the master</th>
              <th scope="col">Case</th>
              <th scope="col">Why</th>
              <th scope="col" className="p2">
                By
              </th>
              {mayTriage && <td />}
            </tr>
          </thead>
          <tbody>
            {cases.map(
              ({ id, suite, set, name, occurrence, omission }) =>
                omission && (
                  <tr key={id}>
                    <td>
                      <Status {...verdictOfCase(omission.result, false)} />
                    </td>
                    <th scope="row" className="clip mono" title={`${suite} ${name}`}>
                      <CaseName project={project} suite={suite} set={set} name={name} />
                      {occurrence > 0 && <span className="faint"> #{occurrence + 1}</span>}
                    </th>
                    <td className="wrap">{omission.reason}</td>
                    <td className="p2">
                      {omission.by}, <Age at={omission.at} suffix=" ago" />
                    </td>
                    {mayTriage && (
                      <td className="num">
                        <TakeBack ids={[id]} label="Take back" query={query} />
                      </td>
                    )}
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
