import type { Metadata } from 'next';
import Link from 'next/link';
import { ask } from '@/api-client.ts';
import { BuildTable } from '@/features/build/build-table.tsx';
import { Shell } from '@/features/coverage/shell.tsx';
import { JobTable } from '@/features/job/job-table.tsx';
import { activityOf } from '@/features/source/activity.ts';
import { LabTable } from '@/features/source/lab-table.tsx';
import { NoLab } from '@/features/source/no-lab.tsx';
import { HomePageDocument } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { jobsPath } from '@/paths.ts';
import { ApiPanel } from '@/ui/api-panel.tsx';
import { Counted } from '@/ui/count.tsx';
import { Empty } from '@/ui/empty.tsx';
import { PageHead } from '@/ui/page-head.tsx';
import { Section } from '@/ui/section.tsx';
import { HomeVerdict } from './home-verdict.tsx';

export const metadata: Metadata = { title: { absolute: 'What needs you now · Basalt' } };

export default async function Home() {
  const data = await ask(HomePageDocument, {});
  const { sources, projects, failing, infrastructure, bad } = data;
  const latest = projects.nodes.flatMap(({ builds }) => builds.nodes[0] ?? []);
  const badByLab = new Map(
    [...Map.groupBy(bad.nodes, ({ source }) => source.slug)].map(([slug, list]) => [slug, list.length]),
  );
  const midnight = sources.nodes[0]?.activity.at(-1)?.date;
  const today = sources.nodes.reduce((sum, { activity }) => sum + activityOf(activity).today, 0);
  return (
    <Shell freshness={data}>
      <PageHead
        title="What needs you now"
        facts={[
          ['Labs', <Counted key="labs" value={sources.nodes.length} href="#labs" />],
          ['Projects', <Counted key="projects" value={projects.totalCount} href="/compare#projects" />],
          ['Jobs today', <Counted key="today" value={today} href={jobsPath({ ended: midnight, checks: '1' })} />],
        ]}
        actions={<ApiPanel query={HomePageDocument.toString()} variables={{}} />}
      />
      <HomeVerdict data={data} />
      <Section
        id="labs"
        title="Labs"
        caption="how true each copy is, and what it ran"
        more={<Link href="/labs">All labs</Link>}
      >
        {sources.nodes.length > 0 ? (
          <LabTable labs={sources.nodes} bad={badByLab} labelledBy="labs" />
        ) : (
          <NoLab {...data} />
        )}
      </Section>
      <Section
        id="builds"
        title="Latest builds"
        caption="one of each project"
        more={<Link href="/builds">All builds</Link>}
      >
        {latest.length > 0 ? (
          <BuildTable
            builds={latest}
            labelledBy="builds"
            history={new Map(projects.nodes.map(({ slug, builds }) => [slug, builds.nodes]))}
          />
        ) : (
          <Empty title="No build has been seen">A build appears when a job’s metadata name what it tests.</Empty>
        )}
      </Section>
      <Section
        id="failing"
        title="Newest jobs with failing cases"
        more={
          <Link href="/jobs?failing=1" prefetch={false}>
            All
          </Link>
        }
      >
        {failing.nodes.length > 0 ? (
          <JobTable jobs={failing.nodes} labelledBy="failing" />
        ) : (
          <p className="dim">No job has a failing case.</p>
        )}
      </Section>
      <Section
        id="infrastructure"
        title="Newest infrastructure failures"
        more={
          <Link href={jobsPath({ class: INFRASTRUCTURE })} prefetch={false}>
            All
          </Link>
        }
      >
        {infrastructure.nodes.length > 0 ? (
          <JobTable jobs={infrastructure.nodes} labelledBy="infrastructure" />
        ) : (
          <p className="dim">No job failed by a lab’s fault.</p>
        )}
      </Section>
    </Shell>
  );
}
