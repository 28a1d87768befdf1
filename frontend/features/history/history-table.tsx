'use client';
import { resultPath } from '@/paths.ts';
import { Grid } from '@/ui/grid.tsx';
import { share } from '@/ui/number.ts';
import { Tag } from '@/ui/tag.tsx';
import { type Column, toDays } from './columns.ts';
import { failures, lookOf } from './letters.ts';
import type { HistoryLine } from './line.ts';

/** On larger pages a pass leads nowhere: 40,000 links take a browser seconds. */
const LINKED_CELLS = 4_000;

type Props = { labelledBy: string; head: string; columns: readonly Column[]; lines: readonly HistoryLine[] };

/** Lines by builds, newest left, a letter a cell. Its data are compact: a page may have 40,000 cells. */
export function HistoryTable({ labelledBy, head, columns, lines }: Props) {
  const isLarge = columns.length * lines.length > LINKED_CELLS;
  return (
    <Grid labelledBy={labelledBy}>
      <table className="hg">
        <thead>
          <tr className="dr">
            <td className="rh" />
            {toDays(columns).map(({ day, span, at }) => (
              <th key={at} scope="colgroup" colSpan={span} title={day} aria-label={day}>
                {span > 1 ? day : day.split(' ')[0]}
              </th>
            ))}
            <td colSpan={2} />
          </tr>
          <tr>
            <th scope="col" className="rh">
              {head}
            </th>
            {columns.map(({ version, short, href }) => (
              <th key={href} scope="col" className="bn">
                <a href={href} title={version} aria-label={version}>
                  <span>{short}</span>
                </a>
              </th>
            ))}
            <th scope="col" className="num">
              Fail
            </th>
            <th scope="col" className="now">
              Now
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line key={line.key} line={line} columns={columns} isLarge={isLarge} />
          ))}
        </tbody>
      </table>
    </Grid>
  );
}

type LineProps = { line: HistoryLine; columns: readonly Column[]; isLarge: boolean };

function Line({ line, columns, isLarge }: LineProps) {
  const { name, before, sub, href, cells, now } = line;
  const { fail, ran } = failures(cells);
  const label = (
    <>
      {before && <span className="faint">{before}/</span>}
      {name}
    </>
  );
  return (
    <tr>
      <th scope="row" className="rh" title={before ? `${before}/${name}` : name}>
        {href ? (
          <a className="mono" href={href}>
            {label}
          </a>
        ) : (
          <span className="mono">{label}</span>
        )}
        {sub && <span className="faint"> {sub}</span>}
      </th>
      {columns.map((column, i) => {
        const letter = cells[i] ?? '.';
        const href = isLarge && letter === 'P' ? null : leadOf(line, column, i);
        return <Cell key={column.href} letter={letter} href={href} />;
      })}
      <td className="num" data-measure>
        {ran === 0 ? <span className="faint">–</span> : share(fail, ran)}
      </td>
      <td className="now">{now && <Tag tone={now.isFailing ? 'new' : undefined}>{now.text}</Tag>}</td>
    </tr>
  );
}

function leadOf({ leads, cells }: HistoryLine, { version }: Column, at: number): string | null {
  if (isList(leads)) return leads[at] ?? null;
  return cells[at] === '.' ? null : resultPath({ ...leads, build: version });
}

function isList(leads: HistoryLine['leads']): leads is readonly (string | null)[] {
  return Array.isArray(leads);
}

function Cell({ letter, href }: { letter: string; href: string | null }) {
  const { className, word, shown } = lookOf(letter);
  if (href === null)
    return (
      <td className={className} aria-label={word}>
        {shown}
      </td>
    );
  return (
    <td>
      <a className={className} href={href} aria-label={word}>
        {shown}
      </a>
    </td>
  );
}
