import { expect, test } from 'vitest';
import { commonStart, toColumns, toDays } from '../../frontend/features/history/columns.ts';
import { buildsOf as buildCountOf } from '../../frontend/features/history/history-filter.ts';
import { failures, letterOf, lookOf } from '../../frontend/features/history/letters.ts';
import { cellHref } from '../../frontend/features/history/line.ts';
import { isWorse, type Shift, ticksOf, toCharts } from '../../frontend/features/history/measures.ts';
import { toLines } from '../../frontend/features/history/suite-lines.ts';
import { buildsOf, toTestLines } from '../../frontend/features/history/test-lines.ts';
import type { PointFragment } from '../../frontend/graphql/graphql.ts';

type Said = {
  build: number;
  lab?: string;
  result?: PointFragment['result'];
  measured?: string;
  units?: string;
  job?: string;
};

const point = ({
  build,
  lab = 'alpha',
  result = 'PASS',
  measured,
  units = 'ms',
  job = String(build),
}: Said): PointFragment => ({
  set: null,
  result,
  build: { version: `v6.10-rc${build}`, createdAt: `2026-06-0${build}T00:00:00Z` },
  environment: { name: 'qemu' },
  source: { slug: lab },
  job: { externalId: job, submitTime: null },
  measurement: measured ?? null,
  units: measured === undefined ? null : units,
});

test('several runs of a build are mixed where one fails and another passes, else the weightier counts', () => {
  expect(letterOf(['PASS', 'FAIL'])).toBe('M');
  expect(letterOf(['FAIL', 'SKIP'])).toBe('F');
  expect(letterOf(['SKIP', 'PASS', 'UNKNOWN'])).toBe('P');
  expect(letterOf(['SKIP', 'UNKNOWN'])).toBe('U');
  expect(letterOf(['SKIP'])).toBe('S');
  expect(letterOf([])).toBe('.');
});

test('failures are held against builds that pass or fail', () => {
  expect(failures('FMPS.IU')).toEqual({ fail: 2, ran: 3 });
});

test('a letter that is not known is drawn as unknown, never as a pass', () => {
  expect(lookOf('Z').word).toBe('unknown');
});

test.each([
  [['v6.10-rc7', 'v6.10-rc6-568'], 6],
  [['next-20260502', 'next-20260501'], 5],
  [['v1', 'v2'], 0],
  [['v6.10-rc7'], 0],
  [[], 0],
  [['a-b', 'a-b'], 2],
])('%j begin alike up to %i', (versions, length) => {
  expect(commonStart(versions)).toBe(length);
});

test('neighbouring builds of a day stand under one head', () => {
  const builds = ['2026-06-02', '2026-06-02', '2026-06-01'].map((at, i) => ({
    version: `v${3 - i}`,
    day: at,
  }));
  expect(toDays(toColumns('mainline', builds)).map(({ span, at }) => [span, at])).toEqual([
    [2, 0],
    [1, 2],
  ]);
});

test.each([
  [undefined, 50],
  ['24', 24],
  ['1000', 200],
  ['0', 50],
  ['-3', 50],
  ['1.5', 50],
  ['x', 50],
])('"builds=%s" asks for %i', (text, builds) => {
  expect(buildCountOf(text)).toBe(builds);
});

test('a test has a line a lab and device type, and a failing job behind a mixed cell', () => {
  const points = [
    point({ build: 3, job: '32', result: 'PASS' }),
    point({ build: 3, job: '31', result: 'FAIL' }),
    point({ build: 2, lab: 'beta' }),
    point({ build: 1, result: 'SKIP' }),
  ];
  const builds = buildsOf(points);
  expect(builds.map(({ version }) => version)).toEqual(['v6.10-rc3', 'v6.10-rc2', 'v6.10-rc1']);

  const lines = toTestLines(
    points,
    builds,
    'smoke',
    toColumns(
      'mainline',
      builds.map(({ version }) => ({ version, day: '' })),
    ),
  );

  expect(lines.map(({ name, before, cells }) => [name, before, cells])).toEqual([
    ['alpha', 'qemu', 'M.S'],
    ['beta', 'qemu', '.P.'],
  ]);
  expect(lines.slice(0, 1).map((line) => builds.map(({ version }, at) => cellHref(line, version, at)))).toEqual([
    ['/jobs/alpha/31?suite=smoke&result=FAIL#cases', null, '/jobs/alpha/1?suite=smoke&result=SKIP#cases'],
  ]);
  expect(lines.map(({ now }) => now)).toEqual([
    { text: 'mixed in rc3', isFailing: true },
    { text: 'passes in rc2', isFailing: false },
  ]);
});

test('a cell of a suite leads to the result of its test in that build; where nothing ran it leads nowhere', () => {
  const rows = [{ set: null, name: 'uname', environment: { name: 'qemu' }, cells: 'F.', failing: null }];
  const [line] = toLines(rows, { lab: ['alpha'], builds: ['2'] }, []);

  expect(line?.leads).toEqual({ test: '?test=uname&type=qemu&lab=alpha', more: '&builds=2' });
  expect(line && ['v2', 'v1'].map((version, at) => cellHref(line, version, at))).toEqual([
    '?test=uname&type=qemu&lab=alpha&build=v2',
    null,
  ]);
});

test('measurements are charts by device type and unit with a curve a lab, exact as text', () => {
  const points = [
    point({ build: 2, measured: '61.2000000000' }),
    point({ build: 1, measured: '16.0526000000000017564616427990', lab: 'beta' }),
    point({ build: 1, measured: '5', units: 'MB/s' }),
    point({ build: 1 }),
  ];
  const charts = toCharts(points, [], buildsOf(points));
  expect(charts.map(({ units, curves }) => [units, curves])).toEqual([
    ['MB/s', [{ lab: 'alpha', measures: [{ column: 1, value: 5, text: '5' }] }]],
    [
      'ms',
      [
        { lab: 'alpha', measures: [{ column: 0, value: 61.2, text: '61.2' }] },
        { lab: 'beta', measures: [{ column: 1, value: 16.0526, text: '16.052600000000001756461642799' }] },
      ],
    ],
  ]);
});

test('which direction is worse is not said until somebody has said which is better', () => {
  const shift: Shift = {
    ...{ set: null, units: 'ms', environment: { name: 'qemu' }, source: { slug: 'alpha' } },
    ...{ lastBefore: { version: 'v1' }, firstAfter: { version: 'v2' }, meanBefore: 14, meanAfter: 47, pValue: 1e-9 },
  };
  const said = [undefined, 'lower', 'higher'] as const;
  expect(said.map((better) => isWorse(shift, better))).toEqual([null, true, false]);
});

test.each([
  [
    [0, 60],
    [0, 20, 40, 60],
  ],
  [
    [14.1, 47.5],
    [10, 20, 30, 40, 50],
  ],
  [
    [-3, 3],
    [-4, -2, 0, 2, 4],
  ],
  [
    [0.001, 0.0012],
    [0.001, 0.00105, 0.0011, 0.00115, 0.0012],
  ],
])('an axis of %j has round steps', (values, ticks) => {
  const found = ticksOf(values);
  expect(found).toHaveLength(ticks.length);
  for (const [i, tick] of ticks.entries()) expect(found[i]).toBeCloseTo(tick, 12);
});

test.each([[[5]], [[0]], [[-2, -2]]])('an axis of %j alone has room around it', (values) => {
  const ticks = ticksOf(values);
  expect(ticks[0]).toBeLessThan(values[0] ?? 0);
  expect(ticks.at(-1)).toBeGreaterThan(values[0] ?? 0);
  expect(ticks.length).toBeLessThan(9);
});
