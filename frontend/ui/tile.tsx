import type { ReactNode } from 'react';

export type Tile = { label: string; value: ReactNode; unit?: string; detail?: ReactNode };

/** A row of figures between two rules. */
export function Tiles({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <dl className={tiles.length === 5 ? 'tiles five' : 'tiles'}>
      {tiles.map(({ label, value, unit, detail }) => (
        <div key={label} className="tile">
          <dt data-measure>{label}</dt>
          <dd className="v">
            {value} {unit && <small>{unit}</small>}
          </dd>
          {detail && <dd className="d">{detail}</dd>}
        </div>
      ))}
    </dl>
  );
}
