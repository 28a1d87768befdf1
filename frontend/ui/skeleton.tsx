const WIDTHS = ['46%', '62%', '38%', '54%'];

/** Rows of the final height while something is read. */
export function SkeletonRows({ rows, label }: { rows: number; label: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no identity
        <div key={i} className="skrow" aria-hidden="true">
          <span className="sk" style={{ width: WIDTHS[i % WIDTHS.length] }} />
        </div>
      ))}
    </div>
  );
}
