'use client';
import type { ReactNode } from 'react';
import { jobsPath, resultsPath, suitePath } from '@/paths.ts';
import { Glyph } from '@/ui/glyph.tsx';
import { Grid } from '@/ui/grid.tsx';
import { count, plural } from '@/ui/number.ts';
import { type Mark, Strip } from '@/ui/strip.tsx';
import type { Kind, Line, Look, ShownRow } from './matrix.ts';

type Props = {
  /** Names of device types. */
  columns: readonly string[];
  rows: readonly ShownRow[];
  /** The build, as the jobs page asks for it. */
  query: { project: string; build: string };
  /** Several runs of a suite count once: a cell is then less than what it leads to. */
  once: boolean;
};

/**
 * Suites by device types, one line a lab: a passing line shows its cases in grey, a failing one how many fail. A client
 * component, so that a thousand cells are told once (docs/decisions/0007).
 */
export function MatrixTable({ columns, rows, query, once }: Props) {
  return (
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
          {rows.map(({ suite, cells, cases }) => (
            <tr key={suite}>
              <th scope="row" className="rh" title={suite}>
                <a className="mono" href={suitePath(query.project, suite)}>
                  {suite}
                </a>
                <span className="sub" data-measure>
                  {plural(cases, 'case')}
                </span>
              </th>
              {columns.map((type, i) => {
                const cell = cells[i] ?? null;
                if (cell === null) return <td key={type} />;
                if (typeof cell === 'string')
                  return (
                    <td key={type} data-measure>
                      <a href={jobsPath({ ...query, type, checks: '1' })}>{cell}</a>
                    </td>
                  );
                const ofSuite = { ...query, suite, type, checks: '1', result: cell.counted?.isFailing ? 'Fail' : [] };
                const href = cell.counted ? resultsPath(ofSuite) : jobsPath({ ...query, type, checks: '1' });
                return <LookedAt key={type} look={cell} once={once} href={href} />;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Grid>
  );
}

function LookedAt({ look, once, href }: { look: Look; once: boolean; href: string }) {
  const { lines, counted, disagree, isNewlyFailing, recent } = look;
  return (
    <td className={[isNewlyFailing && 'nw', disagree && 'dis'].filter(Boolean).join(' ') || undefined}>
      {/* A plain link: a thousand of them need no script each. */}
      <a
        className="mca"
        href={href}
        {...(once || !counted ? { 'data-measure': true } : { 'data-count': counted.value, 'data-apart': true })}
      >
        {lines.map((line) => (
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
