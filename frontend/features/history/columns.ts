/** The builds of a history as columns, newest left. */
import { buildPath } from '../../paths.ts';

export type Column = {
  version: string /** What tells it from its neighbours. */;
  short: string;
  href: string;
  day: string;
};

/** `day` in words. */
type Build = { version: string; day: string };

export function toColumns(project: string, builds: readonly Build[]): Column[] {
  const cut = commonStart(builds.map(({ version }) => version));
  return builds.map(({ version, day }) => ({
    version,
    short: version.slice(cut),
    href: buildPath(project, version),
    day,
  }));
}

/** Length of what all versions begin with, up to a separator: "v6.10-" of v6.10-rc7 and v6.10-rc6. */
export function commonStart(versions: readonly string[]): number {
  const [first = ''] = versions;
  if (versions.length < 2) return 0;
  let same = 0;
  while (same < first.length && versions.every((version) => version[same] === first[same])) same += 1;
  for (let at = same; at > 0; at--) if (/[-_/+ ]/.test(first[at - 1] ?? '')) return at;
  return 0;
}

/** A version as the head of its column has it. */
export function shortOf(columns: readonly Column[], version: string): string {
  return columns.find((column) => column.version === version)?.short ?? version;
}

/** Neighbours of one day, with their number. */
export function toDays(columns: readonly Column[]): { day: string; span: number; at: number }[] {
  const days: { day: string; span: number; at: number }[] = [];
  for (const [at, column] of columns.entries()) {
    const last = days.at(-1);
    if (last?.day === column.day) last.span += 1;
    else days.push({ day: column.day, span: 1, at });
  }
  return days;
}
