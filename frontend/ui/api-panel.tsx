'use client';
import { useState } from 'react';
import { Code } from './code.tsx';
import { curlOf } from './curl.ts';
import { EXPLORER, explorerPath } from './explorer-address.ts';
import { Icon } from './glyph.tsx';

type Props = { query: string; variables: Record<string, unknown> };

/** The GraphQL behind the page, ready to paste. A side panel: the page stays readable beside it. */
export function ApiPanel({ query, variables }: Props) {
  // Only then: else every page would hold its query once more, as an address.
  const [isOpen, setOpen] = useState(false);
  const wanted = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== null),
  );
  const [text, values] = [query.trim(), JSON.stringify(wanted, null, 2)];
  return (
    <details className="api" name="floating" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="btn ghost">
        <Icon name="code" />
        API
      </summary>
      <div className="drawer">
        <h2>The query behind this page</h2>
        <p className="dim">
          POST it to <code>/graphql</code>. The answer is what the page shows.{' '}
          <a href={isOpen ? explorerPath({ query: text, variables: values }) : EXPLORER}>Open it in the explorer</a>
        </p>
        <Code title="GraphQL" text={text} />
        <Code title="Variables" text={values} />
        <Code title="curl" text={curlOf(query.replace(/\s+/g, ' ').trim(), wanted)} />
      </div>
    </details>
  );
}
