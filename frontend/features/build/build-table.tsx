'use client';
import Link from 'next/link';
import type { BuildRowFragment } from '@/graphql/graphql.ts';
import { INFRASTRUCTURE } from '@/lava.ts';
import { buildPath, buildsPath, jobsPath, resultsPath } from '@/paths.ts';
import { CountsBar } from '@/ui/counts-bar.tsx';
import { Figure } from '@/ui/figure.tsx';
import { count } from '@/ui/number.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { type Mark, Strip } from '@/ui/strip.tsx';
import { Age } from '@/ui/time.tsx';

type Props = {
  builds: readonly BuildRowFragment[];
  labelledBy: string;
  /** Results of the last builds of each project, newest first; without them the column is left out. */
  history?: ReadonlyMap<string, readonly BuildRowFragment[]>;
  hideProject?: boolean;
  /** Two of the builds can be picked, for the form around the table. */
  picksSides?: boolean;
};

/** Sides of a comparison, each with the row that is picked at first: the newest build against the one below it. */
const SIDES = [
  { letter: 'A', key: 'base', first: 1 },
  { letter: 'B', key: 'target', first: 0 },
] as const;

/** One word for a build in a strip: anything failing is fail, then infrastructure alone, then pass. */
function markOf({ counts, jobCounts }: BuildRowFragment): Mark {
  if (counts.fail > 0) return 'fail';
  if (jobCounts.infrastructure > 0 && counts.total === 0) return 'infra';
  return counts.total > 0 ? 'pass' : 'none';
}

export function BuildTable({ builds, labelledBy, history, hideProject, picksSides }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t builds">
        <thead>
          <tr>
            {picksSides &&
              SIDES.map(({ letter }) => (
                <th key={letter} scope="col" className="p2 sidepick">
                  {letter}
                </th>
              ))}
            {!hideProject && <th scope="col">Project</th>}
            <th scope="col">Build</th>
            <th scope="col" className="p2 num">
              Seen
            </th>
            <th scope="col" className="num">
              Fail
            </th>
            <th scope="col" className="num">
              Infra jobs
            </th>
            <th scope="col" className="p2 num">
              Results
            </th>
            <th scope="col" className="p2">
              <span className="sr">Share of results</span>
            </th>
            <th scope="col" className="p2 num">
              Jobs
            </th>
            {history && (
              <th scope="col" className="p2">
                Last builds
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {builds.map((build, i) => (
            <BuildRow
              key={build.id}
              build={build}
              history={history}
              hideProject={hideProject}
              place={picksSides ? i : undefined}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function BuildRow({
  build,
  history,
  hideProject,
  place,
}: { build: BuildRowFragment; place: number | undefined } & Pick<Props, 'history' | 'hideProject'>) {
  const { project, version, branch, createdAt, counts, jobCounts } = build;
  const path = buildPath(project.slug, version);
  const jobs = jobCounts.complete + jobCounts.incomplete + jobCounts.canceled;
  const link = (
    <Link className="mono" href={path} prefetch={false} data-open title={version}>
      {version}
    </Link>
  );
  const query = { project: project.slug, build: version };
  return (
    <tr>
      {place !== undefined &&
        SIDES.map(({ letter, key, first }) => (
          <td key={letter} className="p2 sidepick">
            <input
              type="radio"
              name={key}
              value={version}
              defaultChecked={place === first}
              aria-label={`${letter}: ${version}`}
            />
          </td>
        ))}
      {!hideProject && (
        <td>
          <Link href={buildsPath({ project: project.slug })} prefetch={false}>
            {project.slug}
          </Link>
        </td>
      )}
      <th scope="row" className="clip">
        {link}
        {hideProject && branch && <span className="faint"> {branch}</span>}
      </th>
      <td className="p2 num faint">
        <Age at={createdAt} />
      </td>
      <td className="num">
        <Figure value={counts.fail} href={`${path}#failing`} tone="fail" strong />
      </td>
      <td className="num">
        <Figure
          value={jobCounts.infrastructure}
          href={jobsPath({ ...query, checks: '1', class: INFRASTRUCTURE })}
          tone="infra"
        />
      </td>
      <td className="p2 num">
        <Figure value={counts.total} href={resultsPath({ ...query, checks: '1' })} />
      </td>
      <td className="p2">
        <CountsBar counts={counts} width={120} />
      </td>
      <td className="p2 num">
        <Link href={jobsPath({ ...query, checks: '1' })} prefetch={false} data-count={jobs + jobCounts.running}>
          {jobCounts.running > 0 ? `${count(jobs)} of ${count(jobs + jobCounts.running)}` : count(jobs)}
        </Link>
      </td>
      {history && (
        <td className="p2">
          <Strip marks={(history.get(project.slug) ?? []).map(markOf).toReversed()} />
        </td>
      )}
    </tr>
  );
}
