import Link from 'next/link';
import type { TryMappingQuery } from '@/graphql/graphql.ts';
import { buildPath, jobPath } from '@/paths.ts';
import { count, plural } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Section } from '@/ui/section.tsx';

type Trial = NonNullable<TryMappingQuery['tryMapping']['trial']>;
type Build = { project: string; build: string; branch?: string };

/** What the rules would make of stored jobs. `jobsOfDraft`: of the rule in the form. */
export function TrialSection({ trial, jobsOfDraft }: { trial: Trial; jobsOfDraft: number }) {
  const { jobs, isWhole, matched, moved, unmatched, appearing, appearingCount, vanishing, vanishingCount } = trial;
  return (
    <Section id="trial" title="What would come of it" caption={isWhole ? 'all stored jobs' : 'the newest stored jobs'}>
      <p className="verdict">
        <b className={jobsOfDraft === 0 || jobsOfDraft === jobs ? 'warn' : undefined}>{ofDraft(jobsOfDraft, jobs)}</b>{' '}
        {count(matched)} of {plural(jobs, 'job')} matched by any rule, {count(moved)} would move to another build.
      </p>
      {unmatched.length > 0 && (
        <ul className="plain">
          {unmatched.map(({ lacks, jobs: lacking, example }) => (
            <li key={lacks.join()}>
              {count(lacking)} {lacking === 1 ? 'lacks' : 'lack'} <span className="mono">{lacks.join(', ')}</span>, for
              example{' '}
              <Link href={jobPath(example.source, example.externalId)} prefetch={false}>
                {example.source}/{example.externalId}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Builds title="would appear" builds={appearing} total={appearingCount} />
      <Builds title="would have none of these jobs any more" builds={vanishing} total={vanishingCount} isThere />
      {trial.examples.length > 0 && (
        <Scroll labelledBy="trial">
          <table className="t">
            <thead>
              <tr>
                <th scope="col">Some jobs that would move</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
              </tr>
            </thead>
            <tbody>
              {trial.examples.map(({ source, externalId, from, to }) => (
                <tr key={`${source}/${externalId}`}>
                  <th scope="row">
                    <Link href={jobPath(source, externalId)} prefetch={false}>
                      {source}/{externalId}
                    </Link>
                  </th>
                  <td>{from ? <BuildLink {...from} /> : 'no build'}</td>
                  <td className="mono">{to ? `${to.project} ${to.build}` : 'no build'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

function ofDraft(jobsOfDraft: number, jobs: number): string {
  if (jobs === 0) return 'No job is stored: nothing can be tried.';
  if (jobsOfDraft === 0) return 'This rule matches nothing.';
  return jobsOfDraft === jobs ? 'This rule matches everything.' : `This rule matches ${plural(jobsOfDraft, 'job')}.`;
}

function BuildLink({ project, build }: Build) {
  return (
    <Link className="mono" href={buildPath(project, build)} prefetch={false}>
      {project} {build}
    </Link>
  );
}

type BuildsProps = { title: string; builds: readonly Build[]; total: number; isThere?: boolean };

function Builds({ title, builds, total, isThere = false }: BuildsProps) {
  if (total === 0) return null;
  return (
    <p>
      {plural(total, 'build')} {title}:{' '}
      {builds.map((build, i) => (
        <span key={JSON.stringify(build)} className="mono">
          {i > 0 && ', '}
          {isThere ? <BuildLink {...build} /> : `${build.project} ${build.build}`}
        </span>
      ))}
      {total > builds.length && `, and ${count(total - builds.length)} more`}
    </p>
  );
}
