import { exportPath, type Query } from '@/paths.ts';
import { Icon } from './glyph.tsx';

/** `query`: what is exported, as docs/operations/export.md names it. */
export function ExportMenu({ title, query }: { title: string; query: Query }) {
  return (
    <details className="pick" name="floating">
      <summary className="btn ghost">
        <Icon name="down" />
        Export
      </summary>
      <div className="pop">
        <h2>{title}</h2>
        <p className="formats">
          <a className="link" href={exportPath('csv', query)}>
            CSV
          </a>
          <a className="link" href={exportPath('ndjson', query)}>
            NDJSON
          </a>
          <a className="link" href={exportPath('xml', query)}>
            JUnit XML
          </a>
          <a className="link" href={exportPath('parquet', query)}>
            Parquet
          </a>
        </p>
        <p className="dim">One result after another. The end says how many there are and what they cover.</p>
      </div>
    </details>
  );
}
