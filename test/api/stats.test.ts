import { expect, test } from 'vitest';
import type { JobRecord } from '#schema/records.ts';
import { addJob, type Server, startServer } from './server.ts';

type Stats = {
  stats: {
    buckets: { at: string; key: { key: string; value: string }[]; value: number | null; n: number }[];
    coverage: { sources: { source: { slug: string } }[] };
  };
};

const QUERY = `query ($metric: Metric!, $groupBy: [Dimension!]!, $interval: Interval!, $scope: ScopeInput) {
  stats(metric: $metric, groupBy: $groupBy, interval: $interval, scope: $scope) {
    buckets { at key { key value } value n } coverage { sources { source { slug } } }
  }
}`;

/** Monday, 1 June 2026. */
const MONDAY = Date.UTC(2026, 5, 1) * 1000;
const HOUR = 3_600_000_000;
const scope = { since: '2026-05-31T00:00:00Z', until: '2026-06-09T00:00:00Z' };

async function ask(server: Server, metric: string, groupBy: string[] = [], interval = 'DAY', more: object = {}) {
  const variables = { metric, groupBy, interval, scope: { ...scope, ...more } };
  const { stats } = await server.data<Stats>(QUERY, { variables });
  return stats.buckets.map(({ at, key, value, n }) => [at.slice(0, 10), ...key.map((k) => k.value), value, n]);
}

/** A job that began `day` days after the Monday at noon, having waited so many seconds. */
async function add(
  server: Server,
  slug: string,
  number: number,
  day: number,
  options: Partial<JobRecord> & { wait?: number; results?: string[] } = {},
) {
  const { wait = 0, results = ['PASS'], ...overrides } = options;
  const startAt = MONDAY + (day * 24 + 12) * HOUR;
  const times = { submitAt: startAt - wait * 1_000_000, startAt, endAt: startAt + HOUR };
  const metadata = { 'git-tree': 'mainline', 'git-describe': 'v1' };
  await addJob(server, slug, number, { ...times, metadata, ...overrides }, results);
}

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await add(server, 'alpha', 1, -1, { results: ['PASS', 'PASS', 'FAIL', 'SKIP'] });
  await add(server, 'alpha', 2, 0, { results: ['PASS', 'FAIL'] });
  await add(server, 'beta', 3, 0, {
    results: ['FAIL'],
    deviceType: 'juno',
    metadata: { 'git-tree': 'next', 'git-describe': 'v1' },
  });
  await add(server, 'beta', 4, 0, { results: ['SKIP'], metadata: {} });
  await add(server, 'beta', 5, 2, { health: 'INCOMPLETE', errorType: 'Infrastructure', results: [] });
  await add(server, 'beta', 6, 7, { state: 'RUNNING', health: 'UNKNOWN', endAt: null, results: [] });
  return server;
}

test('a figure is told for every day that has one', async () => {
  const server = await world();

  expect(await ask(server, 'JOBS')).toEqual([
    ['2026-05-31', 1, 1],
    ['2026-06-01', 3, 3],
    ['2026-06-03', 1, 1],
    ['2026-06-08', 1, 1],
  ]);
  expect(await ask(server, 'RESULTS')).toEqual([
    ['2026-05-31', 4, 4],
    ['2026-06-01', 4, 4],
  ]);
  expect(await ask(server, 'PASS_RATE')).toEqual([
    ['2026-05-31', 2 / 3, 3],
    ['2026-06-01', 1 / 3, 3],
  ]);
  expect(await ask(server, 'INFRA_FAILURE_RATE')).toEqual([
    ['2026-05-31', 0, 1],
    ['2026-06-01', 0, 3],
    ['2026-06-03', 1, 1],
  ]);
});

test('by source, device type and project, alone and together', async () => {
  const server = await world();

  expect(await ask(server, 'JOBS', ['SOURCE'])).toEqual([
    ['2026-05-31', 'alpha', 1, 1],
    ['2026-06-01', 'alpha', 1, 1],
    ['2026-06-01', 'beta', 2, 2],
    ['2026-06-03', 'beta', 1, 1],
    ['2026-06-08', 'beta', 1, 1],
  ]);
  expect(await ask(server, 'RESULTS', ['PROJECT'])).toEqual([
    ['2026-05-31', 'mainline', 4, 4],
    ['2026-06-01', 'mainline', 2, 2],
    ['2026-06-01', 'next', 1, 1],
  ]);
  expect(await ask(server, 'PASS_RATE', ['DEVICE_TYPE', 'SOURCE'], 'WEEK')).toEqual([
    ['2026-05-25', 'qemu', 'alpha', 2 / 3, 3],
    ['2026-06-01', 'juno', 'beta', 0, 1],
    ['2026-06-01', 'qemu', 'alpha', 0.5, 2],
  ]);
  expect(
    await ask(server, 'JOBS', ['PROJECT', 'SOURCE'], 'WEEK', { sources: ['beta'], deviceTypes: ['qemu'] }),
  ).toEqual([
    ['2026-06-01', 'mainline', 'beta', 1, 1],
    ['2026-06-08', 'mainline', 'beta', 1, 1],
  ]);
});

test('weeks begin on Mondays and are whole', async () => {
  const server = await world();

  expect(
    await ask(server, 'JOBS', [], 'WEEK', { since: '2026-06-03T10:00:00Z', until: '2026-06-03T11:00:00Z' }),
  ).toEqual([['2026-06-01', 4, 4]]);
});

test('waiting times are right within 4.5 %', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const waits = [
    5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 60_000, 70_000, 80_000, 90_000,
    95_000, 99_000,
  ];
  for (const [i, wait] of waits.entries()) await add(server, 'alpha', i + 1, 0, { wait });

  for (const [metric, wanted] of [
    ['QUEUE_SECONDS_P50', waits[9]],
    ['QUEUE_SECONDS_P95', waits[18]],
  ] as const) {
    const [[, value, n] = []] = await ask(server, metric);
    expect(n).toBe(20);
    expect(Math.abs(Math.log((1 + Number(value)) / (1 + (wanted ?? 0))))).toBeLessThanOrEqual(Math.log(1.0444));
  }
  expect(await ask(server, 'QUEUE_SECONDS_P50', ['SOURCE', 'DEVICE_TYPE'])).toHaveLength(1);
});

test.each([
  ['JOBS', ['SUITE'], 'DAY', '"groupBy": SUITE is not kept day by day; SOURCE, DEVICE_TYPE, PROJECT can be asked.'],
  ['JOBS', [], 'HOUR', '"interval": HOUR is not kept day by day; DAY, WEEK can be asked.'],
  [
    'QUEUE_SECONDS_P95',
    ['PROJECT'],
    'DAY',
    'QUEUE_SECONDS_P95 is kept by SOURCE and DEVICE_TYPE: it cannot be grouped by PROJECT.',
  ],
])('%s by %j and %s is refused in words', async (metric, groupBy, interval, message) => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask(QUERY, { variables: { metric, groupBy, interval } });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});

test('more days than can be told are refused', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const variables = {
    metric: 'JOBS',
    groupBy: [],
    interval: 'DAY',
    scope: { since: '2020-01-01T00:00:00Z', until: '2026-01-01T00:00:00Z' },
  };

  const { body } = await server.ask(QUERY, { variables });

  expect(body.errors?.[0]?.message).toBe('2192 days: ask for at most 1100 with "since" and "until".');
});
