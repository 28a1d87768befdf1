/** Two lists of lines as rows: the same beside the same, what differs beside what differs, long stretches left out. */
import type { Match } from './align-lines.ts';

/** Indexes of lines; null for none. A row without either stands for `count` same lines. */
export type LogRow = { base: number | null; target: number | null; isSame: boolean; count: number };

export function toRows(matches: readonly Match[], baseSize: number, targetSize: number, context: number): LogRow[] {
  const rows: LogRow[] = [];
  let next = { base: 0, target: 0 };
  let same: Match[] = [];
  const flush = (isLast: boolean) => {
    const [head, tail] = [rows.length === 0 ? 0 : context, isLast ? 0 : context];
    const isLong = same.length > head + tail + 1;
    const shown = (list: readonly Match[]) => rows.push(...list.map((match) => ({ ...match, isSame: true, count: 1 })));
    shown(isLong ? same.slice(0, head) : same);
    if (isLong) {
      rows.push({ base: null, target: null, isSame: true, count: same.length - head - tail });
      shown(same.slice(same.length - tail));
    }
    same = [];
  };
  for (const match of [...matches, { base: baseSize, target: targetSize }]) {
    const [lost, added] = [match.base - next.base, match.target - next.target];
    if (lost > 0 || added > 0) flush(false);
    for (let i = 0; i < Math.max(lost, added); i++) {
      const [base, target] = [i < lost ? next.base + i : null, i < added ? next.target + i : null];
      rows.push({ base, target, isSame: false, count: 1 });
    }
    if (match.base < baseSize) same.push(match);
    next = { base: match.base + 1, target: match.target + 1 };
  }
  flush(true);
  return rows;
}
