/** The points of one test as lines by builds: one for each set, device type and lab. */
import type { PointFragment } from '../../graphql/graphql.ts';
import type { Column } from './columns.ts';
import { letterOf, resultOf } from './letters.ts';
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
  return byLine.flatMap(([, ofLine]) => {
    const [newest] = ofLine;
    if (!newest) return [];
    const byBuild = Map.groupBy(ofLine, ({ build }) => keyOf(build));
    const inColumns = builds.map((build) => byBuild.get(keyOf(build)) ?? []);
    const cells = inColumns.map((of) => letterOf(of.map(({ result }) => result))).join('');
    return {
      name: newest.source.slug,
      before: newest.environment.name || 'no type',
      ...(newest.set !== null && { sub: `set ${newest.set}` }),
      cells,
      now: nowOf(cells, columns),
      leads: {
        lab: newest.source.slug,
        suite,
        jobs: inColumns.map((of, at) => {
          const result = resultOf(cells[at] ?? '.');
          return of.find((point) => point.result === result)?.job.externalId ?? null;
        }),
      },
    };
  });
}

/** What the newest build says that passed or failed. */
function nowOf(cells: string, columns: readonly Column[]): HistoryLine['now'] {
  const at = [...cells].findIndex((letter) => 'PFM'.includes(letter));
  const version = columns[at]?.short;
  if (version === undefined) return null;
  if (cells[at] === 'P') return { text: `passes in ${version}`, isFailing: false };
  return { text: `${cells[at] === 'F' ? 'fails' : 'mixed'} in ${version}`, isFailing: true };
}
