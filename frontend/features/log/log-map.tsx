type Props = { totalLines: number; stops: number[]; view: { from: number; to: number } | null };

/** Where the errors lie in the whole log, and where the window is. */
export function LogMap({ totalLines, stops, view }: Props) {
  const place = (n: number) => `${(n / Math.max(1, totalLines)) * 100}%`;
  const label =
    stops.length > 0
      ? `Errors and failing cases near lines ${stops.slice(0, 10).join(', ')} of ${totalLines}`
      : `Nothing failed in ${totalLines} lines`;
  return (
    <div className="map" role="img" aria-label={label}>
      {stops.map((n) => (
        <i key={n} style={{ top: place(n) }} />
      ))}
      {view && <span style={{ top: place(view.from), height: `max(6px, ${place(view.to - view.from)})` }} />}
    </div>
  );
}
