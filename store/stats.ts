/** Figures a day or week over the fleet, from the sums a day. */
import type { Viewer } from '#schema/viewer.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import { InvalidInput } from './error.ts';
import type { Days } from './flips.ts';
import { compareKeys } from './page.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';

export type Metric =
  | 'JOBS'
  | 'RESULTS'
  | 'PASS_RATE'
  | 'INFRA_FAILURE_RATE'
  | 'QUEUE_SECONDS_P50'
  | 'QUEUE_SECONDS_P95';
export const DIMENSIONS = ['SOURCE', 'DEVICE_TYPE', 'PROJECT'] as const;
export type StatDimension = (typeof DIMENSIONS)[number];

export const INTERVALS = ['DAY', 'WEEK'] as const;
export type Interval = (typeof INTERVALS)[number];

export type StatBucket = {
  /** Day (UTC, since the epoch) it begins. */
  day: number;
  /** Names, in the order of the dimensions. */
  names: string[];
  value: number | null;
  n: number;
};

const MAX_BUCKETS = 10_000;
/** Before waiting times are made one figure. */
const MAX_SUMS = 200_000;
/** 1 January 1970 was a Thursday: weeks begin on Mondays. */
const MONDAY = 3;

const ENDED = 'd.complete + d.incomplete + d.canceled';
const RESULTS = 'd.pass + d.fail + d.skip + d.unknown';

/** What is counted, and of it what makes a rate; a quantile is of waiting times. */
type Figure = { of: string; part?: string } | { quantile: number };
const FIGURES: Record<Metric, Figure> = {
  JOBS: { of: `${ENDED} + d.running` },
  RESULTS: { of: RESULTS },
  PASS_RATE: { of: 'd.pass + d.fail', part: 'd.pass' },
  INFRA_FAILURE_RATE: { of: ENDED, part: 'd.infrastructure' },
  QUEUE_SECONDS_P50: { quantile: 0.5 },
  QUEUE_SECONDS_P95: { quantile: 0.95 },
};

const COLUMNS: Record<StatDimension, string> = {
  SOURCE: 'e.source_id',
  DEVICE_TYPE: 'e.device_type_id',
  PROJECT: 'd.project_id',
};

type Sum = { n: number; part: number; bucket: number; day: number } & Record<StatDimension, number>;

/**
 * Buckets by time, then by names; where there is nothing to count there is none. Weeks are whole: those the days are in.
 * @throws InvalidInput when the metric is not kept by a dimension, or the answer would be too long.
 */
export async function listStats(
  store: Store,
  viewer: Viewer,
  scope: Scope,
  metric: Metric,
  dimensions: readonly StatDimension[],
  interval: Interval,
  days: Days,
): Promise<StatBucket[]> {
  const figure = FIGURES[metric];
  if ('quantile' in figure && dimensions.includes('PROJECT'))
    throw new InvalidInput(`${metric} is kept by SOURCE and DEVICE_TYPE: it cannot be grouped by PROJECT.`);
  const environments = await listEnvironments(store, viewer, scope);
  const sums = await readSums(store, environments, figure, dimensions, interval, days);
  const groups = neighbours(sums, (a, b) => a.day === b.day && dimensions.every((name) => a[name] === b[name]));
  if (sums.length > MAX_SUMS || groups.length > MAX_BUCKETS)
    throw new InvalidInput(`More than ${MAX_BUCKETS} buckets: ask for fewer days, for WEEK, or for a narrower scope.`);
  const nameOf = await readNames(store, environments, dimensions.includes('PROJECT'));
  return groups
    .flatMap(([first, ...more]) => {
      const n = more.reduce((all, sum) => all + sum.n, first.n);
      if (n === 0) return [];
      const names = dimensions.map((name) => nameOf[name].get(first[name]) ?? '');
      const value =
        'quantile' in figure ? waitAt([first, ...more], figure.quantile * n) : figure.part ? first.part / n : n;
      return [{ key: [first.day, ...names], bucket: { day: first.day, names, value, n } }];
    })
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ bucket }) => bucket);
}

/** Runs of sums of one bucket. */
function neighbours(sums: readonly Sum[], isSame: (a: Sum, b: Sum) => boolean): [Sum, ...Sum[]][] {
  const groups: [Sum, ...Sum[]][] = [];
  for (const sum of sums) {
    const last = groups.at(-1);
    if (last && isSame(last[0], sum)) last.push(sum);
    else groups.push([sum]);
  }
  return groups;
}

/** By dimensions, then by time, then by waiting time. */
async function readSums(
  store: Store,
  environments: readonly EnvironmentRow[],
  figure: Figure,
  dimensions: readonly StatDimension[],
  interval: Interval,
  { from, until }: Days,
): Promise<Sum[]> {
  if (environments.length === 0) return [];
  const isWait = 'quantile' in figure;
  const isWeek = interval === 'WEEK';
  const week = (of: (weeks: number) => number, day: number) => of((day + MONDAY) / 7) * 7 - MONDAY;
  const [first, end] = isWeek ? [week(Math.floor, from), week(Math.ceil, until)] : [from, until];
  const table = isWait ? 'queue_day' : dimensions.includes('PROJECT') ? 'project_day' : 'env_day';
  const keys = [
    ...dimensions.map((name) => `${COLUMNS[name]} AS "${name}"`),
    `${isWeek ? `(d.day + ${MONDAY}) / 7 * 7 - ${MONDAY}` : 'd.day'} AS day`,
    ...(isWait ? ['d.bucket AS bucket'] : []),
  ];
  const order = keys.map((_, i) => i + 1).join(', ');
  const [of, part] = isWait ? ['d.jobs', '0'] : [figure.of, figure.part ?? '0'];
  return store.sql.all<Sum>(
    `SELECT ${keys.join(', ')}, sum(${of}) AS n, sum(${part}) AS part FROM env e CROSS JOIN ${table} d
     WHERE d.env_id = e.id AND d.day >= ? AND d.day < ? AND e.id IN (${environments.map(() => '?').join(', ')})
     GROUP BY ${order} ORDER BY ${order} LIMIT ${MAX_SUMS + 1}`,
    ...[first, end, ...environments.map(({ id }) => id)],
  );
}

/** The wait that so many jobs did not exceed, seconds: the middle of its bucket (see queueBucket). */
function waitAt(sums: readonly Sum[], jobs: number): number {
  let passed = 0;
  let bucket = 0;
  for (const sum of sums) {
    if (passed >= jobs) break;
    passed += sum.n;
    bucket = sum.bucket;
  }
  return 2 ** ((bucket + 0.5) / 8) - 1;
}

async function readNames(
  store: Store,
  environments: readonly EnvironmentRow[],
  withProjects: boolean,
): Promise<Record<StatDimension, ReadonlyMap<number, string>>> {
  const projects = withProjects
    ? await store.sql.all<{ id: number; slug: string }>('SELECT id, slug FROM project')
    : [];
  return {
    SOURCE: new Map(environments.map((row) => [row.sourceId, row.slug])),
    DEVICE_TYPE: new Map(environments.map((row) => [row.deviceTypeId, row.deviceType])),
    PROJECT: new Map(projects.map(({ id, slug }) => [id, fromStored(slug)])),
  };
}
