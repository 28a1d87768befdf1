import { expect, test } from 'vitest';
import { retire } from '#store/retention.ts';
import { addBuildJob } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type Compared = {
  compare: {
    base: { version: string };
    target: { version: string };
    counts: { transition: string; count: number }[];
    pairCount: number;
    changes: {
      totalCount: number;
      nodes: {
        suite: string;
        set: string | null;
        name: string;
        environment: { name: string };
        transition: string;
        baseResult: string | null;
        targetResult: string | null;
      }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
    differenceCount: number;
    differences: {
      suite: string;
      environment: { name: string };
      source: { slug: string };
      side: string;
      counts: { total: number };
      infrastructureFailures: number;
      compared: boolean;
    }[];
    coverage: { complete: boolean };
  };
};

const QUERY = `query ($base: BuildRef!, $target: BuildRef!, $transitions: [Transition!], $transition: [Transition!], $first: Int, $after: String, $scope: ScopeInput) {
  compare(project: "mainline", base: $base, target: $target, transitions: $transitions, scope: $scope) {
    base { version } target { version } counts { transition count } pairCount
    changes(first: $first, after: $after, transition: $transition) {
      totalCount nodes { suite set name environment { name } transition baseResult targetResult } pageInfo { hasNextPage endCursor }
    }
    differenceCount
    differences { suite environment { name } source { slug } side counts { total } infrastructureFailures compared }
    coverage { complete }
  }
}`;
const ALL = ['PASS_TO_FAIL', 'FAIL_TO_PASS', 'STILL_FAILING', 'NEW_FAIL', 'NEW_PASS', 'MISSING', 'SKIP_CHANGE'];
const V1_V2 = { base: { version: 'v1' }, target: { version: 'v2' } };

async function ask(server: Server, variables: object): Promise<Compared['compare']> {
  return (await server.data<Compared>(QUERY, { variables: { ...V1_V2, ...variables } })).compare;
}

const rowsOf = ({ changes }: Compared['compare']) =>
  changes.nodes.map(
    (c) => `${c.transition} ${c.suite}/${c.name} ${c.environment.name} ${c.baseResult} ${c.targetResult}`,
  );

const countsOf = ({ counts }: Compared['compare']) =>
  Object.fromEntries(counts.filter(({ count }) => count > 0).map(({ transition, count }) => [transition, count]));

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const one = { ok: 'P', worse: 'P', better: 'F', bad: 'F', gone: 'P', skipped: 'P' };
  const two = { ok: 'P', fresh: 'P', broken: 'F', worse: 'F', better: 'P', bad: 'F', skipped: 'S' };
  await addBuildJob(server, { number: 1, build: 'v1', cases: one });
  await addBuildJob(server, { number: 2, build: 'v2', cases: two });
  await addBuildJob(server, { number: 3, build: 'v1', deviceType: 'juno', suite: 'net', cases: { ping: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v2', deviceType: 'juno', suite: '1_net', cases: { ping: 'F' } });
  return server;
}

test('every test is told by what has become of it, the worst first', async () => {
  const server = await world();

  const compared = await ask(server, { transitions: ALL });

  expect(rowsOf(compared)).toEqual([
    'PASS_TO_FAIL net/ping juno PASS FAIL',
    'PASS_TO_FAIL smoke/worse qemu PASS FAIL',
    'FAIL_TO_PASS smoke/better qemu FAIL PASS',
    'STILL_FAILING smoke/bad qemu FAIL FAIL',
    'NEW_FAIL smoke/broken qemu null FAIL',
    'NEW_PASS smoke/fresh qemu null PASS',
    'MISSING smoke/gone qemu PASS null',
    'SKIP_CHANGE smoke/skipped qemu PASS SKIP',
  ]);
  expect(compared.counts.map(({ transition }) => transition)).toEqual(ALL);
  expect(compared).toMatchObject({
    base: { version: 'v1' },
    target: { version: 'v2' },
    pairCount: 6,
    differenceCount: 0,
  });
});

test('what got worse and better is listed unless something else is asked, and everything is counted', async () => {
  const server = await world();

  const compared = await ask(server, {});
  expect(new Set(compared.changes.nodes.map(({ transition }) => transition))).toEqual(
    new Set(['PASS_TO_FAIL', 'FAIL_TO_PASS']),
  );
  expect(countsOf(compared)).toEqual({
    PASS_TO_FAIL: 2,
    FAIL_TO_PASS: 1,
    STILL_FAILING: 1,
    NEW_FAIL: 1,
    NEW_PASS: 1,
    MISSING: 1,
    SKIP_CHANGE: 1,
  });
  expect((await ask(server, { transition: ['PASS_TO_FAIL', 'MISSING'] })).changes.totalCount).toBe(2);
});

test('counts are the same in every place: the sums, the total of a list, and its rows over all pages', async () => {
  const server = await world();
  for (const transition of ALL) {
    const rows: string[] = [];
    for (let after: string | null = null; ; ) {
      const compared: Compared['compare'] = await ask(server, {
        transitions: ALL,
        transition: [transition],
        first: 1,
        after,
      });
      rows.push(...rowsOf(compared));
      expect(compared.changes.totalCount).toBe(countsOf(compared)[transition] ?? 0);
      if (!compared.changes.pageInfo.hasNextPage) {
        expect(rows).toHaveLength(compared.changes.totalCount);
        break;
      }
      after = compared.changes.pageInfo.endCursor;
    }
  }
});

test('of several runs the worst counts, and a lab that skips a test hides no other', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { retried: 'P', alone: 'P', odd: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v1', source: 'beta', cases: { retried: 'P', alone: 'S', odd: 'U' } });
  await addBuildJob(server, { number: 3, build: 'v2', cases: { retried: 'F', alone: 'F', odd: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v2', cases: { retried: 'P', alone: 'F', odd: 'P' } });
  await addBuildJob(server, { number: 5, build: 'v2', source: 'beta', cases: { retried: 'P', alone: 'S', odd: 'U' } });

  const compared = await ask(server, { transitions: ALL });

  expect(rowsOf(compared)).toEqual([
    'PASS_TO_FAIL smoke/retried qemu PASS FAIL',
    'PASS_TO_FAIL smoke/alone qemu PASS FAIL',
  ]);
});

test('what one lab ran for one side only is told and in no count', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v1', source: 'beta', cases: { boot: 'F', more: 'F' } });
  await addBuildJob(server, { number: 3, build: 'v2', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v2', suite: 'net', cases: { ping: 'F' } });
  await addBuildJob(server, {
    number: 5,
    build: 'v2',
    source: 'beta',
    cases: {},
    suite: 'lava',
    health: 'INCOMPLETE',
    errorType: 'Infrastructure',
    plannedSuites: ['smoke'],
  });

  const compared = await ask(server, { transitions: ALL });

  expect(rowsOf(compared)).toEqual([]);
  expect(compared.differences).toEqual([
    {
      suite: 'net',
      environment: { name: 'qemu' },
      source: { slug: 'alpha' },
      side: 'TARGET',
      counts: { total: 1 },
      infrastructureFailures: 0,
      compared: false,
    },
    {
      suite: 'smoke',
      environment: { name: 'qemu' },
      source: { slug: 'beta' },
      side: 'BASE',
      counts: { total: 2 },
      infrastructureFailures: 1,
      compared: false,
    },
  ]);
});

test('where no lab ran a suite for both builds, labs stand for each other, and that is told', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v2', source: 'beta', cases: { boot: 'F' } });

  const compared = await ask(server, {});

  expect(rowsOf(compared)).toEqual(['PASS_TO_FAIL smoke/boot qemu PASS FAIL']);
  expect(compared.differences.map(({ source, side, compared }) => [source.slug, side, compared])).toEqual([
    ['alpha', 'BASE', true],
    ['beta', 'TARGET', true],
  ]);
});

test('two labs are compared on one build', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P', same: 'F' } });
  await addBuildJob(server, { number: 2, build: 'v1', source: 'beta', cases: { boot: 'F', same: 'F' } });
  const sides = { base: { version: 'v1', source: 'alpha' }, target: { version: 'v1', source: 'beta' } };

  const compared = await ask(server, sides);

  expect(rowsOf(compared)).toEqual(['PASS_TO_FAIL smoke/boot qemu PASS FAIL']);
  expect(compared.differenceCount).toBe(0);
});

test('a side may be the build before the other', async () => {
  const server = await world();
  const previous = { previous: true };

  expect(await ask(server, { base: previous, target: { version: 'v2' } })).toMatchObject({ base: { version: 'v1' } });
  expect(await ask(server, { base: { version: 'v2' }, target: previous })).toMatchObject({ target: { version: 'v1' } });
});

test('health checks count when they are asked for', async () => {
  const server = await world();
  await addBuildJob(server, { number: 9, build: 'v2', cases: { ok: 'F' }, healthCheck: true });

  expect(countsOf(await ask(server, {})).PASS_TO_FAIL).toBe(2);
  expect(countsOf(await ask(server, { scope: { includeHealthChecks: true } })).PASS_TO_FAIL).toBe(3);
});

test('results that retention has deleted did not run', async () => {
  const server = await world();
  const row = await server.writer.store.sql.get<{ id: number }>("SELECT id FROM source WHERE slug = 'alpha'");
  await retire(
    server.writer,
    row?.id ?? 0,
    { results: 1 },
    () => 1_780_000_000_000_000 + 86_400_000_000 + 5_400_000_000,
  );

  const compared = await ask(server, { transitions: ALL });

  expect(compared.differences.map(({ suite, side, counts }) => [suite, side, counts.total])).toEqual([
    ['smoke', 'TARGET', 7],
  ]);
  expect(rowsOf(compared)).toEqual(['PASS_TO_FAIL net/ping juno PASS FAIL']);
});

test('the results behind a change are cases of jobs', async () => {
  const server = await world();
  const query = `{ compare(project: "mainline", base: {version: "v1"}, target: {version: "v2"}) { changes(first: 1) { nodes {
    name base { name result suite job { externalId } } target { name result suite job { externalId } } } } } }`;

  const { compare } = await server.data<{ compare: { changes: { nodes: unknown[] } } }>(query);

  expect(compare.changes.nodes).toEqual([
    {
      name: 'ping',
      base: { name: 'ping', result: 'PASS', suite: 'net', job: { externalId: '3' } },
      target: { name: 'ping', result: 'FAIL', suite: '1_net', job: { externalId: '4' } },
    },
  ]);
});

test.each([
  [{ base: { version: 'v7' } }, 'NOT_FOUND', 'There is no build "v7" of project "mainline".'],
  [{ base: { version: 'v1', source: 'nowhere' } }, 'NOT_FOUND', 'There is no source "nowhere".'],
  [
    { base: { previous: true }, target: { version: 'v1' } },
    'NOT_FOUND',
    'There is no build before "v1" on its branch.',
  ],
  [{ base: {} }, 'BAD_USER_INPUT', '"base" takes either "version" or "previous: true".'],
  [
    { target: { version: 'v1', previous: true } },
    'BAD_USER_INPUT',
    '"target" takes either "version" or "previous: true".',
  ],
  [
    { base: { previous: true }, target: { previous: true } },
    'BAD_USER_INPUT',
    'One of "base" and "target" has to name a "version".',
  ],
])('%j is refused in words', async (variables, code, message) => {
  const server = await world();

  const { body } = await server.ask(QUERY, { variables: { ...V1_V2, ...variables } });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code } });
});

test('a comparison takes the same number of queries however many changes it lists', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const cases = (letter: string) => Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`case${i}`, letter]));
  await addBuildJob(server, { number: 1, build: 'v1', cases: cases('P') });
  await addBuildJob(server, { number: 2, build: 'v2', cases: cases('F') });
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    await ask(server, { first });
    return server.store.statementCount() - before;
  };
  await cost(1);

  // Names come 1, 4, 16, 64 at a time.
  expect((await cost(60)) - (await cost(1))).toBeLessThanOrEqual(6);
});

const DETAILS = `query ($suite: String, $scope: ScopeInput, $base: BuildRef!, $target: BuildRef!) {
  compare(project: "mainline", base: $base, target: $target, transitions: null, suite: $suite, scope: $scope) {
    counts { transition count } pairCount differenceCount
    differencesBySource { source { slug } side compared suiteCount resultCount }
    environmentCount environments { environment { name } counts { transition count } }
    changes { totalCount nodes { transition suite name environment { name } groupCount
      baseLabs { source { slug } result job { externalId } } targetLabs { source { slug } result job { externalId } } } }
  }
}`;
type Labs = { source: { slug: string }; result: string; job: { externalId: string } }[];
type Counted = { transition: string; count: number }[];
type Detailed = {
  compare: {
    counts: Counted;
    pairCount: number;
    differenceCount: number;
    differencesBySource: unknown[];
    environmentCount: number;
    environments: { environment: { name: string }; counts: Counted }[];
    changes: {
      totalCount: number;
      nodes: {
        transition: string;
        suite: string;
        name: string;
        environment: { name: string };
        groupCount: number;
        baseLabs: Labs;
        targetLabs: Labs;
      }[];
    };
  };
};

async function detailsOf(server: Server, variables: object = {}): Promise<Detailed['compare']> {
  return (await server.data<Detailed>(DETAILS, { variables: { ...V1_V2, ...variables } })).compare;
}

test('a change says what each lab has on either side, and in which job', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v1', source: 'beta', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 3, build: 'v2', cases: { boot: 'F' } });
  await addBuildJob(server, { number: 4, build: 'v2', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 5, build: 'v2', source: 'beta', cases: { boot: 'P', more: 'P' } });

  const [change] = (await detailsOf(server)).changes.nodes;

  const inWords = (labs: Labs = []) => labs.map((lab) => `${lab.source.slug} ${lab.result} ${lab.job.externalId}`);
  expect(inWords(change?.baseLabs)).toEqual(['alpha PASS 1', 'beta PASS 2']);
  expect(inWords(change?.targetLabs)).toEqual(['alpha FAIL 3', 'beta PASS 5']);
});

test('every count of a group, a device type and a suite is the total of the list that is narrowed to it', async () => {
  const server = await world();
  await addBuildJob(server, { number: 5, build: 'v1', suite: 'net', cases: { ping: 'P', pong: 'P' } });
  await addBuildJob(server, { number: 6, build: 'v2', suite: 'net', cases: { ping: 'F', pong: 'F' } });
  const whole = await detailsOf(server);
  const totalOf = async (transition: string, narrow: object) => {
    const { counts } = await detailsOf(server, narrow);
    return counts.find((one) => one.transition === transition)?.count;
  };

  expect(whole.environmentCount).toBe(2);
  expect(whole.environments.map(({ environment }) => environment.name)).toEqual(['qemu', 'juno']);
  for (const { environment, counts } of whole.environments)
    for (const { transition, count } of counts)
      expect(await totalOf(transition, { scope: { deviceTypes: [environment.name] } })).toBe(count);
  for (const { transition, suite, environment, groupCount } of whole.changes.nodes)
    expect(await totalOf(transition, { suite, scope: { deviceTypes: [environment.name] } })).toBe(groupCount);
  expect((await detailsOf(server, { suite: 'net' })).changes.totalCount).toBe(3);
  expect(await detailsOf(server, { suite: 'nothing' })).toMatchObject({ pairCount: 0, differenceCount: 0 });
});

test('what one side alone has is summed by source, side, and whether it is compared', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addBuildJob(server, { number: 1, build: 'v1', cases: { boot: 'P' } });
  await addBuildJob(server, { number: 2, build: 'v2', source: 'beta', cases: { boot: 'P', more: 'F' } });
  await addBuildJob(server, { number: 3, build: 'v2', source: 'beta', suite: 'net', cases: { ping: 'P' } });
  await addBuildJob(server, { number: 4, build: 'v2', source: 'beta', suite: 'usb', cases: { a: 'P', b: 'P' } });

  const { differencesBySource, differenceCount } = await detailsOf(server);

  expect(differenceCount).toBe(4);
  expect(differencesBySource).toEqual([
    { source: { slug: 'alpha' }, side: 'BASE', compared: true, suiteCount: 1, resultCount: 1 },
    { source: { slug: 'beta' }, side: 'TARGET', compared: false, suiteCount: 2, resultCount: 3 },
    { source: { slug: 'beta' }, side: 'TARGET', compared: true, suiteCount: 1, resultCount: 2 },
  ]);
});

test('kinds of boards are compared with each other where both sides name one', async () => {
  const server = await world();
  await addBuildJob(server, { number: 5, build: 'v2', deviceType: 'juno', cases: { ok: 'F', broken: 'F' } });
  const sides = {
    base: { version: 'v2', deviceType: 'qemu' },
    target: { version: 'v2', deviceType: 'juno' },
  };

  const compared = await ask(server, { ...sides, transitions: ['PASS_TO_FAIL', 'STILL_FAILING'] });

  expect(rowsOf(compared)).toEqual([
    'PASS_TO_FAIL smoke/ok juno PASS FAIL',
    'STILL_FAILING smoke/broken juno FAIL FAIL',
  ]);
  expect(compared.differences.map(({ suite, environment, side }) => [suite, environment.name, side])).toEqual([
    ['net', 'juno', 'TARGET'],
  ]);
});

const JOBS = `query ($base: JobRef!, $target: JobRef!) { compareJobs(base: $base, target: $target) {
  base { externalId } target { externalId } counts { transition count } pairCount
  changes(transition: [PASS_TO_FAIL, FAIL_TO_PASS]) { totalCount nodes { transition suite name base { job { externalId } } target { job { externalId } } } }
  differences { suite side }
} }`;

test('two jobs are compared whatever boards they ran on, health checks too', async () => {
  const server = await world();
  await addBuildJob(server, {
    number: 5,
    build: 'v9',
    source: 'beta',
    deviceType: 'x15',
    healthCheck: true,
    cases: { ok: 'F' },
  });
  const alpha = (externalId: string) => ({ source: 'alpha', externalId });

  expect(
    await server.data(JOBS, { variables: { base: alpha('1'), target: { source: 'beta', externalId: '5' } } }),
  ).toMatchObject({
    compareJobs: {
      base: { externalId: '1' },
      target: { externalId: '5' },
      pairCount: 1,
      changes: {
        totalCount: 1,
        nodes: [{ name: 'ok', base: { job: { externalId: '1' } }, target: { job: { externalId: '5' } } }],
      },
      differences: [],
    },
  });
  expect(await server.data(JOBS, { variables: { base: alpha('1'), target: alpha('3') } })).toMatchObject({
    compareJobs: {
      pairCount: 0,
      differences: [
        { suite: 'net', side: 'TARGET' },
        { suite: 'smoke', side: 'BASE' },
      ],
    },
  });
});

test('a job that may not be seen is none to compare with', async () => {
  const server = await world();
  await addBuildJob(server, { number: 5, build: 'v2', isPublic: false, cases: { ok: 'F' } });
  for (const externalId of ['5', '77']) {
    const { body } = await server.ask(JOBS, {
      variables: { base: { source: 'alpha', externalId: '1' }, target: { source: 'alpha', externalId } },
    });
    expect(body.errors?.[0]).toMatchObject({
      message: `There is no job "alpha/${externalId}".`,
      extensions: { code: 'NOT_FOUND' },
    });
  }
});
