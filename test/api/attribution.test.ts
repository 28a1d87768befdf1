/** Whose fault a failure is, over the API: for tests of a job, tests of a build, and jobs. */
import { expect, test } from 'vitest';
import { writeFleet } from '#store/write-fleet.ts';
import { getSyncState } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { addBuildJob, type BuildJob, submitOf } from './build-world.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const ATTRIBUTION = `attribution {
  culprit probability mostLikely probabilities { culprit value }
  evidence { kind text weight weights { culprit value } pValue counts { failed runs othersFailed othersRuns } url }
}`;
const OF_BUILD = `query ($version: String!) { build(project: "mainline", version: $version) { failingTests { nodes { suite name ${ATTRIBUTION} } } } }`;
const OF_JOB = `query ($source: String!, $externalId: String!) { job(source: $source, externalId: $externalId) {
  ${ATTRIBUTION} testCases { nodes { name result ${ATTRIBUTION} } } } }`;

type Found = {
  culprit: string;
  probability: number;
  mostLikely: string;
  probabilities: { culprit: string; value: number }[];
  evidence: {
    kind: string;
    text: string;
    weight: number;
    weights: { culprit: string; value: number }[];
    pValue: number | null;
    counts: { failed: number; runs: number; othersFailed: number; othersRuns: number } | null;
    url: string;
  }[];
};
type Build = { build: { failingTests: { nodes: { suite: string; name: string; attribution: Found | null }[] } } };
type Job = {
  job: {
    attribution: Found | null;
    testCases: { nodes: { name: string; result: string; attribution: Found | null }[] };
  };
};

/** Every cases of a job passes but those named. */
function cases(failing: readonly string[] = []): BuildJob['cases'] {
  return Object.fromEntries(
    ['boot', 'disk', 'net', 'usb', 'video', 'wifi'].map((n) => [n, failing.includes(n) ? 'F' : 'P']),
  );
}

/** Builds in turn, each on three boards of alpha and one of beta; every job may fail some tests. */
async function addBuilds(
  server: Server,
  builds: number,
  fails: (build: number, device: string) => readonly string[],
  overrides: Partial<BuildJob> = {},
): Promise<void> {
  let number = 1;
  for (let build = 1; build <= builds; build++) {
    for (const device of ['alpha-1', 'alpha-2', 'alpha-3', 'beta-1']) {
      await addBuildJob(server, {
        number: number++,
        build: `v${build}`,
        source: device.slice(0, -2),
        device,
        cases: cases(fails(build, device)),
        ...overrides,
      });
    }
  }
}

test('a test that fails on one board of many is the board, with the counts and where to see them', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 12, (build, device) => (device === 'alpha-3' && build > 2 ? ['usb'] : []));

  const { build } = await server.data<Build>(OF_BUILD, { variables: { version: 'v12' } });

  const [row] = build.failingTests.nodes;
  const found = row?.attribution;
  const device = found?.evidence.find(({ kind }) => kind === 'DEVICE_WORSE');
  expect(row?.name).toBe('usb');
  expect(found?.culprit).toBe('BOARD');
  expect(device?.text).toMatch(
    /^On alpha-3 10 of 10 runs fail, on its peers in alpha 0 of 18, in the days around it \(p = /,
  );
  expect(device?.counts).toEqual({ failed: 10, runs: 10, othersFailed: 0, othersRuns: 18 });
  expect(device?.weight).toBeGreaterThan(1);
  expect(device?.weights.find(({ culprit }) => culprit === 'BOARD')?.value).toBe(device?.weight);
  expect(device?.url).toBe('/jobs?lab=alpha&type=qemu&suite=smoke&since=2026-05-28&until=2026-06-02&device=alpha-3');
  expect(found?.probabilities.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 12);
});

test('a test that fails everywhere since some builds is the code', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 12, (build) => (build > 9 ? ['net'] : []));
  // The other branch goes on well.
  for (let n = 0; n < 8; n++)
    await addBuildJob(server, {
      number: 100 + n,
      build: `s${n}`,
      source: 'beta',
      device: 'beta-1',
      cases: cases(),
      submitAt: 1_780_000_000_000_000 + (30 + 2 * n) * 3_600_000_000,
      metadata: { 'git-tree': 'mainline', 'git-describe': `s${n}`, 'git-branch': 'stable' },
    });

  const { build } = await server.data<Build>(OF_BUILD, { variables: { version: 'v12' } });

  expect(build.failingTests.nodes[0]?.attribution).toMatchObject({ culprit: 'CODE' });

  const { regressions } = await server.data<{ regressions: { nodes: { name: string; attribution: Found }[] } }>(
    `{ regressions(filter: {since: "2026-05-25T00:00:00Z", scope: {until: "2026-07-01T00:00:00Z"}}) { nodes { name ${ATTRIBUTION} } } }`,
  );
  expect(regressions.nodes).toMatchObject([{ name: 'net', attribution: { culprit: 'CODE' } }]);
});

test('in a job: a failing case has one, a passing one has none, nor has a job that completed', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 8, (build, device) => (device === 'alpha-2' && build > 2 ? ['usb'] : []));

  const { job } = await server.data<Job>(OF_JOB, { variables: { source: 'alpha', externalId: '30' } });

  expect(job.attribution).toBeNull();
  for (const { name, result, attribution } of job.testCases.nodes) {
    expect(result).toBe(name === 'usb' ? 'FAIL' : 'PASS');
    expect(attribution?.culprit ?? null).toBe(name === 'usb' ? 'BOARD' : null);
  }
});

test('a job that LAVA blames the lab for says so, and is never the code', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 8, () => []);
  const lost = { health: 'INCOMPLETE' as const, errorType: 'Infrastructure', errorMessage: 'no power' };
  await addBuildJob(server, {
    number: 90,
    build: 'v8',
    source: 'alpha',
    device: 'alpha-1',
    cases: {},
    suite: 'lava',
    ...lost,
  });

  const { job } = await server.data<Job>(OF_JOB, { variables: { source: 'alpha', externalId: '90' } });

  const error = job.attribution?.evidence.find(({ kind }) => kind === 'ERROR_INFRASTRUCTURE');
  expect(error).toMatchObject({
    text: 'The job ended by Infrastructure: LAVA blames the lab, not what was tested.',
    counts: null,
    pValue: null,
    url: '/jobs/alpha/90#log',
  });
  expect(['TEST', 'CODE']).not.toContain(job.attribution?.mostLikely);
});

test('without other runs nobody is named', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'F' } });

  const { build } = await server.data<Build>(OF_BUILD, { variables: { version: 'v1' } });

  expect(build.failingTests.nodes[0]?.attribution).toMatchObject({ culprit: 'UNKNOWN', evidence: [] });
});

test('labs, boards and jobs that may not be seen change no byte of it, and are evidence for who sees them', async () => {
  const sources = ['alpha', 'beta', settings('closed', { visibility: 'RESTRICTED', teams: ['a'] })];
  const server = await startServer({ sources, access });
  await addBuilds(server, 6, (build, device) => (device === 'alpha-2' && build > 2 ? ['usb'] : []));
  const ask = async (token?: string) => [
    await server.data(OF_BUILD, { variables: { version: 'v6' }, token }),
    await server.data(OF_JOB, { variables: { source: 'alpha', externalId: '22' }, token }),
  ];
  const before = await ask();

  for (let build = 1; build <= 6; build++) {
    const of = { build: `v${build}`, cases: cases(['usb', 'net']) };
    await addBuildJob(server, {
      ...of,
      number: 200 + build,
      source: 'closed',
      device: 'closed-1',
      submitAt: 1_780_000_000_000_000,
    });
    await addBuildJob(server, {
      ...of,
      number: 300 + build,
      source: 'alpha',
      device: 'hidden-1',
      isPublic: false,
      submitAt: 1_780_000_000_000_000 + build,
    });
  }

  expect(await ask()).toEqual(before);
  expect(JSON.stringify(await ask('root-token'))).toContain('fails in one other lab');
  expect(JSON.stringify(await ask())).not.toMatch(/closed|hidden/);
});

test('what failed beside it counts however long it waited to run, and not for a hidden board', async () => {
  const server = await startServer({ sources: ['alpha'], access });
  const devices = ['alpha-1', 'alpha-2', 'alpha-3'].map((hostname) => ({
    ...{ hostname, deviceType: 'qemu', worker: 'alpha-worker', state: 'Idle', health: 'Good' },
    ...{ description: null, deviceVersion: null, tags: [], isPublic: true },
  }));
  const { id = 0 } = (await getSyncState(server.writer, 'alpha')) ?? {};
  const fleet = { workers: [], devices, deviceTypes: [], queue: null, rejected: [] };
  await server.writer.transaction(() => writeFleet(server.writer, id, fleet, submitOf(0)));
  const endAt = submitOf(300);
  const lost = { health: 'INCOMPLETE' as const, cases: {}, suite: 'lava', endAt, build: 'v1' };
  await addBuildJob(server, { ...lost, number: 299, device: 'alpha-1' });
  await addBuildJob(server, { ...lost, number: 200, device: 'alpha-2', build: 'v2' });
  await addBuildJob(server, { ...lost, number: 150, device: 'alpha-3', build: 'v3' });
  await addBuildJob(server, { ...lost, number: 220, device: 'alpha-3', build: 'v4', endAt: submitOf(221) });
  const ask = async (token?: string) => {
    const { job } = await server.data<Job>(OF_JOB, { variables: { source: 'alpha', externalId: '299' }, token });
    return job.attribution?.evidence.map(({ text }) => text).join(' ');
  };
  const beside = 'Within half an hour 2 of 2 jobs of other boards and builds on alpha-worker failed.';
  expect(await ask()).toContain(beside);

  await server.writer.store.sql.run(`UPDATE device SET is_public = 0 WHERE hostname = 'alpha-1'`);

  expect(await ask()).not.toContain('Within half an hour');
  expect(await ask('root-token')).toContain(beside);
});

test('links list what was counted: the test by its branch, jobs of the build on its branch, health checks where jobs count', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 12, (build) => (build > 9 ? ['net'] : []));
  const lost = { health: 'INCOMPLETE' as const, build: 'v12', source: 'alpha', cases: {}, suite: 'lava' };
  for (const number of [90, 91]) await addBuildJob(server, { ...lost, number, device: `alpha-${number - 88}` });
  const metadata = { 'git-tree': 'mainline', 'git-describe': 'v12', 'git-branch': 'stable' };
  await addBuildJob(server, { ...lost, number: 92, device: 'alpha-1', metadata });
  const urlsOf = (found: Found | null | undefined) =>
    Object.fromEntries(found?.evidence.map(({ kind, url }) => [kind, url]) ?? []);

  const ofTest = await server.data<Job>(OF_JOB, { variables: { source: 'alpha', externalId: '45' } });
  const ofJob = await server.data<Job>(OF_JOB, { variables: { source: 'alpha', externalId: '90' } });

  const test = urlsOf(ofTest.job.testCases.nodes.find(({ name }) => name === 'net')?.attribution);
  const days = 'since=2026-05-16&until=2026-06-07';
  expect(test.BUILD_WORSE_ELSEWHERE).toBe(`/tests/mainline/smoke?test=net&type=qemu&branch=master&${days}`);
  expect(test.PEERS_FAIL).toBe('/jobs?project=mainline&branch=master&build=v12&suite=smoke&lab=alpha&type=qemu');
  const job = urlsOf(ofJob.job.attribution);
  const ended = 'checks=1&health=Complete&health=Incomplete';
  expect(job.MIXED_ON_BUILD).toBe(`/jobs?project=mainline&branch=master&build=v12&${ended}&lab=alpha&type=qemu`);
  const listed = async (filter: string) => {
    const { jobs } = await server.data<{ jobs: { totalCount: number } }>(
      `{ jobs(filter: {project: "mainline", build: "v12"${filter}}) { totalCount } }`,
    );
    return jobs.totalCount;
  };
  expect(await Promise.all(['', ', branch: "master"', ', branch: "stable"'].map(listed))).toEqual([7, 6, 1]);
});

test('public jobs of a hidden board are not told to be of one board', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'], access });
  await addBuilds(server, 12, (build, device) => (device === 'alpha-3' && build > 2 ? ['usb'] : []));
  await server.writer.store.sql.run(`UPDATE device SET is_public = 0 WHERE hostname = 'alpha-3'`);
  const ask = async (token?: string) => {
    const { build } = await server.data<Build>(OF_BUILD, { variables: { version: 'v12' }, token });
    return (
      build.failingTests.nodes[0]?.attribution?.evidence.map(({ kind, text }) => `${kind}: ${text}`).join(' ') ?? ''
    );
  };

  const [told, toldAdmin] = [await ask(), await ask('root-token')];

  expect(toldAdmin).toMatch(/DEVICE_WORSE: On alpha-3 /);
  expect(told).toMatch(/LAB_/);
  expect(told).not.toMatch(/DEVICE|RETRY|alpha-3|this board/);
});

test('failing tests of one job and suite take as many queries as one of them', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 4, (build) => (build > 2 ? ['usb', 'net', 'wifi', 'boot'] : []));
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    await server.data(
      `{ build(project: "mainline", version: "v4") { failingTests(first: ${first}) { nodes { name ${ATTRIBUTION} } } } }`,
    );
    return server.store.statementCount() - before;
  };
  await cost(4);

  const four = await cost(4);

  expect(four).toBe(await cost(1));
  expect(four).toBeLessThan(40);
});

test('failing tests of several jobs of a build share what is read of their suite', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuilds(server, 4, (build, device) => (build > 2 ? [device === 'beta-1' ? 'net' : 'usb'] : []));
  const ask = async (first: number) => {
    const before = server.store.statementCount();
    const { build } = await server.data<{ build: { failingTests: { nodes: { attribution: { job: object } }[] } } }>(
      `{ build(project: "mainline", version: "v4") { failingTests(first: ${first}) {
        nodes { name attribution { probability job { externalId } } } } } }`,
    );
    const jobs = build.failingTests.nodes.map(({ attribution }) => attribution.job);
    return { jobs, statements: server.store.statementCount() - before };
  };
  await ask(2);

  const [one, two] = [await ask(1), await ask(2)];

  expect(two.jobs).toEqual([{ externalId: '16' }, { externalId: '15' }]);
  expect(two.statements).toBe(one.statements);
});

test('it costs what it is worth: a page of 200 failing tests with it is refused, and none is worked out unasked', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'F' } });
  const query = (first: number) =>
    `{ build(project: "mainline", version: "v1") { failingTests(first: ${first}) { nodes { name attribution { culprit } } } } }`;

  const { body } = await server.ask(query(200));

  expect(body.errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COSTLY');
  expect((await server.ask(query(50))).body.errors).toBeUndefined();
});
