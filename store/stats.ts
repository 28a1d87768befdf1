/** Figures a day or week over the fleet, from the sums a day. */
import type { Viewer } from '#schema/viewer.ts';
import { type EnvironmentRow, listEnvironments, type Scope } from './environment.ts';
import { InvalidInput } from './error.ts';
import type { Days } from './flips.ts';
import { compareKeys } from './page.ts';
import { type QueueTimesOf, readQueueTimes } from './queue-times.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { firstDayOf, MONDAY, weekOf } from './week.ts';

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

/** What is known of one bucket, its names by number. */
type Sum = { day: number; n: number; value: number } & Record<StatDimension, number>;

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
  { from, until }: Days,
): Promise<StatBucket[]> {
  const figure = FIGURES[metric];
  if ('quantile' in figure && dimensions.includes('PROJECT'))
    throw new InvalidInput(`${metric} is kept by SOURCE and DEVICE_TYPE: it cannot be grouped by PROJECT.`);
  const environments = await listEnvironments(store, viewer, scope);
  const isWeek = interval === 'WEEK';
  const days = isWeek ? { from: firstDayOf(weekOf(from)), until: firstDayOf(weekOf(until - 1) + 1) } : { from, until };
  const sums =
    'quantile' in figure
      ? await readWaits(store, environments, dimensions, { ...figure, isWeek, days })
      : await readSums(store, environments, figure, dimensions, isWeek, days);
  if (sums.length > MAX_BUCKETS)
    throw new InvalidInput(`More than ${MAX_BUCKETS} buckets: ask for fewer days, for WEEK, or for a narrower scope.`);
  const nameOf = await readNames(store, environments, dimensions.includes('PROJECT'));
  return sums
    .filter(({ n }) => n > 0)
    .map((sum) => {
      const { day, n, value } = sum;
      const names = dimensions.map((name) => nameOf[name].get(sum[name]) ?? '');
      return { key: [day, ...names], bucket: { day, names, value, n } };
    })
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ bucket }) => bucket);
}

async function readSums(
  store: Store,
  environments: readonly EnvironmentRow[],
  { of, part }: { of: string; part?: string },
  dimensions: readonly StatDimension[],
  isWeek: boolean,
  { from, until }: Days,
): Promise<Sum[]> {
  if (environments.length === 0) return [];
  const table = dimensions.includes('PROJECT') ? 'project_day' : 'env_day';
  const keys = [
    ...dimensions.map((name) => `${COLUMNS[name]} AS "${name}"`),
    `${isWeek ? `(d.day + ${MONDAY}) / 7 * 7 - ${MONDAY}` : 'd.day'} AS day`,
  ];
  const order = keys.map((_, i) => i + 1).join(', ');
  const rows = await store.sql.all<Omit<Sum, 'value'> & { part: number }>(
    `SELECT ${keys.join(', ')}, sum(${of}) AS n, sum(${part ?? '0'}) AS part FROM env e CROSS JOIN ${table} d
     WHERE d.env_id = e.id AND d.day >= ? AND d.day < ? AND e.id IN (${environments.map(() => '?').join(', ')})
     GROUP BY ${order} ORDER BY ${order} LIMIT ${MAX_BUCKETS + 1}`,
    ...[from, until, ...environments.map(({ id }) => id)],
  );
  return rows.map((row) => ({ ...row, value: part ? row.part / row.n : row.n }));
}

async function readWaits(
  store: Store,
  environments: readonly EnvironmentRow[],
  dimensions: readonly StatDimension[],
  of: QueueTimesOf,
): Promise<Sum[]> {
  const named = (row: EnvironmentRow) => ({ SOURCE: row.sourceId, DEVICE_TYPE: row.deviceTypeId, PROJECT: 0 });
  const groups = Map.groupBy(environments, (row) => dimensions.map((name) => named(row)[name]).join(' '));
  const times = await readQueueTimes(store, [...groups.values()], of, MAX_BUCKETS);
  return times.flatMap(({ environments: [first], ...time }) => (first ? { ...time, ...named(first) } : []));
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
