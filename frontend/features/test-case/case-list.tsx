'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { CaseRowFragment, JobCasesQuery, TestResult } from '@/graphql/graphql.ts';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { useIsClient } from '@/ui/use-is-client.ts';
import { CaseColumns, CaseRow } from './case-row.tsx';

type Props = {
  query: string;
  /** Whose tests they are; null for none. */
  project: string | null;
  variables: { source: string; externalId: string; result?: TestResult[]; suite?: string };
  initial: { nodes: CaseRowFragment[]; endCursor: string | null; hasNextPage: boolean; total: number };
};

const ROW = 30;

/** All cases of a job: the first ones drawn by the server, the rest read as they come into view. */
export function CaseList({ query, project, variables, initial }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isClient = useIsClient();
  const [rows, setRows] = useState(initial.nodes);
  const [cursor, setCursor] = useState(initial.hasNextPage ? initial.endCursor : null);
  const [problem, setProblem] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 20,
    enabled: isClient,
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const isNearEnd = isClient && cursor !== null && problem === null && lastSeen >= rows.length - 60;
  const asked = JSON.stringify(variables);

  useEffect(() => {
    if (!isNearEnd) return;
    const abort = new AbortController();
    askFromBrowser<JobCasesQuery>(query, { ...JSON.parse(asked), after: cursor }, abort.signal).then(
      ({ job }) => {
        if (!job) return;
        setRows((before) => [...before, ...job.testCases.nodes]);
        setCursor(job.testCases.pageInfo.hasNextPage ? (job.testCases.pageInfo.endCursor ?? null) : null);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
    return () => abort.abort();
  }, [isNearEnd, cursor, query, asked]);

  const shown = isClient ? items.flatMap(({ index }) => rows[index] ?? []) : rows;
  const before = isClient ? (items[0]?.start ?? 0) : 0;
  const after = isClient ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  return (
    <>
      <Scroll className="casebox" ref={box} label="Cases">
        <table className="t cases" aria-rowcount={initial.total + 1}>
          <CaseColumns />
          <tbody>
            {before > 0 && <Spacer height={before} />}
            {shown.map((row) => (
              <CaseRow key={row.id} row={row} project={project} />
            ))}
            {after > 0 && <Spacer height={after} />}
          </tbody>
        </table>
      </Scroll>
      <p className="faint casefoot" aria-live="polite">
        {problem ? (
          <button className="link" type="button" onClick={() => setProblem(null)}>
            More could not be read ({problem}). Try again
          </button>
        ) : (
          rows.length < initial.total && `${count(rows.length)} of ${count(initial.total)} read; scroll for more.`
        )}
      </p>
    </>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr className="spacer">
      <td style={{ height }} />
    </tr>
  );
}
