import { expect, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type History = {
  testHistory: {
    points: {
      result: string;
      set: string | null;
      build: { version: string };
      environment: { name: string };
      source: { slug: string };
      job: { externalId: string };
      measurement: string | null;
      units: string | null;
    }[];
    truncated: boolean;
    passRate: number | null;
    flipRate: number | null;
    flakeInterval: number[] | null;
    coverage: { sources: { source: { slug: string } }[] };
  };
};

const QUERY = `query ($name: String!, $set: String, $branch: String, $builds: Int, $scope: ScopeInput) {
  testHistory(project: "mainline", suite: "smoke", name: $name, set: $set, branch: $branch, builds: $builds, scope: $scope) {
    points { result set build { version } environment { name } source { slug } job { externalId } measurement units }
    truncated passRate flipRate flakeInterval coverage { sources { source { slug } } }
  }
}`;

async function ask(server: Server, variables: object): Promise<History['testHistory']> {
  return (await server.data<History>(QUERY, { variables })).testHistory;
}

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  // The newest arrives first.
  await addBuildJob(server, { number: 5, build: 'v3', cases: { boot: 'F', 'mm/boot': 'P', speed: 'P' } });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v2', source: 'beta', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 3, build: 'v2', cases: { boot: 'P' }, healthCheck: true });
  await addBuildJob(server, { number: 2, build: 'v2', cases: { other: 'F' }, deviceType: 'juno' });
  const side = { 'git-tree': 'mainline', 'git-describe': 'v9', 'git-branch': 'side' };
  await addBuildJob(server, { number: 6, build: 'v9', cases: { boot: 'S' }, metadata: side });
  return server;
}

test('a test is told for every run that has it, newest first, with its build, environment, lab and job', async () => {
  const server = await world();

  const history = await ask(server, { name: 'boot', branch: 'master' });

  expect(history.points.map((p) => [p.build.version, p.source.slug, p.job.externalId, p.set, p.result])).toEqual([
    ['v3', 'alpha', '5', null, 'FAIL'],
    ['v3', 'alpha', '5', 'mm', 'PASS'],
    ['v2', 'beta', '4', null, 'PASS'],
    ['v1', 'alpha', '1', null, 'PASS'],
  ]);
  expect(history.points[0]?.environment.name).toBe('qemu');
  expect(history).toMatchObject({ truncated: false, passRate: 0.75, flipRate: 1 });
  expect(history.flakeInterval?.map((n) => n.toFixed(4))).toEqual(['0.2065', '1.0000']);
  expect(history.coverage.sources.map(({ source }) => source.slug)).toEqual(['alpha', 'beta']);
});

test('branch, set, number of builds and scope narrow it', async () => {
  const server = await world();
  const jobs = async (variables: object) =>
    (await ask(server, { name: 'boot', ...variables })).points.map((p) => `${p.job.externalId}${p.set ?? ''}`);

  expect(await jobs({})).toEqual(['6', '5', '5mm', '4', '1']);
  expect(await jobs({ branch: 'side' })).toEqual(['6']);
  expect(await jobs({ branch: 'nowhere' })).toEqual([]);
  expect(await jobs({ set: 'mm' })).toEqual(['5mm']);
  expect(await jobs({ builds: 2 })).toEqual(['6', '5', '5mm']);
  expect(await jobs({ scope: { sources: ['beta'] } })).toEqual(['4']);
  expect(await jobs({ scope: { includeHealthChecks: true, sources: ['alpha'] }, branch: 'master' })).toEqual([
    '5',
    '5mm',
    '3',
    '1',
  ]);
  expect(await jobs({ name: 'no such test' })).toEqual([]);
  expect(await jobs({ scope: { since: toInstant(submitOf(4)), until: toInstant(submitOf(5)) } })).toEqual(['4']);
});

test('measurements come from the jobs, and only to those who ask', async () => {
  const server = await world();
  const { points } = await ask(server, { name: 'speed' });
  expect(points.map((p) => [p.measurement, p.units])).toEqual([['5.5000000000', 'MB/s']]);

  const cost = async (fields: string) => {
    const before = server.store.statementCount();
    await server.data(
      `{ testHistory(project: "mainline", suite: "smoke", name: "speed") { points { result ${fields} } } }`,
    );
    return server.store.statementCount() - before;
  };
  const without = await cost('');
  expect(await cost('measurement units')).toBeGreaterThan(without);
});

test('where a measurement changes its level is told by lab, unit and device type, newest first', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const add = (number: number, source: string, at: number) =>
    addBuildJob(server, {
      number,
      build: `v${at}`,
      source,
      cases: { speed: 'P' },
      measurements: { speed: source === 'alpha' && at > 10 ? '47.5000000000' : `14.${at % 3}000000000` },
    });
  for (let at = 1; at <= 20; at++)
    for (const source of ['alpha', 'beta']) await add(at * 2 + (source === 'beta' ? 1 : 0), source, at);
  type Shifts = { testHistory: { levelShifts: Record<string, unknown>[] } };

  const { testHistory } = await server.data<Shifts>(`{ testHistory(project: "mainline", suite: "smoke", name: "speed") {
    levelShifts { set environment { name } source { slug } units lastBefore { version } firstAfter { version } meanBefore meanAfter pValue } } }`);

  expect(testHistory.levelShifts).toEqual([
    {
      ...{ set: null, environment: { name: 'qemu' }, source: { slug: 'alpha' }, units: 'MB/s' },
      ...{ lastBefore: { version: 'v10' }, firstAfter: { version: 'v11' } },
      ...{ meanBefore: expect.closeTo(14.1, 10), meanAfter: 47.5, pValue: expect.any(Number) },
    },
  ]);
  expect(testHistory.levelShifts[0]?.pValue).toBeLessThan(1e-12);
});

test('a history takes the same number of queries however many points it has', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const query = `{ testHistory(project: "mainline", suite: "smoke", name: "boot") {
    points { build { version } source { slug } job { externalId } } } }`;
  const cost = async () => {
    const before = server.store.statementCount();
    await server.data(query);
    return server.store.statementCount() - before;
  };
  for (let n = 1; n <= 4; n++) await addBuildJob(server, { number: n, build: `v${n}`, cases: { boot: 'P' } });
  await cost();
  const few = await cost();
  for (let n = 5; n <= 40; n++)
    await addBuildJob(server, { number: n, build: `v${n}`, source: n % 2 ? 'alpha' : 'beta', cases: { boot: 'F' } });

  // Pages of runs reach back by factors.
  expect((await cost()) - few).toBeLessThanOrEqual(8);
});

test.each([0, 201, -1])('%d builds are refused with what is possible', async (builds) => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask(QUERY, { variables: { name: 'boot', builds } });

  expect(body.errors?.[0]).toMatchObject({
    message: `"builds" is ${builds}: ask for 1 to 200.`,
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('jobs that failed by the lab’s fault are no change of the test', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let i = 0; i < 48; i++) {
    const job = { build: `v${i + 10}`, cases: { boot: i < 24 ? 'P' : 'F' } };
    const lost = i < 24 ? {} : { health: 'INCOMPLETE' as const, errorType: 'Infrastructure' };
    await addBuildJob(server, { number: i * 2, ...job, ...lost });
    await addBuildJob(server, { number: i * 2 + 1, ...job, cases: { boot: 'P' }, source: 'beta' });
  }

  const { testHistory } = await server.data<{ testHistory: { points: object[]; changepoints: object[] } }>(
    '{ testHistory(project: "mainline", suite: "smoke", name: "boot") { points { result } changepoints { toRate } } }',
  );

  expect(testHistory.points).toHaveLength(96);
  expect(testHistory.changepoints).toEqual([]);
});

test('a history tells where the test began to fail, and to pass again, of each device type over labs', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const letters = 'PPPPPPPPPPPPFFFFFFFFPPPPPPPPPPPP';
  for (const [i, letter] of [...letters].entries()) {
    const build = `v${i + 10}`;
    await addBuildJob(server, { number: i * 3, build, cases: { boot: letter } });
    await addBuildJob(server, { number: i * 3 + 1, build, cases: { boot: letter }, source: 'beta' });
    await addBuildJob(server, { number: i * 3 + 2, build, cases: { boot: 'P' }, deviceType: 'juno' });
  }

  const { testHistory } = await server.data<{ testHistory: { changepoints: object[] } }>(
    `{ testHistory(project: "mainline", suite: "smoke", name: "boot") { changepoints {
      set branch environment { name } before { version } after { version } lastGood { version } firstBad { version }
      intervalBuilds fromRate toRate
    } } }`,
  );

  const place = { set: null, branch: 'master', environment: { name: 'qemu' } };
  expect(testHistory.changepoints).toEqual([
    {
      ...place,
      before: { version: 'v29' },
      after: { version: 'v30' },
      lastGood: null,
      firstBad: null,
      intervalBuilds: ['v30'],
      fromRate: 0,
      toRate: 1,
    },
    {
      ...place,
      before: { version: 'v21' },
      after: { version: 'v22' },
      lastGood: { version: 'v21' },
      firstBad: { version: 'v22' },
      intervalBuilds: ['v22'],
      fromRate: 1,
      toRate: 0,
    },
  ]);
});
