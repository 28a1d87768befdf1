import type { RequestLineFragment, SyncPageQuery } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { duration } from '@/ui/duration.ts';
import { bytes, count, percent, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';
import { Instant } from '@/ui/time.tsx';

type Source = NonNullable<SyncPageQuery['source']>;
type Sum = Omit<RequestLineFragment, 'kind'>;

const KINDS: Record<NonNullable<RequestLineFragment['kind']>, string> = {
  LIST: 'Lists of jobs',
  RESULTS: 'Results of a job',
  LOG: 'Logs',
  FLEET: 'Boards and workers',
  PROBE: 'Version and abilities',
  AUDIT: 'Audits: lists compared',
  EVENTS: 'Connections for events',
  LIVE: 'Jobs somebody looks at',
};

/** What the master was asked, what that cost it, and what it was spared. */
export function Budget({ source }: { source: Source }) {
  const { maxPerMinute, maxConcurrent, hour, day } = source.budget;
  const allowed = `at most ${count(maxPerMinute)} requests a minute, ${maxConcurrent} at once`;
  return (
    <Section id="budget" title="Budget" caption={<Measure>{allowed}</Measure>}>
      {hour && day && day.total.requests === 0 ? (
        <p className="dim" data-measure>
          Nothing has been asked in 24 hours.
        </p>
      ) : hour && day ? (
        <>
          <p data-measure>{used(hour.total.requests, maxPerMinute)}</p>
          <Scroll labelledBy="budget">
            <table className="t" data-measure>
              <thead>
                <tr>
                  <th scope="col">Asked for</th>
                  <th scope="col" className="num">
                    Last hour
                  </th>
                  <th scope="col" className="num">
                    24 h
                  </th>
                  <th scope="col" className="p2 num">
                    Failed
                  </th>
                  <th scope="col" className="p2 num">
                    Received
                  </th>
                  <th scope="col" className="p2 num">
                    Waited
                  </th>
                  <th scope="col" className="num">
                    p50
                  </th>
                  <th scope="col" className="num">
                    p95
                  </th>
                </tr>
              </thead>
              <tbody>
                {day.kinds.map(({ kind, ...sum }) => (
                  <Row
                    key={kind}
                    name={kind ? KINDS[kind] : 'All'}
                    hour={hour.kinds.find((one) => one.kind === kind)?.requests ?? 0}
                    day={sum}
                  />
                ))}
              </tbody>
              <tfoot>
                <Row name="All" hour={hour.total.requests} day={day.total} />
              </tfoot>
            </table>
          </Scroll>
          <p className="faint" data-measure>
            Last hour: since <Instant at={hour.since} seconds={false} />; the other columns: since{' '}
            <Instant at={day.since} seconds={false} /> UTC. Every try counts, a minute late at most. Waited: until the
            last byte of each answer, added up. p50 and p95: within 9 %.
          </p>
        </>
      ) : (
        <p className="dim">– What was asked is shown to admins: private jobs are read with the same requests.</p>
      )}
      <Spared source={source} />
    </Section>
  );
}

function used(lastHour: number, perMinute: number): string {
  const share = perMinute > 0 ? lastHour / (perMinute * 60) : 0;
  return `${plural(lastHour, 'request')} in the last hour, ${percent(share)} of the budget.`;
}

function Row({ name, hour, day }: { name: string; hour: number; day: Sum }) {
  const { requests, failed, bytes: received, waitedMs, p50Ms, p95Ms } = day;
  if (requests === 0)
    return (
      <tr className="faint">
        <th scope="row">{name}</th>
        <td className="num">0</td>
        <td className="num">0</td>
        <td className="p2 num" />
        <td className="p2 num" />
        <td className="p2 num" />
        <td className="num" />
        <td className="num" />
      </tr>
    );
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="num">{count(hour)}</td>
      <td className="num">{count(requests)}</td>
      <td className={failed > 0 ? 'p2 num warn' : 'p2 num faint'}>{count(failed)}</td>
      <td className="p2 num">{bytes(received)}</td>
      <td className="p2 num">{waitedMs < 1000 ? ms(waitedMs) : duration(waitedMs / 1000)}</td>
      <td className="num">{ms(p50Ms)}</td>
      <td className="num">{ms(p95Ms)}</td>
    </tr>
  );
}

function ms(value: number | null): string {
  if (value === null) return '–';
  return value < 10_000 ? `${count(Math.round(value))} ms` : duration(value / 1000);
}

function Spared({ source }: { source: Source }) {
  const { budget, reconciliation: audit } = source;
  const { spared } = budget;
  // Those of the sample that differed are among the repaired.
  const readAgain = audit ? audit.repaired + audit.sampled - audit.altered : 0;
  const unchanged = audit ? audit.sourceCount - readAgain - audit.missing.length - audit.changed.length : null;
  return (
    <>
      <h3 className="spared">Spared</h3>
      {spared || unchanged ? (
        <ul className="dim" data-measure>
          {spared && (
            <li>
              <b>{plural(spared.jobAnswers, 'answer')}</b> about one job, since{' '}
              <Instant at={spared.since} seconds={false} /> UTC: each is at least one page that nobody opened on the
              master. Lists, searches, logs, comparisons and exports are not counted, nor other servers of this Basalt.
            </li>
          )}
          {unchanged !== null && unchanged > 0 && (
            <li>
              <b>{plural(unchanged, 'job')}</b> found equal by the last audit, from lists of 100: it asked for none of
              their results and logs.
            </li>
          )}
        </ul>
      ) : (
        <p className="dim">Nothing is counted yet.</p>
      )}
    </>
  );
}
