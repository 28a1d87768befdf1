/** A curve without axes, its last point marked; the name says what it shows and its last value. */
export function Sparkline({ values, label, tone }: { values: readonly number[]; label: string; tone?: 'infra' }) {
  const [width, height] = [84, 20];
  const max = Math.max(...values, 0.0001);
  const points = values.map(
    (value, i) =>
      [2 + (i / Math.max(1, values.length - 1)) * (width - 4), height - 3 - (value / max) * (height - 6)] as const,
  );
  const last = points.at(-1);
  if (!last || values.length < 2) return <span className="faint">too few days</span>;
  const line = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return (
    <svg
      className={tone ? `spark ${tone}` : 'spark'}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path className="area" d={`${line}L${last[0].toFixed(1)} ${height}L2 ${height}Z`} />
      <path d={line} />
      <circle cx={last[0].toFixed(1)} cy={last[1].toFixed(1)} r="2" />
    </svg>
  );
}
