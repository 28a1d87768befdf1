import { expect, test } from 'vitest';
import { wilson } from '#analysis/wilson.ts';
import { toInstant } from '#api/scalars.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type Flaky = {
  flakyTests: {
    totalCount: number;
    nodes: {
      suite: string;
      set: string | null;
      name: string;
      environment: { name: string };
      source: { slug: string } | null;
      runs: number;
      flips: number;
      flipRate: number;
      interval: [number, number];
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    coverage: { sources: { source: { slug: string } }[] };
  };
};

const QUERY = `query ($first: Int, $after: String, $by: FlakyKey, $days: Int, $scope: ScopeInput) {
  flakyTests(first: $first, after: $after, by: $by, days: $days, scope: $scope) {
    totalCount nodes { suite set name environment { name } source { slug } runs flips flipRate interval }
    pageInfo { hasNextPage endCursor } coverage { sources { source { slug } } }
  }
}`;

/** The day after the jobs of the world. */
const until = toInstant(submitOf(24 * 9));

async function ask(server: Server, { scope, ...variables }: { scope?: object } & Record<string, unknown>) {
  const all = { ...variables, scope: { until, ...scope } };
  return (await server.data<Flaky>(QUERY, { variables: all })).flakyTests;
}

/** Letters a job, one a day: P, F, S, U, and . for a job without the test. */
async function addSeries(
  server: Server,
  letters: string,
  options: { name: string; source?: string; deviceType?: string; first: number },
) {
  const { name, first, ...job } = options;
  for (const [day, letter] of [...letters].entries()) {
    const cases = letter === '.' ? { other: 'P' } : { [name]: letter };
    await addBuildJob(server, { number: day * 24 + first, build: `v${day}`, cases, ...job });
  }
}

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addSeries(server, 'PFPF.PPP', { name: 'boot', first: 0 });
  await addSeries(server, 'PPFPPPPP', { name: 'boot', first: 1, source: 'beta' });
  await addSeries(server, 'PPPPFFFF', { name: 'net', first: 2, deviceType: 'juno' });
  await addSeries(server, 'PSPPPPPP', { name: 'mm/net', first: 3, deviceType: 'juno' });
  await addSeries(server, 'PPPPPPPP', { name: 'calm', first: 4 });
  return server;
}

const rowsOf = ({ nodes }: Awaited<ReturnType<typeof ask>>) =>
  nodes.map((n) => [n.environment.name, n.source?.slug ?? null, n.set, n.name, n.flips, n.runs]);

test('tests are ranked by how often they turned to fail, over all labs', async () => {
  const server = await world();

  const found = await ask(server, {});

  expect(rowsOf(found)).toEqual([
    ['qemu', null, null, 'boot', 3, 15],
    ['juno', null, null, 'net', 1, 8],
  ]);
  expect(found.totalCount).toBe(2);
  expect(found.nodes[0]?.flipRate).toBe(3 / 15);
  expect(found.nodes[0]?.interval).toEqual(wilson(3, 15));
  expect(found.coverage.sources.map(({ source }) => source.slug)).toEqual(['alpha', 'beta']);
});

test('or lab by lab', async () => {
  const server = await world();

  expect(rowsOf(await ask(server, { by: 'SOURCE' })).slice(0, 2)).toEqual([
    ['qemu', 'alpha', null, 'boot', 2, 7],
    ['qemu', 'beta', null, 'boot', 1, 8],
  ]);
  expect(rowsOf(await ask(server, { scope: { sources: ['beta'] } }))).toEqual([['qemu', null, null, 'boot', 1, 8]]);
  expect(rowsOf(await ask(server, { scope: { deviceTypes: ['juno'] } }))).toHaveLength(1);
});

test('only flips and runs of the days asked for count', async () => {
  const server = await world();

  const wanted = [
    ['qemu', null, null, 'boot', 1, 9],
    ['juno', null, null, 'net', 1, 5],
  ];
  expect(rowsOf(await ask(server, { days: 7 }))).toEqual(wanted);
  expect(rowsOf(await ask(server, { scope: { since: toInstant(submitOf(24 * 3)) } }))).toEqual(wanted);
  expect(rowsOf(await ask(server, { days: 6 }))).toEqual([['juno', null, null, 'net', 1, 4]]);
});

test('a walk over the pages gives every test once, also those of equal rank', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const cases = (letter: string) => Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`case${i}`, letter]));
  await addBuildJob(server, { number: 1, build: 'v1', cases: cases('F') });
  await addBuildJob(server, { number: 2, build: 'v2', cases: { ...cases('F'), case7: 'P' } });
  await addBuildJob(server, { number: 3, build: 'v3', cases: { ...cases('S'), case7: 'F' } });
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await ask(server, { first: 5, after });
    names.push(...page.nodes.map(({ name }) => name));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }

  expect(names[0]).toBe('case7');
  expect(names.slice(1)).toEqual(
    Array.from({ length: 23 }, (_, i) => `case${i}`)
      .filter((name) => name !== 'case7')
      .sort(),
  );
});

type Facts = {
  name: string;
  state: string;
  flips: number;
  flakes: number;
  flakeRuns: number;
  passedOnRetry: number;
  excludedJobCount: number;
  excludedJobs: { externalId: string }[];
};

async function factsOf(server: Server): Promise<Map<string, Facts>> {
  const query = `query ($scope: ScopeInput) { flakyTests(scope: $scope) { nodes {
    name state flips flakes flakeRuns passedOnRetry excludedJobCount excludedJobs { externalId }
  } } }`;
  const variables = { scope: { until: toInstant(submitOf(24 * 20)) } };
  const { flakyTests } = await server.data<{ flakyTests: { nodes: Facts[] } }>(query, { variables });
  return new Map(flakyTests.nodes.map((node) => [node.name, node]));
}

test('three failures in a row are a break; turns to and fro are a flake, until they are rare again', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addSeries(server, 'PPPPPPPPFFFFPPPP', { name: 'break', first: 0 });
  await addSeries(server, 'PFPPFPPFPPPPPPPP', { name: 'flake', first: 1 });
  await addSeries(server, 'PPPPPPPPPPPFPPFP', { name: 'rare', first: 2 });
  await addSeries(server, 'PFPPFPPFPPPPPFFF', { name: 'broken', first: 3 });

  const found = await factsOf(server);

  expect(found.get('break')).toMatchObject({ state: 'HEALTHY', flips: 1, flakes: 0, flakeRuns: 12 });
  expect(found.get('flake')).toMatchObject({ state: 'FLAKY', flips: 3, flakes: 3, flakeRuns: 16, excludedJobCount: 0 });
  expect(found.get('rare')).toMatchObject({ state: 'HEALTHY', flakes: 2, flakeRuns: 16 });
  expect(found.get('broken')).toMatchObject({ state: 'BROKEN', flakes: 3, flakeRuns: 13 });
});

test('jobs that failed by the lab’s fault, or of which nearly all failed together, do not count and are listed', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const cases = (letter: string) => Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`case${i}`, letter]));
  const lost = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure' };
  for (const [day, letter] of [...'PFPLPFPLPPPP'].entries()) {
    const [given, job] = letter === 'L' ? [{ case0: 'F' }, lost] : [cases(letter), {}];
    await addBuildJob(server, { number: day * 24, build: `v${day}`, cases: given, ...job });
  }

  expect((await factsOf(server)).get('case0')).toEqual({
    name: 'case0',
    state: 'HEALTHY',
    flips: 4,
    flakes: 0,
    flakeRuns: 8,
    passedOnRetry: 0,
    excludedJobCount: 4,
    excludedJobs: [168, 120, 72, 24].map((number) => ({ externalId: String(number) })),
  });
});

test('a build that fails in every lab that runs it is no flake', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const letters = [...'PPFPPPFPPPFPPP'].entries();
  for (const [day, letter] of letters) {
    for (const [hour, source] of ['alpha', 'beta'].entries()) {
      const cases = { real: letter, chance: hour === 0 ? letter : 'P' };
      await addBuildJob(server, { number: day * 24 + hour, build: `v${day}`, cases, source });
    }
  }

  const found = await factsOf(server);

  expect(found.get('real')).toMatchObject({ state: 'HEALTHY', flips: 6, flakes: 0, flakeRuns: 22 });
  expect(found.get('chance')).toMatchObject({ state: 'FLAKY', flips: 3, flakes: 3, flakeRuns: 28 });
});

test('a pass after a failure of the same build in the same lab is a pass on retry', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (const [number, build, letter, source] of [
    [1, 'v1', 'F', 'alpha'],
    [2, 'v1', 'P', 'alpha'],
    [3, 'v2', 'P', 'alpha'],
    [4, 'v2', 'F', 'alpha'],
    [5, 'v3', 'F', 'alpha'],
    [6, 'v3', 'P', 'beta'],
    // The same build again, in another lab: it is one build.
    [7, 'v1', 'F', 'beta'],
    [8, 'v1', 'P', 'beta'],
  ] as const)
    await addBuildJob(server, { number, build, source, cases: { boot: letter } });

  expect((await factsOf(server)).get('boot')?.passedOnRetry).toBe(1);
});

test.each([
  [{ by: 'DEVICE' }, 'Flips are kept by environment, not by board: ask by SERIES or by SOURCE, and for byDevice.'],
  [{ days: 0 }, '"days" is 0: ask for 1 to 366.'],
  [{ days: 367 }, '"days" is 367: ask for 1 to 366.'],
  [{ first: 201 }, '"first" is 201: a page holds at most 200; go on with "after".'],
])('%j is refused in words', async (variables, message) => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask(QUERY, { variables });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});

test('a test that is flaky at one board alone is the board, in one lab the lab, and in every lab the test or the code', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  let number = 0;
  for (const [day, letter] of [...'PFPPFPPFPPFPPFPPFPPF'].entries()) {
    for (const [source, device] of [
      ['alpha', 'alpha-1'],
      ['alpha', 'alpha-2'],
      ['beta', 'beta-1'],
      ['beta', 'beta-2'],
    ] as const) {
      number += 1;
      const cases = {
        board: device === 'alpha-1' ? letter : 'P',
        lab: source === 'alpha' ? letter : 'P',
        code: device.endsWith('1') ? letter : 'P',
        rare: device === 'alpha-1' && day === 4 ? 'F' : 'P',
      };
      await addBuildJob(server, { number, build: `v${day}-${device}`, source, device, cases });
    }
  }
  const { flakyTests } = await server.data<{
    flakyTests: { nodes: { name: string; byDevice: unknown[]; bySource: unknown[] }[] };
  }>(
    `query ($scope: ScopeInput) { flakyTests(scope: $scope) { nodes { name onlyDevice { hostname } onlySource { slug } isFlakyEverywhere
      byDevice { ...place } bySource { ...place } } } }
    fragment place on FlakyPlace { source { slug } device { hostname } flakes failures runs flakeRate interval }`,
    { variables: { scope: { until: toInstant(submitOf(24 * 20)) } } },
  );
  const byName = new Map(
    flakyTests.nodes.map(({ name, byDevice, bySource, ...only }) => [name, { only, byDevice, bySource }]),
  );

  expect(byName.get('board')?.only).toMatchObject({ onlyDevice: { hostname: 'alpha-1' }, isFlakyEverywhere: false });
  expect(byName.get('lab')?.only).toEqual({
    onlyDevice: null,
    onlySource: { slug: 'alpha' },
    isFlakyEverywhere: false,
  });
  expect(byName.get('code')?.only).toEqual({ onlyDevice: null, onlySource: null, isFlakyEverywhere: true });
  expect(byName.get('rare')?.only).toEqual({ onlyDevice: null, onlySource: null, isFlakyEverywhere: false });

  const at = (slug: string, hostname: string | null, flakes: number, runs: number) => ({
    ...{ source: { slug }, device: hostname === null ? null : { hostname } },
    ...{ flakes, failures: flakes, runs, flakeRate: flakes / runs, interval: wilson(flakes, runs) },
  });
  expect(byName.get('board')?.byDevice).toEqual([at('alpha', 'alpha-1', 7, 20)]);
  expect(byName.get('board')?.bySource).toEqual([at('alpha', null, 7, 40), at('beta', null, 0, 40)]);
  expect(byName.get('code')?.byDevice).toEqual([at('alpha', 'alpha-1', 7, 20), at('beta', 'beta-1', 7, 20)]);
});

test('boards that are hidden are one, so that nobody counts them', async () => {
  const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
  const server = await startServer({ sources: ['alpha'], access });
  for (const [i, letter] of [...'PPFPPFPPFPPFPPPP'].entries())
    await addBuildJob(server, { number: i, build: `v${i}`, device: i % 2 ? 'one' : 'two', cases: { boot: letter } });
  await server.writer.store.sql.run('UPDATE device SET is_public = 0');
  const query = `query ($scope: ScopeInput) { flakyTests(scope: $scope) { nodes {
    byDevice { device { hostname } flakes failures runs } } } }`;
  const ask = async (token?: string) => {
    const { flakyTests } = await server.data<{ flakyTests: { nodes: { byDevice: { runs: number }[] }[] } }>(query, {
      ...(token ? { token } : {}),
      variables: { scope: { until: toInstant(submitOf(24 * 20)) } },
    });
    return flakyTests.nodes[0]?.byDevice ?? [];
  };

  const seen = await ask('root-token');
  expect(seen).toHaveLength(2);
  expect(await ask()).toEqual([
    { device: null, flakes: 4, failures: 4, runs: seen.reduce((n, { runs }) => n + runs, 0) },
  ]);
});
