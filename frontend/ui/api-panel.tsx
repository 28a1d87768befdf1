'use client';
import { Code } from './code.tsx';
import { Icon } from './glyph.tsx';

type Props = { query: string; variables: Record<string, unknown> };

/** The GraphQL behind the page, ready to paste. A side panel: the page stays readable beside it. */
export function ApiPanel({ query, variables }: Props) {
  const wanted = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== null),
  );
  const body = JSON.stringify({ query: query.replace(/\s+/g, ' ').trim(), variables: wanted });
  const curl = `curl -s "$BASALT/graphql" -H 'content-type: application/json' \\\n  -d '${body.replaceAll("'", "'\\''")}'`;
  return (
    <details className="api" name="floating">
      <summary className="btn ghost">
        <Icon name="code" />
        API
      </summary>
      <div className="drawer">
        <h2>The query behind this page</h2>
        <p className="dim">
          POST it to <code>/graphql</code>. The answer is what the page shows.
        </p>
        <Code title="GraphQL" text={query.trim()} />
        <Code title="Variables" text={JSON.stringify(wanted, null, 2)} />
        <Code title="curl" text={curl} />
      </div>
    </details>
  );
}
