/** The points of one test as lines by builds: one for each set, device type and lab. */
import type { PointFragment } from '../../graphql/graphql.ts';
import { jobPath } from '../../paths.ts';
import type { Column } from './columns.ts';
import { letterOf } from './letters.ts';
import type { HistoryLine } from './line.ts';

export type Build = PointFragment['build'];

/** Newest first by their first job, as a suite's grid has them. */
export function buildsOf(points: readonly PointFragment[]): Build[] {
  const builds = new Map(points.map(({ build }) => [keyOf(build), build]));
  return [...builds.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}

function keyOf({ version, createdAt }: Build): string {
  return JSON.stringify([version, createdAt]);
}

export function toTestLines(
  points: readonly PointFragment[],
  builds: readonly Build[],
  suite: string,
  columns: readonly Column[],
): HistoryLine[] {
  const lineOf = ({ set, environment, source }: PointFragment) => JSON.stringify([environment.name, source.slug, set]);
  const byLine = [...Map.groupBy(points, lineOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byLine.flatMap(([key, ofLine]) => {
    const [newest] = ofLine;
    if (!newest) return [];
    const byBuild = Map.groupBy(ofLine, ({ build }) => keyOf(build));
    const inColumns = builds.map((build) => byBuild.get(keyOf(build)) ?? []);
    const cells = inColumns.map((of) => letterOf(of.map(({ result }) => result))).join('');
    return {
      key,
      name: newest.source.slug,
      before: newest.environment.name || 'no type',
      sub: newest.set === null ? undefined : `set ${newest.set}`,
      cells,
      now: nowOf(cells, columns),
      leads: inColumns.map((of) => {
        const place = of.find(({ result }) => result === 'FAIL') ?? of[0];
        return place ? casesPath(place, suite) : null;
      }),
    };
  });
}

/** The cases of the suite in the job of a point. */
export function casesPath({ source, job, result }: PointFragment, suite: string): string {
  return `${jobPath(source.slug, job.externalId)}?${new URLSearchParams({ suite, result })}#cases`;
}

/** What the newest build says that passed or failed. */
function nowOf(cells: string, columns: readonly Column[]): HistoryLine['now'] {
  const at = [...cells].findIndex((letter) => 'PFM'.includes(letter));
  const version = columns[at]?.short;
  if (version === undefined) return null;
  if (cells[at] === 'P') return { text: `passes in ${version}`, isFailing: false };
  return { text: `${cells[at] === 'F' ? 'fails' : 'mixed'} in ${version}`, isFailing: true };
}
