'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { askFromBrowser } from '@/browser-client.ts';
import type { LogLinesQuery } from '@/graphql/graphql.ts';
import { BLOCK } from './line-range.ts';
import type { Line } from './log-line.tsx';

export type Ask = { query: string; variables: { source: string; externalId: string; level?: string[] } };

/** Blocks of a log, read when they come into view and kept. `want` names the rows in view. */
export function useLogBlocks({ query, variables }: Ask, initial: { start: number; lines: Line[] }) {
  const [blocks, setBlocks] = useState<ReadonlyMap<number, Line[]>>(() => {
    const first = Math.floor(initial.start / BLOCK);
    const parts = Array.from({ length: Math.ceil(initial.lines.length / BLOCK) }, (_, i) =>
      initial.lines.slice(i * BLOCK, (i + 1) * BLOCK),
    );
    return new Map(parts.map((lines, i) => [first + i, lines]));
  });
  const [problem, setProblem] = useState<string | null>(null);
  const [range, setRange] = useState({ from: 0, to: -1 });
  const reading = useRef(new Set<number>());
  const asked = JSON.stringify(variables);

  useEffect(() => {
    if (problem !== null) return;
    const timer = setTimeout(() => {
      for (let block = Math.floor(range.from / BLOCK); block <= Math.floor(range.to / BLOCK); block++) {
        if (blocks.has(block) || reading.current.has(block)) continue;
        reading.current.add(block);
        askFromBrowser<LogLinesQuery>(query, { ...JSON.parse(asked), fromLine: block * BLOCK, limit: BLOCK })
          .then(
            ({ job }) => setBlocks((before) => new Map(before).set(block, job?.log?.lines ?? [])),
            (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
          )
          .finally(() => reading.current.delete(block));
      }
    }, 60);
    return () => clearTimeout(timer);
  }, [range, blocks, problem, query, asked]);

  const want = useCallback((from: number, to: number) => {
    setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
  }, []);
  const lineAt = useCallback(
    (index: number): Line | undefined => blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK],
    [blocks],
  );
  return { lineAt, want, problem, retry: () => setProblem(null) };
}
