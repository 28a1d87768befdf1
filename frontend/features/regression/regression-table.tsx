import Link from 'next/link';
import { CauseRow } from '@/features/attribution/evidence.tsx';
import { KnownBy } from '@/features/known-issue/known-by.tsx';
import type { RegressionRowFragment } from '@/graphql/graphql.ts';
import { buildPath, buildsPath, testPath } from '@/paths.ts';
import { LabLetters, type LabVerdict } from '@/ui/lab-letters.tsx';
import { count, plural } from '@/ui/number.ts';
import { probability } from '@/ui/probability.ts';
import { Scroll } from '@/ui/scroll.tsx';
import { Status } from '@/ui/status.tsx';
import { Age } from '@/ui/time.tsx';

type Props = {
  regressions: readonly RegressionRowFragment[];
  /** Slugs of all labs, in their order. */
  labs: readonly string[];
  labelledBy: string;
};

const COLUMNS = 11;

export function RegressionTable({ regressions, labs, labelledBy }: Props) {
  return (
    <Scroll labelledBy={labelledBy}>
      <table className="t two">
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className="p2">
              Device type
            </th>
            <th scope="col">State</th>
            <th scope="col" className="p2">
              Fails in
            </th>
            <th scope="col" className="p2">
              First bad, last good
            </th>
            <th scope="col" className="num">
              Fails since
            </th>
            <th scope="col" className="p2 num">
              Before
            </th>
            <th scope="col" className="p2 num">
              Lost
            </th>
            <th scope="col" className="p2 num">
              p
            </th>
            <th scope="col" className="p2 num">
              q
            </th>
            <th scope="col" className="p2 num">
              Since
            </th>
          </tr>
        </thead>
        <tbody>
          {regressions.map((one) => (
            <Row key={one.id} regression={one} labs={labs} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ regression, labs }: { regression: RegressionRowFragment; labs: readonly string[] }) {
  const { project, branch, suite, set, name, environment, lastGood, firstBad, fixedIn, failingBuilds } = regression;
  const deviceType = environment.name || 'no type';
  const history = testPath(project.slug, suite, name, {
    set: set ?? undefined,
    branch: branch ?? undefined,
    type: environment.name,
  });
  const full = `${suite}/${set === null ? '' : `${set}/`}${name}`;
  return (
    <>
      <tr>
        <th scope="row" className="clip" title={full}>
          <Link className="mono" href={history} prefetch={false} data-open>
            {full}
          </Link>
          <span className="sub">
            <Link href={buildsPath({ project: project.slug, branch: branch ?? undefined })} prefetch={false}>
              {project.slug}
              {branch !== null && ` ${branch}`}
            </Link>
          </span>
          <span className="sub only-s">
            {deviceType}, {firstBad.version}
          </span>
          {regression.knownIssue && (
            <span className="sub">
              <KnownBy issue={regression.knownIssue} />
            </span>
          )}
        </th>
        <td className="p2">{deviceType}</td>
        <td data-measure>
          {fixedIn === null ? (
            <Status shape="fail" tone="fail" word={`fails, ${plural(failingBuilds, 'build')}`} />
          ) : (
            <Status shape="pass" tone="pass" word={`fixed after ${plural(failingBuilds, 'build')}`} />
          )}
        </td>
        <td className="p2">
          <LabLetters
            labs={regression.failingSources.map(({ slug }): LabVerdict => ({ slug, verdict: 'fail' }))}
            all={labs}
          />
        </td>
        <td className="p2">
          <Build project={project.slug} version={firstBad.version} />
          <span className="sub">
            <Build project={project.slug} version={lastGood.version} />
          </span>
        </td>
        <td className="num" data-measure>
          <Rate {...regression.sample} />
          <OverBranches window={regression.overBranches?.sample} />
        </td>
        <td className="p2 num dim" data-measure>
          <Rate {...regression.base} />
          <OverBranches window={regression.overBranches?.base} />
        </td>
        <td className="p2 num" data-measure>
          {Math.round(regression.effect)} <span className="faint">pp</span>
        </td>
        <td className="p2 num">
          {probability(regression.pValue)}
          {regression.isHeld && <span className="sub">held open</span>}
        </td>
        <td className="p2 num" data-measure>
          {probability(regression.qValue)}
        </td>
        <td className="p2 num faint">
          <Age at={regression.since} />
        </td>
      </tr>
      {regression.attribution && <CauseRow of={regression.attribution} columns={COLUMNS} />}
    </>
  );
}

function Build({ project, version }: { project: string; version: string }) {
  return (
    <Link className="mono" href={buildPath(project, version)} prefetch={false}>
      {version}
    </Link>
  );
}

/** By which runs of the other branches a series that has few of its own is judged. */
function OverBranches({ window }: { window: RegressionRowFragment['sample'] | undefined }) {
  if (!window) return null;
  return (
    <span className="sub">
      all branches: <Rate {...window} />
    </span>
  );
}

/** Failures among runs, and on hover between which rates the truth lies. */
function Rate({ passes, fails, interval }: RegressionRowFragment['sample']) {
  const [low = 0, high = 1] = interval.map((end) => Math.round(100 * (1 - end))).reverse();
  return (
    <span title={`fails ${low} to ${high} % of the time (95 %)`}>
      {count(fails)} of {count(passes + fails)}
    </span>
  );
}
