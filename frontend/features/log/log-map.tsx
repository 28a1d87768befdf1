type Props = { totalLines: number; errorLines: number[]; view: { from: number; to: number } | null };

/** Where the errors lie in the whole log, and where the window is. */
export function LogMap({ totalLines, errorLines, view }: Props) {
  const place = (n: number) => `${(n / Math.max(1, totalLines)) * 100}%`;
  const label =
    errorLines.length > 0
      ? `Errors near lines ${errorLines.slice(0, 10).join(', ')} of ${totalLines}`
      : `No errors in ${totalLines} lines`;
  return (
    <div className="map" role="img" aria-label={label}>
      {errorLines.map((n) => (
        <i key={n} style={{ top: place(n) }} />
      ))}
      {view && <span style={{ top: place(view.from), height: `max(6px, ${place(view.to - view.from)})` }} />}
    </div>
  );
}
