import type { CompareJobsPageQuery, SideLineFragment } from '@/graphql/graphql.ts';
import { jobPath } from '@/paths.ts';
import { parseAnsi } from '@/ui/ansi.ts';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { toJobRef } from './jobs-address.ts';

type Compared = CompareJobsPageQuery['compareLogs'];
type Props = { logs: Compared; base: string; target: string; labelledBy: string };

/** Two logs, the same lines beside each other; a mark and a word say what differs, never the colour alone. */
export function SideBySide({ logs, base, target, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="sbs" data-measure>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">A: {base}</th>
            <th scope="col">Line</th>
            <th scope="col">B: {target}</th>
          </tr>
        </thead>
        <tbody>
          {logs.sideBySide.map((row) =>
            row.base || row.target ? (
              <tr key={`${row.base?.n ?? ''}/${row.target?.n ?? ''}`} className={row.isSame ? undefined : 'differs'}>
                <Cells line={row.base} job={base} mark={row.isSame ? '' : '−'} />
                <Cells line={row.target} job={target} mark={row.isSame ? '' : '+'} />
              </tr>
            ) : (
              <tr key={`after ${JSON.stringify(row)}`} className="fold">
                <td colSpan={4}>{plural(row.count, 'same line')} left out</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </Scroll>
  );
}

function Cells({ line, job, mark }: { line: SideLineFragment | null; job: string; mark: '' | '−' | '+' }) {
  const ref = toJobRef(job);
  if (!line || !ref) return <td colSpan={2} className="none" />;
  return (
    <>
      <td className="lno">
        <a href={`${jobPath(ref.source, ref.externalId)}?line=${line.n}#L${line.n}`}>{line.n}</a>
      </td>
      <td>
        {mark.padEnd(2)}
        {parseAnsi(line.text)
          .map(({ text }) => text)
          .join('')}
      </td>
    </>
  );
}

/** What of the logs is compared, and what comes out. */
export function logsInWords(logs: Compared): string {
  const { baseLog, targetLog, sameCount, baseOnlyCount, targetOnlyCount, isWhole } = logs;
  const side = (letter: string, log: Compared['baseLog']) => {
    if (!log) return `${letter} has no log here`;
    const isAll = log.from === 0 && log.lineCount === log.totalLines;
    const lines = isAll
      ? `all ${plural(log.totalLines, 'line')} of ${letter}`
      : `lines ${count(log.from)} to ${count(log.from + Math.max(0, log.lineCount - 1))} of ${count(log.totalLines)} of ${letter}`;
    return `${lines}${log.truncated ? ', which was cut by its master' : ''}`;
  };
  const compared = `${side('A', baseLog)}; ${side('B', targetLog)}.`;
  if (!baseLog || !targetLog) return `Nothing is compared: ${compared}`;
  return `Compared: ${compared} ${plural(sameCount, 'line')} the same but for times, addresses and numbers, ${count(baseOnlyCount)} in A alone, ${count(targetOnlyCount)} in B alone.${isWhole ? '' : ' The first 2,000 rows are shown.'}`;
}
