import { Fragment } from 'react';
import { CauseRow } from '@/features/attribution/evidence.tsx';
import { KnownBy } from '@/features/known-issue/known-by.tsx';
import { CaseName } from '@/features/test-case/case-name.tsx';
import {
  type AttributionFragment,
  type CaseRowFragment,
  type KnownByFragment,
  type NoteFragment,
  OmitResultsDocument,
} from '@/graphql/graphql.ts';
import { Glyph } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { LeaveOut } from './leave-out.tsx';

type FailingCase = CaseRowFragment & { attribution: AttributionFragment | null; knownIssues: KnownByFragment[] };
type Props = {
  cases: readonly FailingCase[];
  notes: readonly NoteFragment[];
  total: number;
  allHref: string;
  project: string | null;
  mayTriage: boolean;
};

/** The failing cases, before everything else. */
export function Failing({ cases, notes, total, allHref, project, mayTriage }: Props) {
  return (
    <Section
      id="failing"
      title="Failing"
      caption={count(total)}
      total={total}
      more={
        total > cases.length && (
          <a href={allHref} data-count={total}>
            All {count(total)}
          </a>
        )
      }
    >
      <Scroll labelledBy="failing">
        <table className="t">
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col" className="p2">
                Suite
              </th>
              <th scope="col" className="num">
                Line
              </th>
            </tr>
          </thead>
          <tbody>
            {cases.map(({ id, name, set, suite, startLogLine, occurrence, attribution, knownIssues }) => (
              <Fragment key={id}>
                <tr>
                  <th scope="row" className="clip mono" title={name}>
                    <span className="st o fail">
                      <Glyph shape="fail" />
                    </span>{' '}
                    <CaseName project={project} suite={suite} set={set} name={name} />
                    {occurrence > 0 && <span className="faint"> #{occurrence + 1}</span>}
                    <NotesOf notes={notes.filter(({ testCase }) => testCase?.id === id).length} />
                  </th>
                  <td className="p2 mono dim">{suite}</td>
                  <td className="num">
                    {startLogLine === null ? (
                      <span className="faint">–</span>
                    ) : (
                      <a
                        className="link mono"
                        data-open
                        href={`?line=${startLogLine}#L${startLogLine}`}
                        data-line={startLogLine}
                      >
                        L{startLogLine}
                      </a>
                    )}
                  </td>
                </tr>
                {knownIssues.map((issue) => (
                  <tr key={issue.number}>
                    <td colSpan={3}>
                      <KnownBy issue={issue} />
                    </td>
                  </tr>
                ))}
                {attribution && <CauseRow of={attribution} columns={3} />}
              </Fragment>
            ))}
          </tbody>
        </table>
      </Scroll>
      {mayTriage && <LeaveOut cases={cases} total={total} query={OmitResultsDocument.toString()} />}
    </Section>
  );
}

function NotesOf({ notes }: { notes: number }) {
  if (notes === 0) return null;
  return (
    <>
      {' '}
      <a className="link" href="#notes" data-measure>
        {plural(notes, 'note')}
      </a>
    </>
  );
}
