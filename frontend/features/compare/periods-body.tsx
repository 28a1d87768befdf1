import Link from 'next/link';
import type { PeriodsPageQuery } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Section } from '@/ui/section.tsx';
import { KnownFirst, type Part } from './known-first.tsx';
import { type PeriodShow, type PeriodsAsked, periodsAddress, periodText, SHOWN } from './periods-address.ts';
import { PeriodsMeasured } from './periods-measured.tsx';
import { PeriodsTable } from './periods-table.tsx';

type Compared = PeriodsPageQuery['comparePeriods'];
type Props = { comparison: Compared; asked: PeriodsAsked; today: string };

/** What has to be known first, the sentence, and the tests with a column a period. */
export function PeriodsBody({ comparison, asked, today }: Props) {
  const { testCount, worseCount, betterCount, tests } = comparison;
  const counts: Record<PeriodShow, number> = { worse: worseCount, better: betterCount, all: testCount };
  const { title } = SHOWN[asked.show];
  const listed = asked.test !== undefined ? tests.length : counts[asked.show];
  const link = (show: PeriodShow, text: string) => (
    <Link href={periodsAddress(asked, { show, test: undefined })} prefetch={false} data-count={counts[show]}>
      {text}
    </Link>
  );
  return (
    <>
      <PeriodsNote comparison={comparison} asked={asked} today={today} />
      <p className="verdict">
        {worseCount > 0 ? (
          <b className="fail">
            {link('worse', plural(worseCount, 'test'))} {worseCount === 1 ? 'fails' : 'fail'} more often than in the
            first period
          </b>
        ) : (
          <b>No test fails more often than in the first period</b>
        )}
        {betterCount > 0 && <>, {link('better', count(betterCount))} less often</>}.{' '}
        <span className="dim">
          Of {testCount > 0 ? link('all', plural(testCount, 'test')) : 'no test'} that ran in it and in another, by{' '}
          <Measure>Fisher’s exact test at 5 % false discoveries</Measure>.
        </span>
      </p>
      <nav className="filters" aria-label="What changed">
        {(['worse', 'better', 'all'] as const).map((show) => (
          <Link
            key={show}
            className="chip"
            href={periodsAddress(asked, { show, test: undefined })}
            aria-current={show === asked.show && asked.test === undefined ? 'true' : undefined}
            scroll={false}
            prefetch={false}
            data-count={counts[show]}
          >
            {SHOWN[show].title} <b>{count(counts[show])}</b>
          </Link>
        ))}
        {(['suite', 'test'] as const).map(
          (key) =>
            asked[key] !== undefined && (
              <Link
                key={key}
                className="chip"
                href={periodsAddress(asked, { [key]: undefined, test: undefined })}
                prefetch={false}
              >
                <span className="k">{key}</span>
                <span className="val">{asked[key]}</span>
                <Icon name="x" />
                <span className="sr">remove filter</span>
              </Link>
            ),
        )}
      </nav>
      <Section id="tests" title={asked.test ?? title} caption={plural(listed, 'test')} total={listed}>
        {tests.length > 0 ? (
          <>
            <PeriodsTable tests={tests} asked={asked} labelledBy="tests" />
            {asked.test === undefined && tests.length < counts[asked.show] && (
              <p className="dim" data-measure data-cut>
                The {count(tests.length)} with the least p are shown: name a suite, a lab or a device type to see
                others.
              </p>
            )}
          </>
        ) : (
          <Empty title={`${title}: none`}>No test of that kind in these periods.</Empty>
        )}
      </Section>
      {asked.test !== undefined && <PeriodsMeasured tests={tests} asked={asked} />}
    </>
  );
}

function PeriodsNote({ comparison: { periods, testCount }, asked, today }: Props) {
  const names = asked.periods.map(periodText);
  const cut = periods.flatMap(({ truncated, runCount }, i) =>
    truncated ? [`of ${names[i]} the newest ${count(runCount)}`] : [],
  );
  const empty = periods.flatMap(({ runCount }, i) => (runCount === 0 ? [names[i]] : []));
  const open = asked.periods.flatMap((period) => (period.until >= today ? [periodText(period)] : []));
  const parts: Part[] = [];
  if (new Set(names).size < names.length)
    parts.push({ title: 'Two periods are the same.', text: 'Nothing can differ between them.' });
  if (cut.length > 0)
    parts.push({
      title: 'Not every run is compared.',
      text: `There are more than are read: ${cut.join(', ')} count.`,
    });
  if (empty.length > 0) parts.push({ title: 'Nothing ran.', text: `There is no run in ${empty.join(', ')}.` });
  else if (testCount === 0)
    parts.push({ title: 'The periods have no test in common.', text: 'There is nothing to compare.' });
  if (open.length > 0)
    parts.push({ title: 'Not over yet.', text: `${open.join(', ')} still goes on, so this is not the final word.` });
  return <KnownFirst parts={parts} />;
}
