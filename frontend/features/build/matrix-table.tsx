import type { ReactNode } from 'react';
import { Measure } from '@/ui/count.tsx';
import { Glyph } from '@/ui/glyph.tsx';
import { Grid } from '@/ui/grid.tsx';
import { count, plural } from '@/ui/number.ts';
import { type Mark, Strip } from '@/ui/strip.tsx';
import {
  type Cell,
  countedIn,
  isCrowded,
  isProblem,
  type Kind,
  type Line,
  linesOf,
  type Matrix,
  wordOf,
} from './matrix.ts';

type Props = {
  matrix: Matrix;
  /** Columns without a problem are named below the table instead of shown. */
  foldsColumns: boolean;
  /** Several runs of a suite count once: a cell is then less than what it leads to. */
  once: boolean;
  /** Of the results, or those that fail, and of a cell that has none. */
  cellHref: (suite: string, deviceType: string, isFailing: boolean | null) => string;
  suiteHref: (suite: string) => string;
};

/** Suites by device types, one line a lab: a passing line shows its cases in grey, a failing one how many fail. */
export function MatrixTable({ matrix, foldsColumns, once, cellHref, suiteHref }: Props) {
  const folded = foldsColumns ? matrix.passing : [];
  const columns = matrix.environments.filter((name) => !folded.includes(name));
  const isBrief = isCrowded(matrix);
  return (
    <>
      <Grid labelledBy="matrix">
        <table className="mx" style={{ minWidth: 112 + columns.length * 121 }}>
          <thead>
            <tr>
              <th scope="col" className="rh">
                Suite
              </th>
              {columns.map((name) => (
                <th key={name} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map(({ suite, cells, cases }) => (
              <tr key={suite}>
                <th scope="row" className="rh" title={suite}>
                  <a className="mono" href={suiteHref(suite)}>
                    {suite}
                  </a>
                  <span className="sub" data-measure>
                    {plural(cases, 'case')}
                  </span>
                </th>
                {columns.map((name) => (
                  <MatrixCell
                    key={name}
                    cell={cells.get(name)}
                    once={once}
                    isBrief={isBrief}
                    hrefOf={(isFailing) => cellHref(suite, name, isFailing)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Grid>
      {isBrief && (
        <p className="folded dim">
          Where nothing fails, a cell tells all labs in one number: there are too many here to tell each lab and the
          last builds.
        </p>
      )}
      {folded.length > 0 && (
        <p className="folded dim">
          <Measure>{plural(folded.length, 'device type')}</Measure> {folded.length === 1 ? 'has' : 'have'} no problem in
          these suites and {folded.length === 1 ? 'is' : 'are'} left out:{' '}
          <span className="mono">{folded.join(', ')}</span>.
        </p>
      )}
    </>
  );
}

type CellProps = {
  cell: Cell | undefined;
  once: boolean;
  isBrief: boolean;
  hrefOf: (isFailing: boolean | null) => string;
};

function MatrixCell({ cell, once, isBrief, hrefOf }: CellProps) {
  if (!cell) return <td className="mc" />;
  if (isBrief && !isProblem(cell)) {
    return (
      <td className="mc">
        <a href={hrefOf(countedIn(cell) ? false : null)} data-measure>
          {wordOf(cell)}
        </a>
      </td>
    );
  }
  const { disagree, isNewlyFailing, recent } = cell;
  const counted = countedIn(cell);
  return (
    <td className={['mc', isNewlyFailing && 'nw', disagree && 'dis'].filter(Boolean).join(' ')}>
      {/* A plain link: a thousand of them need no script each. */}
      <a
        className="mca"
        href={hrefOf(counted?.isFailing ?? null)}
        {...(once || !counted ? { 'data-measure': true } : { 'data-count': counted.value, 'data-apart': true })}
      >
        {linesOf(cell).map((line) => (
          <LabLine key={line.label} line={line} />
        ))}
        <span className="flags">
          {recent.length > 1 && <Strip marks={[...recent].map((letter) => MARKS[letter] ?? 'none')} />}
          {disagree && <span className="dst">differ</span>}
          {isNewlyFailing && <span className="nwt">new</span>}
        </span>
      </a>
    </td>
  );
}

const MARKS: Record<string, Mark> = { P: 'pass', F: 'fail', I: 'infra', S: 'skip' };

const CLASS = { fail: 'f', infra: 'i', none: 'm', skip: 's', pass: 'p' } as const;

function LabLine({ line }: { line: Line }) {
  return (
    <span className={`ml ${CLASS[line.kind]}`}>
      <span className="ll">{line.label}</span>
      {VALUE[line.kind](range(line))}
    </span>
  );
}

function range({ least, most }: Line): string {
  return least === most ? count(most) : `${count(least)}–${count(most)}`;
}

const VALUE: Record<Kind, (value: string) => ReactNode> = {
  fail: (value) => (
    <>
      <Glyph shape="fail" tone="fail" />
      <span className="mv">
        {value}
        <span className="sr"> fail</span>
      </span>
    </>
  ),
  infra: () => (
    <>
      <Glyph shape="infra" tone="infra" />
      <span className="mv">infra</span>
    </>
  ),
  none: () => <span className="mv">no results</span>,
  skip: () => (
    <>
      <Glyph shape="skipped" tone="skipped" />
      <span className="mv">skip</span>
    </>
  ),
  pass: (value) => (
    <span className="mv">
      {value}
      <span className="sr"> pass</span>
    </span>
  ),
};
