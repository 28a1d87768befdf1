'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JobState, ProgressFragment } from '@/graphql/graphql.ts';
import { Icon } from '@/ui/glyph.tsx';
import { plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { Status, type Verdict } from '@/ui/status.tsx';
import { absolute, clockTime } from '@/ui/time.tsx';
import { useIsClient } from '@/ui/use-is-client.ts';
import { LogLine } from './log-line.tsx';
import { useEnd } from './use-end.ts';
import { useLineLinks } from './use-line-links.ts';
import { type Followed, useProgress } from './use-progress.ts';

type Props = {
  query: string;
  id: string;
  initial: ProgressFragment;
  /** As the page has it, and how each is shown. */
  state: JobState;
  verdicts: Record<JobState, Verdict>;
};

const LINE_PX = 19;
/** A page that says less than is known is read again until it does not. */
const REFRESH_MS = 5_000;
const ERRORS = ['error', 'exception'];

/** The log of a running job as it comes. Without script: the lines so far, and as of when. */
export function LiveLog({ query, id, initial, state, verdicts }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isClient = useIsClient();
  const [isWrapped, setWrapped] = useState(false);
  const followed = useProgress({ query, id, initial });
  const { progress, lines, connection } = followed;
  useFreshPage(progress.isStored || progress.state !== state || connection === 'over');

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 30,
    enabled: isClient,
  });
  const last = lines.length - 1;
  const toEnd = useCallback(() => virtual.scrollToIndex(last, { align: 'end' }), [virtual, last]);
  const end = useEnd(box, isClient ? lines.length : 0, toEnd);
  const first = lines[0]?.n ?? 0;
  const show = useCallback(
    (n: number) => {
      end.release();
      virtual.scrollToIndex(Math.max(0, n - first), { align: 'center' });
    },
    [end.release, virtual, first],
  );
  const { chosen, onChoose } = useLineLinks(show);
  const isChosen = (n: number) => chosen !== null && n >= chosen.from && n <= chosen.to;
  const onWrap = () => {
    setWrapped(!isWrapped);
    virtual.measure();
  };

  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <Section id="log" title="Log" className="logsection" caption={<SoFar progress={progress} />}>
      <div className="logbox live">
        <div className="err">
          <Status {...verdicts[progress.state]} />
          <span className="grow faint behind" role="status">
            {whyBehind(followed)}
          </span>
          {isClient && (
            <span className="acts">
              <button
                className="btn ghost"
                type="button"
                aria-pressed={end.isStuck}
                aria-keyshortcuts="f"
                onClick={end.toggle}
              >
                <Icon name={end.isStuck ? 'check' : 'chev'} />
                Follow
              </button>
              <button className="btn ghost" type="button" aria-pressed={isWrapped} onClick={onWrap}>
                <Icon name="wrap" />
                Wrap
              </button>
            </span>
          )}
        </div>
        <Scroll className="lines" ref={box} label="Log so far" height={lines.length === 0 ? 'auto' : undefined}>
          {lines.length === 0 ? (
            <p className="dim none">{isClient ? 'No line has come yet.' : 'No line is known yet.'}</p>
          ) : isClient ? (
            <ol
              data-measure
              className={isWrapped ? 'lg wrapped' : 'lg'}
              style={{ paddingTop: above, paddingBottom: below }}
            >
              {items.map(({ index, key }) => {
                const line = lines[index];
                return (
                  line && (
                    <LogLine
                      key={key}
                      line={line}
                      isError={ERRORS.includes(line.level)}
                      isChosen={isChosen(line.n)}
                      onChoose={onChoose}
                      index={index}
                      measure={isWrapped ? virtual.measureElement : undefined}
                    />
                  )
                );
              })}
            </ol>
          ) : (
            <ol className="lg" data-measure>
              {lines.map((line) => (
                <LogLine key={line.n} line={line} isError={ERRORS.includes(line.level)} isChosen={false} />
              ))}
            </ol>
          )}
        </Scroll>
      </div>
      <noscript>
        <p className="dim">
          Without JavaScript the log is not followed here: these are the newest lines that were read while somebody
          looked. Load the page again for later ones.
        </p>
      </noscript>
    </Section>
  );
}

function SoFar({ progress: { asOf, lineCount } }: { progress: ProgressFragment }) {
  return (
    <>
      <span data-measure>{plural(lineCount, 'line')} so far</span>
      {asOf && (
        <>
          , as of{' '}
          <time dateTime={asOf} title={absolute(asOf)}>
            {clockTime(asOf)} UTC
          </time>
        </>
      )}
    </>
  );
}

/** Why nothing newer is shown; nothing while it is followed. */
function whyBehind({ progress, connection }: Followed): string {
  if (connection === 'lost') return 'The connection to Basalt is lost; it is made again by itself.';
  if (progress.isStored || connection === 'over') return 'The page is read again.';
  return progress.reason ?? '';
}

function useFreshPage(isBehind: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (!isBehind) return;
    router.refresh();
    const timer = setInterval(() => router.refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isBehind, router]);
}
