'use client';
import { Code } from '@/ui/code.tsx';
import { curlOf } from '@/ui/curl.ts';
import type { Example } from './examples.ts';

/** To read, and to take along: the explorer above needs JavaScript, this does not. */
export function ExampleList({ examples }: { examples: readonly Example[] }) {
  return (
    <div className="examples">
      {examples.map(({ task, how, query, variables }) => (
        <details key={task}>
          <summary>{task}</summary>
          <p className="dim">{how}</p>
          <Code title="GraphQL" text={query} />
          <Code title="curl" text={curlOf(query.replace(/\s+/g, ' '), variables)} />
        </details>
      ))}
    </div>
  );
}
