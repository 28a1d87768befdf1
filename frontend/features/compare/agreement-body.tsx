import Link from 'next/link';
import type { AgreementPageQuery } from '@/graphql/graphql.ts';
import { Measure } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { Icon } from '@/ui/glyph.tsx';
import { count, plural } from '@/ui/number.ts';
import { Pager } from '@/ui/pager.tsx';
import { Section } from '@/ui/section.tsx';
import { type AgreementAsked, agreementAddress, SHOWN, shownOf } from './agreement-address.ts';
import { AgreementTable } from './agreement-table.tsx';
import { LabPairs } from './lab-pairs.tsx';

type Agreement = AgreementPageQuery['labAgreement'];
type Props = { agreement: Agreement; asked: AgreementAsked };

/** The labs in a sentence, lab against lab, and the tests on which they differ. */
export function AgreementBody({ agreement, asked }: Props) {
  const { sources, tests } = agreement;
  const slugs = sources.map(({ slug }) => slug);
  const { title, none } = shownOf(asked.show);
  if (sources.length < 2) {
    return (
      <Section id="alone" title="Lab agreement" hidden>
        <Empty
          title="There is no other lab to agree with"
          action={
            asked.labs.length > 0 && (
              <Link className="btn" href={agreementAddress(asked, { labs: [] })}>
                All labs
              </Link>
            )
          }
        >
          {sources[0] ? `Only ${sources[0].slug} has results of this build.` : 'No lab has a result of this build.'}
        </Empty>
      </Section>
    );
  }
  return (
    <>
      <AgreementVerdict agreement={agreement} asked={asked} />
      <Section
        id="pairs"
        title="Lab against lab"
        caption="tests that both ran on the same kind of board; – where there is none"
      >
        <LabPairs agreement={agreement} asked={asked} labelledBy="pairs" />
      </Section>
      <Chips agreement={agreement} asked={asked} />
      <Section
        id="tests"
        title={title}
        caption={`${plural(tests.totalCount, 'test')}; – where a lab did not run it`}
        total={tests.totalCount}
      >
        {tests.nodes.length > 0 ? (
          <>
            <AgreementTable tests={tests.nodes} labs={slugs} labelledBy="tests" />
            {(tests.pageInfo.hasNextPage || tests.pageInfo.hasPreviousPage) && (
              <Pager
                page={tests.pageInfo}
                href={(cursor) => agreementAddress(asked, cursor)}
                total={tests.totalCount}
                caption={`${count(tests.nodes.length)} of ${plural(tests.totalCount, 'test')}`}
                words={['Previous', 'More']}
              />
            )}
          </>
        ) : (
          <Empty title={`${title}: none`}>{none}</Empty>
        )}
      </Section>
    </>
  );
}

function AgreementVerdict({ agreement, asked }: Props) {
  const { conflicts, quorumFailures, unconfirmed, testCount } = agreement;
  const link = (show: AgreementAsked['show'], n: number, noun: string) => (
    <Link href={agreementAddress(asked, { show })} prefetch={false} data-count={n}>
      {plural(n, noun)}
    </Link>
  );
  return (
    <p className="verdict">
      {conflicts > 0 ? (
        <b>Labs disagree on {link('CONFLICTS', conflicts, 'test')}.</b>
      ) : (
        <b>No lab contradicts another.</b>
      )}{' '}
      {quorumFailures > 0 && (
        <>
          {link('CONFIRMED', quorumFailures, 'failure')} {quorumFailures === 1 ? 'is' : 'are'} seen by{' '}
          <Measure>{plural(asked.quorum, 'lab')}</Measure> or more.{' '}
        </>
      )}
      {unconfirmed > 0 && (
        <>
          {link('UNCONFIRMED', unconfirmed, 'failure')} {unconfirmed === 1 ? 'needs' : 'need'} another lab.{' '}
        </>
      )}
      <span className="dim">
        {testCount > 0 ? (
          <>{link('ALL', testCount, 'test')} ran in two labs or more.</>
        ) : (
          'No test ran in two labs on the same kind of board.'
        )}
      </span>
    </p>
  );
}

function Chips({ agreement, asked }: Props) {
  const counts = {
    CONFLICTS: agreement.conflicts,
    CONFIRMED: agreement.quorumFailures,
    UNCONFIRMED: agreement.unconfirmed,
    AGREEING: agreement.agreeing,
    ALL: agreement.testCount,
  };
  const narrowed = [
    ...asked.labs.map((slug) => ({
      label: 'lab',
      value: slug,
      href: agreementAddress(asked, { labs: asked.labs.filter((other) => other !== slug) }),
    })),
    ...(asked.type === undefined
      ? []
      : [{ label: 'device type', value: asked.type, href: agreementAddress(asked, { type: undefined }) }]),
    ...(asked.verdict === undefined
      ? []
      : [{ label: 'of several runs', value: asked.verdict, href: agreementAddress(asked, { verdict: undefined }) }]),
  ];
  return (
    <nav className="filters" aria-label="What the labs say">
      {SHOWN.map(({ show, title }) => (
        <Link
          key={show}
          className="chip"
          href={agreementAddress(asked, { show })}
          aria-current={show === asked.show ? 'true' : undefined}
          scroll={false}
          prefetch={false}
          data-count={counts[show]}
        >
          {title} <b>{count(counts[show])}</b>
        </Link>
      ))}
      {narrowed.map(({ label, value, href }) => (
        <Link key={`${label} ${value}`} className="chip" href={href} prefetch={false}>
          <span className="k">{label}</span>
          <span className="val">{value}</span>
          <Icon name="x" />
          <span className="sr">remove filter</span>
        </Link>
      ))}
    </nav>
  );
}
