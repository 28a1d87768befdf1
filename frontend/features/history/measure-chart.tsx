import { Scroll } from '@/ui/scroll.tsx';
import type { Column } from './columns.ts';
import { type Better, type Chart, type Curve, isWorse, type Measure, type Shift, ticksOf } from './measures.ts';

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [960, 190, 150, 12, 10, 22];
/** Curves have their own dash each; more labs than these share the last one. */
const STYLES = 5;

const axis = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

type Props = { chart: Chart; columns: readonly Column[]; better: Better; id: string };

/** The curve of a measurement, newest left as the grid above, a line a lab; the same as a table below. */
export function MeasureChart({ chart, columns, better, id }: Props) {
  const { curves, shifts, units } = chart;
  const ticks = ticksOf(curves.flatMap(({ measures }) => measures.map(({ value }) => value)));
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const x = (column: number) => LEFT + ((column + 0.5) / columns.length) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const columnOf = (version: string) => columns.findIndex((column) => column.version === version);
  return (
    <>
      <Scroll label="Chart">
        <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={nameOf(chart)}>
          {ticks.map((tick) => (
            <g key={tick}>
              <path className="gl" d={`M${LEFT} ${y(tick).toFixed(1)}H${WIDTH - RIGHT}`} />
              <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
                {axis.format(tick)}
              </text>
            </g>
          ))}
          {shifts.map((shift) => {
            const at = x(columnOf(shift.firstAfter.version)) + (WIDTH - LEFT - RIGHT) / columns.length / 2;
            const worse = isWorse(shift, better) ? 'cp worse' : 'cp';
            return <path key={keyOf(shift)} className={worse} d={`M${at.toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}`} />;
          })}
          {curves.map((curve, i) => (
            <Line key={curve.lab} curve={curve} style={`s${Math.min(i + 1, STYLES)}`} x={x} y={y} />
          ))}
          <EndLabels curves={curves} units={units} y={y} />
          <text x={LEFT} y={HEIGHT - 6}>
            {columns[0]?.short}
          </text>
          <text x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
            {columns.at(-1)?.short}
          </text>
        </svg>
      </Scroll>
      <details className="twin">
        <summary>As a table</summary>
        <Table chart={chart} columns={columns} id={id} />
      </details>
    </>
  );
}

function keyOf({ source, firstAfter, lastBefore }: Shift): string {
  return JSON.stringify([source.slug, firstAfter.version, lastBefore.version]);
}

function nameOf({ curves, units }: Chart): string {
  const newest = curves.map(({ lab, measures }) => `${lab} ${measures[0]?.text}${units ? ` ${units}` : ''}`);
  return `newest build left; newest values: ${newest.join(', ')}`;
}

type Scale = (value: number) => number;

/** Through the middle of a build's values, with a point for each of them. */
function Line({ curve, style, x, y }: { curve: Curve; style: string; x: Scale; y: Scale }) {
  const byColumn = [...Map.groupBy(curve.measures, ({ column }) => column)].sort(([a], [b]) => a - b);
  const middle = (of: readonly Measure[]) => of.reduce((sum, { value }) => sum + value, 0) / of.length;
  const path = byColumn.map(([column, of], i) => `${i ? 'L' : 'M'}${x(column).toFixed(1)} ${y(middle(of)).toFixed(1)}`);
  return (
    <g>
      <path className={`ln ${style}`} d={path.join('')} />
      {curve.measures.map(({ column, value }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a point has no identity but its place
        <circle key={i} className={`pt ${style}`} cx={x(column).toFixed(1)} cy={y(value).toFixed(1)} r="2" />
      ))}
    </g>
  );
}

/** The newest value of each lab, at the left; labels that would lie on each other move apart. */
function EndLabels({ curves, units, y }: { curves: readonly Curve[]; units: string | null; y: Scale }) {
  const placed = curves
    .flatMap(({ lab, measures: [newest] }, i) => (newest ? [{ lab, newest, i, at: y(newest.value) }] : []))
    .sort((a, b) => a.at - b.at);
  let below = 0;
  return placed.map(({ lab, newest, i, at }) => {
    below = Math.max(at, below + 13);
    return (
      <text key={lab} className={`end s${Math.min(i + 1, STYLES)}`} x={0} y={below + 4}>
        {lab} {newest.text}
        {units && ` ${units}`}
      </text>
    );
  });
}

function Table({ chart: { curves }, columns, id }: Omit<Props, 'better'>) {
  return (
    <Scroll labelledBy={id}>
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Build</th>
            {curves.map(({ lab }) => (
              <th key={lab} scope="col" className="num">
                {lab}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ version, href }, column) => (
            <tr key={href}>
              <th scope="row">
                <a className="mono" href={href}>
                  {version}
                </a>
              </th>
              {curves.map(({ lab, measures }) => {
                const texts = measures.filter((measure) => measure.column === column).map(({ text }) => text);
                return (
                  <td key={lab} className="num">
                    {texts.length > 0 ? texts.join(', ') : <span className="faint">–</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
