'use client';
import Link from 'next/link';
import { CauseRow } from '@/features/attribution/evidence.tsx';
import type { FailingTestRowFragment } from '@/graphql/graphql.ts';
import { jobPath, testPath } from '@/paths.ts';
import { LabLetters, type LabVerdict } from '@/ui/lab-letters.tsx';
import { Scroll } from '@/ui/scroll.tsx';

const VERDICT = { PASS: 'pass', FAIL: 'fail', SKIP: 'skip', UNKNOWN: 'unknown' } as const;

type Props = { tests: readonly FailingTestRowFragment[]; slugs: readonly string[]; project: string };

/** One row a test and device type, with what each lab that ran it says. */
export function FailingTests({ tests, slugs, project }: Props) {
  return (
    <Scroll labelledBy="failing">
      <table className="t">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col">Labs</th>
            <th scope="col" className="p2">
              Failing in
            </th>
            <th scope="col">
              <span className="sr">History</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <FailingTest
              key={JSON.stringify([test.suite, test.set, test.name, test.environment.name])}
              test={test}
              slugs={slugs}
              project={project}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

type RowProps = { test: FailingTestRowFragment; slugs: readonly string[]; project: string };

function FailingTest({ test, slugs, project }: RowProps) {
  const { suite, set, labs } = test;
  const name = `${suite}/${set ? `${set}/` : ''}${test.name}`;
  const deviceType = test.environment.name || 'no type';
  const failing = labs
    .filter(({ result }) => result === 'FAIL')
    .map((lab) => ({ ...lab, href: failureHref(lab, suite) }));
  return (
    <>
      <tr>
        <th scope="row" className="clip" title={name}>
          <Link className="mono" data-open prefetch={false} href={failing[0]?.href ?? '#'}>
            {name}
          </Link>
          <span className="sub only-s">{deviceType}</span>
        </th>
        <td className="p2">{deviceType}</td>
        <td>
          <LabLetters
            labs={labs.map(({ source, result }): LabVerdict => ({ slug: source.slug, verdict: VERDICT[result] }))}
            all={slugs}
          />
        </td>
        <td className="p2 mono">
          {failing.slice(0, 4).map(({ source, job, href }, i) => (
            <span key={source.slug}>
              {i > 0 && ', '}
              <Link className="link" prefetch={false} href={href}>
                {source.slug}/{job.externalId}
              </Link>
            </span>
          ))}
          {failing.length > 4 && (
            <span className="faint" data-measure>
              {' '}
              and {failing.length - 4} more
            </span>
          )}
        </td>
        <td>
          <Link
            className="link"
            prefetch={false}
            href={testPath(project, suite, test.name, { set: set ?? undefined, type: test.environment.name })}
            aria-label={`History of ${name}`}
          >
            History
          </Link>
        </td>
      </tr>
      {test.attribution && <CauseRow of={test.attribution} columns={5} />}
    </>
  );
}

function failureHref({ source, job }: FailingTestRowFragment['labs'][number], suite: string): string {
  return `${jobPath(source.slug, job.externalId)}?${new URLSearchParams({ result: 'FAIL', suite })}#cases`;
}
