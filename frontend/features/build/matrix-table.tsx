import Link from 'next/link';
import { Glyph } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import type { Cell, Matrix } from './matrix.ts';

type Props = {
  matrix: Matrix;
  fresh: ReadonlySet<Cell>;
  onlyProblems: boolean;
  jobsHref: (deviceType: string) => string;
  allHref: string;
};

/** Suites by device types, one line a lab: a passing line shows its cases in grey, a failing one how many fail. */
export function MatrixTable({ matrix, fresh, onlyProblems, jobsHref, allHref }: Props) {
  const rows = onlyProblems ? matrix.rows.filter(({ hasProblem }) => hasProblem) : matrix.rows;
  const folded = matrix.rows.filter((row) => !rows.includes(row));
  return (
    <>
      {rows.length > 0 && (
        <Scroll labelledBy="matrix">
          <table className="mx" style={{ minWidth: 112 + matrix.environments.length * 121 }}>
            <thead>
              <tr>
                <th scope="col" className="rh">
                  Suite
                </th>
                {matrix.environments.map((name) => (
                  <th key={name} scope="col" title={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ suite, cells, cases }) => (
                <tr key={suite}>
                  <th scope="row" className="rh" title={suite}>
                    <span className="mono">{suite}</span>
                    <span className="sub">{plural(cases, 'case')}</span>
                  </th>
                  {matrix.environments.map((name) => (
                    <MatrixCell key={name} cell={cells.get(name)} fresh={fresh} jobsHref={jobsHref} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {folded.length > 0 && (
        <p className="folded dim">
          {rows.length === 0 ? 'All' : ''} {plural(folded.length, 'suite')} {folded.length === 1 ? 'passes' : 'pass'}{' '}
          everywhere: <span className="mono">{folded.map(({ suite }) => suite).join(', ')}</span>.{' '}
          <Link href={allHref} scroll={false} prefetch={false}>
            Show all
          </Link>
        </p>
      )}
    </>
  );
}

function MatrixCell({ cell, fresh, jobsHref }: { cell: Cell | undefined } & Pick<Props, 'fresh' | 'jobsHref'>) {
  if (!cell) return <td className="mc" />;
  const isNew = fresh.has(cell);
  return (
    <td className={['mc', isNew && 'nw', cell.disagree && 'dis'].filter(Boolean).join(' ')}>
      <Link className="mca" href={jobsHref(cell.environment.deviceType)} prefetch={false}>
        {cell.labs.map((lab) => (
          <LabLine key={lab.source.slug} lab={lab} />
        ))}
        {(isNew || cell.disagree) && (
          <span className="flags">
            {cell.disagree && <span className="dst">differ</span>}
            {isNew && <span className="nwt">new</span>}
          </span>
        )}
      </Link>
    </td>
  );
}

function LabLine({ lab }: { lab: Cell['labs'][number] }) {
  const { source, counts, infrastructureFailures } = lab;
  const [kind, value] = lineOf(lab);
  return (
    <span
      className={`ml ${kind}`}
      title={`${source.slug}: ${counts.pass} pass, ${counts.fail} fail, ${counts.skip} skip, ${infrastructureFailures} infrastructure`}
    >
      <span className="ll">{source.slug}</span>
      {value}
    </span>
  );
}

function lineOf({ counts, infrastructureFailures }: Cell['labs'][number]): [string, React.ReactNode] {
  if (counts.fail > 0) {
    return [
      'f',
      <>
        <Glyph key="g" shape="fail" tone="fail" />
        <span key="v" className="mv">
          {count(counts.fail)}
          <span className="sr"> fail</span>
        </span>
      </>,
    ];
  }
  if (infrastructureFailures > 0) {
    return [
      'i',
      <>
        <Glyph key="g" shape="infra" tone="infra" />
        <span key="v" className="mv">
          infra
        </span>
      </>,
    ];
  }
  if (counts.total === 0)
    return [
      'm',
      <span key="v" className="mv">
        no results
      </span>,
    ];
  if (counts.pass === 0) {
    return [
      's',
      <>
        <Glyph key="g" shape="skipped" tone="skipped" />
        <span key="v" className="mv">
          skip
        </span>
      </>,
    ];
  }
  return [
    'p',
    <span key="v" className="mv">
      {count(counts.pass)}
      <span className="sr"> pass</span>
    </span>,
  ];
}
