import type { Metadata } from 'next';
import { ask } from '@/api-client.ts';
import { instantsOf, MOST_PERIODS, periodText, readPeriods, SHOWN } from '@/features/compare/periods-address.ts';
import { PeriodsBody } from '@/features/compare/periods-body.tsx';
import { PeriodsForm } from '@/features/compare/periods-form.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { PeriodsOfferedDocument, PeriodsPageDocument, type PeriodsPageQueryVariables } from '@/graphql/graphql.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Empty } from '@/ui/empty.tsx';
import type { SearchParams } from '@/ui/filter.ts';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';

type Props = { searchParams: Promise<SearchParams> };

const ROWS = 100;
/** Device types of one test whose measurements are read. */
const MEASURED = 10;

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { periods, project } = readPeriods(await searchParams, Date.now());
  return { title: `${project ?? 'All projects'}: ${periods.map(periodText).join(' against ')}` };
}

export default async function Periods({ searchParams }: Props) {
  const now = Date.now();
  const asked = readPeriods(await searchParams, now);
  const offered = await ask(PeriodsOfferedDocument, {});
  const problem = problemOf(asked);
  const { project, branch, lab, type, suite } = asked;
  const test = suite === undefined ? undefined : asked.test;
  const variables: PeriodsPageQueryVariables = {
    periods: asked.periods.map(instantsOf),
    ...{ project, branch, suite, test },
    scope: { sources: lab === undefined ? undefined : [lab], deviceTypes: type === undefined ? undefined : [type] },
    show: test === undefined ? SHOWN[asked.show].changes : SHOWN.all.changes,
    first: test === undefined ? ROWS : MEASURED,
    measured: test !== undefined,
  };
  const found = problem === null ? await ask(PeriodsPageDocument, variables) : null;
  return (
    <Shell freshness={offered}>
      <PageHead
        crumbs={[{ label: 'Compare', href: '/compare' }, ...(project === undefined ? [] : [{ label: project }])]}
        title="Compare periods"
        actions={<ApiPanel query={PeriodsPageDocument.toString()} variables={variables} />}
      />
      <PeriodsForm
        asked={asked}
        projects={offered.projects.nodes.map(({ slug }) => slug)}
        labs={offered.coverage.sources.map(({ source }) => source.slug)}
        types={offered.deviceTypes.nodes.map(({ name }) => name)}
      />
      {found ? (
        <PeriodsBody
          comparison={found.comparePeriods}
          asked={{ ...asked, test }}
          today={new Date(now).toISOString().slice(0, 10)}
        />
      ) : (
        <Section id="problem" title="Nothing is compared" hidden>
          <Empty title="Nothing is compared">{problem}</Empty>
        </Section>
      )}
    </Shell>
  );
}

function problemOf({ periods, unread, branch, project }: ReturnType<typeof readPeriods>): string | null {
  if (unread.length > 0) return `"${unread[0]}" is no period: write two days, as 2026-05-01..2026-05-07.`;
  if (periods.length < 2) return 'One period cannot be compared: write another.';
  if (periods.length > MOST_PERIODS)
    return `${periods.length} periods are named: at most ${MOST_PERIODS} are compared.`;
  if (branch !== undefined && project === undefined) return 'A branch is one of a project: name the project, too.';
  return null;
}
