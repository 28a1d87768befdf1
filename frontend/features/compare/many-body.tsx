import Link from 'next/link';
import type { ManySidesPageQuery } from '@/graphql/graphql.ts';
import { Empty } from '@/ui/empty.tsx';
import { count, plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { TransitionChips } from './compare-verdict.tsx';
import { Differences } from './differences.tsx';
import { letterOf, type ManyAsked, manyAddress } from './many-address.ts';
import { lettersOf, ManyNote } from './many-note.tsx';
import { ManySides } from './many-sides.tsx';
import { ManyTable } from './many-table.tsx';
import { countOf, wordsOf } from './transitions.ts';

type Props = { comparison: ManySidesPageQuery['compareMany']; asked: ManyAsked };

const MISSING = 'Not run';

/** What has to be known first, the sentence, the sides, and the tests with a column a side. */
export function ManyBody({ comparison, asked }: Props) {
  const { sides, counts, tests, testCount, differences, differenceCount } = comparison;
  const title = asked.show === 'MISSING' ? MISSING : wordsOf(asked.show).title;
  const listed = asked.side === undefined ? counts : (sides[asked.side]?.counts ?? []);
  const [worse, fixed] = (['PASS_TO_FAIL', 'FAIL_TO_PASS'] as const).map((show) => ({
    n: countOf(counts, show),
    href: manyAddress(asked, { show, side: undefined }),
  }));
  const where = asked.side === undefined ? 'on any side' : `on ${letterOf(asked.side)}`;
  return (
    <>
      <ManyNote comparison={comparison} />
      <p className="verdict">
        {worse && worse.n > 0 ? (
          <b className="fail">
            <Link href={worse.href} prefetch={false} data-count={worse.n}>
              {plural(worse.n, 'test')}
            </Link>{' '}
            {worse.n === 1 ? 'passes' : 'pass'} on the first side and {worse.n === 1 ? 'fails' : 'fail'} on another.
          </b>
        ) : (
          <b>No test that passes on the first side fails on another.</b>
        )}{' '}
        {fixed && fixed.n > 0 && (
          <>
            <Link href={fixed.href} prefetch={false} data-count={fixed.n}>
              {plural(fixed.n, 'test')}
            </Link>{' '}
            that {fixed.n === 1 ? 'fails' : 'fail'} there {fixed.n === 1 ? 'passes' : 'pass'} on another.{' '}
          </>
        )}
        <span className="dim" data-measure>
          {plural(testCount, 'test')} with a result on two sides or more.
        </span>
      </p>
      <ManySides sides={sides} asked={asked} />
      <TransitionChips
        counts={listed}
        shown={asked.show}
        missing={MISSING}
        hrefOf={(show) => manyAddress(asked, { show })}
      >
        {asked.side !== undefined && (
          <Link className="chip" href={manyAddress(asked, { side: undefined })} prefetch={false}>
            <span className="k">only</span>
            <span className="val">{letterOf(asked.side)}</span>
            <span className="sr">remove filter</span>
          </Link>
        )}
      </TransitionChips>
      <Section
        id="changes"
        title={`${title} ${where}`}
        caption={plural(tests.totalCount, 'test')}
        total={tests.totalCount}
      >
        {tests.nodes.length > 0 ? (
          <>
            <ManyTable tests={tests.nodes} sides={sides} labelledBy="changes" />
            {(tests.pageInfo.hasNextPage || tests.pageInfo.hasPreviousPage) && (
              <Pager
                page={tests.pageInfo}
                href={(cursor) => manyAddress(asked, cursor)}
                total={tests.totalCount}
                caption={`${count(tests.nodes.length)} of ${plural(tests.totalCount, 'test')}`}
                words={['Previous', 'More']}
              />
            )}
          </>
        ) : (
          <Empty title={`${title}: none`}>{`Nothing of that has become of a test ${where}.`}</Empty>
        )}
      </Section>
      {differences.length > 0 && (
        <Section
          id="coverage"
          title="Ran for some sides only"
          total={differenceCount}
          caption={
            differences.length < differenceCount
              ? `${count(differences.length)} of ${plural(differenceCount, 'suite')}`
              : plural(differenceCount, 'suite')
          }
        >
          <Differences differences={differences} ranFor={({ ran }) => lettersOf(ran)} labelledBy="coverage" />
        </Section>
      )}
    </>
  );
}
