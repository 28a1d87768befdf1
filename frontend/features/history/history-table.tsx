'use client';
import { Grid } from '@/ui/grid.tsx';
import { share } from '@/ui/number.ts';
import { Tag } from '@/ui/tag.tsx';
import { type Column, toDays } from './columns.ts';
import { failures, lookOf } from './letters.ts';
import { cellHref, type HistoryLine } from './line.ts';

/** On larger pages a pass leads nowhere: 40,000 links take a browser seconds. */
const LINKED_CELLS = 4_000;

type Props = { labelledBy: string; head: string; columns: readonly Column[]; lines: readonly HistoryLine[] };

/**
 * Lines by builds, newest left, a letter a cell. A page may have 40,000 cells. As a client component it is told once, as
 * HTML, beside brief data; what a server component draws is told again as elements (docs/decisions/0007). The word of a
 * cell is its text, the letter is the style sheet's: history.css.
 */
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
            <Line
              key={JSON.stringify([line.before, line.name, line.sub])}
              line={line}
              columns={columns}
              isLarge={isLarge}
            />
          ))}
        </tbody>
      </table>
    </Grid>
  );
}

type LineProps = { line: HistoryLine; columns: readonly Column[]; isLarge: boolean };

function Line({ line, columns, isLarge }: LineProps) {
  const { name, before, sub, cells, now, leads } = line;
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
        {'test' in leads ? (
          <a className="mono" href={leads.test + (leads.more ?? '')}>
            {label}
          </a>
        ) : (
          <span className="mono">{label}</span>
        )}
        {sub && <span className="faint">{` ${sub}`}</span>}
      </th>
      {columns.map(({ version, href }, i) => {
        const { className, word } = lookOf(cells[i] ?? '.');
        const lead = isLarge && cells[i] === 'P' ? null : cellHref(line, version, i);
        return (
          <td key={href} className={className}>
            {lead === null ? word : <a href={lead}>{word}</a>}
          </td>
        );
      })}
      <td className="num" data-measure>
        {ran === 0 ? <span className="faint">–</span> : share(fail, ran)}
      </td>
      <td className="now">{now && <Tag tone={now.isFailing ? 'new' : undefined}>{now.text}</Tag>}</td>
    </tr>
  );
}
