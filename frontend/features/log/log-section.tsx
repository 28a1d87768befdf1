import Link from 'next/link';
import { LogLinesDocument, type LogPartFragment } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { bytes, count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { absolute } from '@/ui/time.tsx';
import { LEVELS } from './levels.ts';
import { BLOCK } from './line-range.ts';
import { LogView } from './log-view.tsx';

type Props = {
  log: LogPartFragment | null;
  /** Lines worth a look, in order. */
  stops: readonly number[];
  /** Index of the first drawn line among those that match. */
  start: number;
  focus: number | null;
  levels: readonly string[];
  job: { source: string; externalId: string; path: string; removedAt: string | null };
};

export function LogSection({ log, stops, start, focus, levels, job }: Props) {
  if (!log || log.isLost) {
    return (
      <Section id="log" title="Log">
        <p className={log ? 'warn' : 'dim'} data-measure>
          {whyNone(log, job)}
        </p>
      </Section>
    );
  }
  const level = levels.length > 0 ? [...levels] : undefined;
  const caption = [
    plural(log.totalLines, 'line'),
    bytes(log.bytes),
    log.truncated ? 'cut: the end is missing' : 'complete',
  ];
  return (
    <Section
      id="log"
      title="Log"
      className="logsection"
      caption={<Measure>{level ? `${count(log.matchingLines)} of ${caption.join(', ')}` : caption.join(', ')}</Measure>}
      more={<LevelPicker levels={levels} path={job.path} />}
    >
      {log.matchingLines === 0 ? (
        <p className="dim">
          No line has the level {levels.join(' or ')}. <Link href={`${job.path}#log`}>Show all levels</Link>
        </p>
      ) : (
        <>
          <LogView
            key={`${start}/${focus}/${levels.join()}`}
            query={LogLinesDocument.toString()}
            variables={{ source: job.source, externalId: job.externalId, level }}
            initial={{ start, lines: log.lines }}
            totalLines={log.totalLines}
            matchingLines={log.matchingLines}
            stops={[...stops]}
            focus={focus}
          />
          <noscript>
            <WindowLinks
              start={start}
              shown={log.lines.length}
              total={log.matchingLines}
              levels={levels}
              path={job.path}
            />
          </noscript>
        </>
      )}
    </Section>
  );
}

function whyNone(log: LogPartFragment | null, { removedAt }: Props['job']): string {
  if (log)
    return `The file of this log (${plural(log.totalLines, 'line')}) is not in the folder of logs: the admin of this Basalt has to restore or share it.`;
  if (removedAt) return `The log was deleted on ${absolute(removedAt)}, by the retention of this lab.`;
  return 'The master had no log for this job when it was read.';
}

function query(levels: readonly string[], from?: number): string {
  const params = new URLSearchParams(levels.map((level) => ['level', level]));
  if (from !== undefined) params.set('from', String(from));
  return params.size > 0 ? `?${params}` : '';
}

function LevelPicker({ levels, path }: { levels: readonly string[]; path: string }) {
  return (
    <details className="pick" name="floating">
      <summary className="chip">
        <span className="k">level</span>
        <span>{levels.length > 0 ? levels.join(', ') : 'all'}</span>
        <Icon name="chev" />
      </summary>
      <div className="pop levels">
        <Link
          className="tick"
          href={`${path}#log`}
          scroll={false}
          prefetch={false}
          aria-current={levels.length === 0 ? 'true' : undefined}
        >
          <Icon name={levels.length === 0 ? 'check' : 'plus'} />
          all
        </Link>
        {LEVELS.map((level) => {
          const isOn = levels.includes(level);
          const next = isOn ? levels.filter((one) => one !== level) : [...levels, level];
          return (
            <Link
              key={level}
              className="tick"
              href={`${path}${query(next)}#log`}
              scroll={false}
              prefetch={false}
              aria-current={isOn ? 'true' : undefined}
            >
              <Icon name={isOn ? 'check' : 'plus'} />
              {level}
            </Link>
          );
        })}
      </div>
    </details>
  );
}

function WindowLinks({
  start,
  shown,
  total,
  levels,
  path,
}: {
  start: number;
  shown: number;
  total: number;
  levels: readonly string[];
  path: string;
}) {
  return (
    <p className="pager">
      <span data-measure>
        Lines {count(start)} to {count(start + shown - 1)} of {count(total)}
      </span>
      {start > 0 && <a href={`${path}${query(levels, Math.max(0, start - 2 * BLOCK))}#log`}>Earlier lines</a>}
      {start + shown < total && <a href={`${path}${query(levels, start + shown)}#log`}>Later lines</a>}
    </p>
  );
}
