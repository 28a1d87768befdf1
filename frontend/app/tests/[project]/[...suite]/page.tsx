import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { comparableSuite } from '@/lava.ts';
import { resultPath } from '@/paths.ts';
import type { SearchParams } from '@/ui/filter.ts';
import { count } from '@/ui/number.ts';
import { decodeSegment } from '@/ui/segment.ts';
import { readSuite, readTest } from './read.ts';
import { SuitePage } from './suite-page.tsx';
import { TestPage } from './test-page.tsx';

type Props = { params: Promise<{ project: string; suite: string[] }>; searchParams: Promise<SearchParams> };

async function read({ params, searchParams }: Props) {
  const [{ project, suite }, query] = [await params, await searchParams];
  const test = [query.test].flat()[0] || undefined;
  const place = {
    project: decodeSegment(project),
    suite: comparableSuite(suite.map(decodeSegment).join('/')),
  };
  return { ...place, test, key: JSON.stringify(query), params: query };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { project, suite, test, key } = await read(props);
  if (test !== undefined) return { title: `${test}, ${suite} of ${project}` };
  const { total, failing } = (await readSuite(project, suite, key)).data.historyGrid.counts;
  return { title: total > 0 ? `${suite}: ${count(failing)} of ${count(total)} failing` : suite };
}

/** A suite's tests by builds; with `test` in the address, one of them; with `build`, too, what it came to in that build. */
export default async function Tests(props: Props) {
  const { project, suite, test, key, params } = await read(props);
  if (test !== undefined) {
    const { build, type, set, lab, checks } = params;
    if (build) redirect(resultPath({ project, suite, test, build, type, set, lab, checks }));
    const asked = await readTest(project, suite, test, key);
    if (!asked.data.project) notFound();
    return <TestPage {...{ project, suite, test, params }} {...asked} />;
  }
  const asked = await readSuite(project, suite, key);
  if (!asked.data.project) notFound();
  return <SuitePage {...{ project, suite }} {...asked} />;
}
