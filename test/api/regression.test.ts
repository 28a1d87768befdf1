import { expect, test } from 'vitest';
import { benjaminiHochberg } from '#analysis/benjamini-hochberg.ts';
import { fisherRightTail } from '#analysis/fisher.ts';
import { wilson } from '#analysis/wilson.ts';
import { toInstant } from '#api/scalars.ts';
import { addBuildJob, submitOf } from './build-world.ts';
import { type Server, startServer } from './server.ts';

type Version = { version: string };
type Window = { passes: number; fails: number; passRate: number; interval: number[] };
type Regression = {
  id: string;
  project: { slug: string };
  branch: string;
  suite: string;
  set: string | null;
  name: string;
  environment: { name: string };
  since: string;
  lastGood: Version;
  firstBad: Version;
  fixedIn: Version | null;
  failingBuilds: number;
  failingSources: { slug: string }[];
  suspects: Version[];
  status: string;
  isHeld: boolean;
  flakeChance: number | null;
  pValue: number;
  qValue: number;
  effect: number;
  sample: Window;
  base: Window;
};
type Answer = {
  regressions: {
    nodes: Regression[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    policy: object;
    since: string;
    until: string;
    truncated: boolean;
    coverage: { sources: { source: { slug: string } }[] };
  };
};

const STATUSES = ['EXTREME_REGRESSION', 'SIGNIFICANT_REGRESSION', 'NOT_SIGNIFICANT'];

const QUERY = `query ($first: Int, $after: String, $last: Int, $filter: RegressionFilter, $policy: BaselinePolicyInput) {
  regressions(first: $first, after: $after, last: $last, filter: $filter, policy: $policy) {
    nodes { ...row } pageInfo { hasNextPage endCursor }
    policy { baseDays minFails pity confidence } since until truncated coverage { sources { source { slug } } }
  }
}
fragment row on Regression {
  id project { slug } branch suite set name environment { name } since
  lastGood { version } firstBad { version } fixedIn { version } failingBuilds failingSources { slug } suspects { version }
  status isHeld flakeChance pValue qValue effect sample { ...window } base { ...window }
}
fragment window on RegressionWindow { passes fails passRate interval }`;

/** Twelve hours after the last job of the world. */
const until = toInstant(submitOf(24 * 9));
const since = toInstant(submitOf(0));

async function ask(server: Server, variables: Record<string, object | string | number | null> = {}) {
  const { filter, ...rest } = variables;
  const all = { ...rest, filter: { since, scope: { until }, ...(typeof filter === 'object' ? filter : {}) } };
  return (await server.data<Answer>(QUERY, { variables: all })).regressions;
}

type Series = { name: string; first: number; source?: string; deviceType?: string };

/** A job every six hours, each with a build of its own: letters P, F, S, U. */
async function addSeries(server: Server, letters: string, options: Series) {
  const { name, first, ...job } = options;
  for (const [i, letter] of [...letters].entries()) {
    await addBuildJob(server, { number: i * 6 + first, build: `v${i + 10}`, cases: { [name]: letter }, ...job });
  }
}

async function world(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  await addSeries(server, 'PPPPPPPPPPPPPPPPPPPPFFFF', { name: 'boot', first: 0 });
  await addSeries(server, 'PPPPPPPPPPPPPPPPPPPPFFFF', { name: 'boot', first: 1, source: 'beta' });
  await addSeries(server, 'PPPPPPPPPPFFFFFPPPPPPPPP', { name: 'mm/net', first: 2, deviceType: 'juno' });
  await addSeries(server, 'PFPFPFPFFFPFPPFPFPPFPFPF', { name: 'shaky', first: 3 });
  await addSeries(server, 'FFFFFFFFFFFFFFFFFFFFFFFF', { name: 'ever', first: 4 });
  await addSeries(server, 'PPPPPPPPPPPPPPPPPPPPPPPF', { name: 'once', first: 5 });
  return server;
}

test('a regression is told with the builds it lies between, both windows and how likely it is chance', async () => {
  const server = await world();

  const { nodes, ...answer } = await ask(server);

  expect(nodes.map(({ name }) => name)).toEqual(['boot', 'net']);
  const p = fisherRightTail(8, 0, 0, 40);
  expect(nodes[0]).toEqual({
    id: expect.any(String),
    project: { slug: 'mainline' },
    branch: 'master',
    suite: 'smoke',
    set: null,
    name: 'boot',
    environment: { name: 'qemu' },
    since: toInstant(submitOf(120)).replace('.000000', ''),
    lastGood: { version: 'v29' },
    firstBad: { version: 'v30' },
    fixedIn: null,
    failingBuilds: 4,
    failingSources: [{ slug: 'alpha' }, { slug: 'beta' }],
    suspects: [{ version: 'v29' }, { version: 'v30' }],
    status: 'EXTREME_REGRESSION',
    isHeld: false,
    flakeChance: null,
    pValue: p,
    // Thirteen times a test began to fail: most of them the shaky one.
    qValue: 13 * p,
    effect: 100,
    sample: { passes: 0, fails: 8, passRate: 0, interval: wilson(0, 8) },
    base: { passes: 40, fails: 0, passRate: 1, interval: wilson(40, 40) },
  });
  expect(nodes[1]).toMatchObject({
    set: 'mm',
    environment: { name: 'juno' },
    lastGood: { version: 'v19' },
    firstBad: { version: 'v20' },
    fixedIn: { version: 'v25' },
    failingBuilds: 5,
    pValue: fisherRightTail(5, 0, 0, 10),
    qValue: (13 * fisherRightTail(5, 0, 0, 10)) / 2,
  });
  expect(answer.truncated).toBe(false);
  expect(answer.policy).toEqual({ baseDays: 30, minFails: 3, pity: 5, confidence: 95 });
  expect(answer.coverage.sources.map(({ source }) => source.slug)).toEqual(['alpha', 'beta']);
});

test('two labs that agree on a build of which no run passes need one failure less', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (const [i, letter] of [...'PPPPPPFP'].entries()) {
    for (const [n, source] of ['alpha', 'beta'].entries()) {
      const cases = { agreed: letter, retried: n === 1 ? letter : 'P', 'one-lab': n === 0 ? letter : 'P' };
      await addBuildJob(server, { number: i * 6 + n, build: `v${i + 10}`, source, cases });
    }
  }
  await addBuildJob(server, { number: 38, build: 'v16', cases: { retried: 'F', 'one-lab': 'F' } });
  const names = async (policy: object = {}) => (await ask(server, { policy })).nodes.map(({ name }) => name);

  expect(await names()).toEqual(['agreed']);
  expect(await names({ minFails: 4 })).toEqual([]);
  expect(await names({ minFails: 2 })).toEqual(['retried', 'agreed', 'one-lab']);
});

test('what fails in one lab alone is not hidden by the others, and must be the likelier for it', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  for (let i = 0; i < 7; i++) {
    await addBuildJob(server, { number: i * 6, build: `v${i + 10}`, cases: { boot: i < 3 ? 'P' : 'F' } });
    await addBuildJob(server, { number: i * 6 + 1, build: `v${i + 10}`, cases: { boot: 'P' }, source: 'beta' });
  }
  const alone = 2 * fisherRightTail(4, 0, 0, 6);

  expect(fisherRightTail(4, 4, 0, 6)).toBeGreaterThan(0.05);
  expect((await ask(server)).nodes).toMatchObject([
    {
      failingSources: [{ slug: 'alpha' }],
      sample: { passes: 4, fails: 4 },
      pValue: alone,
      status: 'EXTREME_REGRESSION',
    },
  ]);
  expect((await ask(server, { policy: { confidence: 100 * (1 - alone * 0.9) } })).nodes).toEqual([]);
});

test('a test that fails by chance elsewhere has no regression where it fails as chance may have it', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (const name of ['shaky', 'sound']) {
    const other = name === 'shaky' ? 'PPFPPPFPPPFPFPPPPPFP' : 'PPPPPPPPPPPPPPPPPPPP';
    await addSeries(server, 'PPPPPPPPFFFF', { name, first: name === 'shaky' ? 0 : 1 });
    await addSeries(server, other, { name, first: name === 'shaky' ? 2 : 3, deviceType: 'juno' });
  }
  const filter = { status: STATUSES, scope: { until, deviceTypes: ['qemu'] } };
  const { nodes } = await ask(server, { filter });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  // Of four failures three are evidence; the test has five stretches elsewhere, and this one.
  const chance = 6 * fisherRightTail(3, 0, 5, 23);

  expect(byName.get('sound')).toMatchObject({ status: 'EXTREME_REGRESSION', flakeChance: null });
  expect(byName.get('shaky')).toMatchObject({ status: 'NOT_SIGNIFICANT', flakeChance: chance, qValue: 1 });
  expect(byName.get('shaky')?.pValue).toBe(byName.get('sound')?.pValue);
  expect((await ask(server, { filter: { scope: { until } } })).nodes.map(({ name }) => name)).toEqual(['sound']);
  const policy = { confidence: 100 * (1 - chance * 1.1) };
  expect((await ask(server, { policy })).nodes.map(({ name }) => name)).toContain('shaky');
});

test('what has broken on other device types, too, and has not passed since, is no chance', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (const [i, deviceType] of ['qemu', 'juno', 'rpi4', 'x15'].entries())
    await addSeries(server, 'PPPPPPPPFF'.concat(i === 0 ? 'F' : ''), { name: 'boot', first: i, deviceType });

  expect((await ask(server)).nodes).toMatchObject([{ environment: { name: 'qemu' }, flakeChance: null }]);
});

test('a regression that was significant stays open while it nearly is, in whatever order its jobs arrive', async () => {
  const letters = [...'PPPPFFFP'];
  const jobs = letters.map((letter, i) => ({ number: i * 6, build: `v${i + 10}`, cases: { boot: letter } }));
  // Of a lab that failed, too: in the last build it passes and beta still fails, so that nothing is fixed.
  const others = [{ number: 37, build: 'v16', cases: { boot: 'F' }, source: 'beta' }];
  const answers: Regression[][] = [];
  for (const all of [[...jobs, ...others], [...jobs, ...others].reverse()]) {
    const server = await startServer({ sources: ['alpha', 'beta'] });
    for (const job of all) await addBuildJob(server, job);
    answers.push((await ask(server, { policy: { confidence: 98 } })).nodes);
    const early = { scope: { until: toInstant(submitOf(40)) } };
    expect((await ask(server, { policy: { confidence: 98 }, filter: early })).nodes).toMatchObject([{ isHeld: false }]);
  }

  expect(fisherRightTail(4, 1, 0, 4)).toBeGreaterThan(0.02);
  expect(answers[0]).toMatchObject([{ isHeld: true, fixedIn: null, sample: { fails: 4, passes: 1 } }]);
  expect(answers[1]).toEqual(answers[0]);
});

test('a fix does not take away a regression of a test that had failed once before', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addSeries(server, 'PPPPPFPPPPPPPPPPPPFFFFFFPPPPPP', { name: 'boot', first: 0 });
  const whileOpen = { scope: { until: toInstant(submitOf(24 * 6)) } };

  const [open, fixed] = [await ask(server, { filter: whileOpen }), await ask(server)];

  const expected = { firstBad: { version: 'v28' }, suspects: ['v25', 'v26', 'v27', 'v28', 'v29', 'v30'] };
  for (const [{ nodes }, fixedIn] of [
    [open, null],
    [fixed, { version: 'v34' }],
  ] as const) {
    expect(nodes).toMatchObject([{ firstBad: expected.firstBad, fixedIn, sample: { passes: 0, fails: 6 } }]);
    expect(nodes[0]?.suspects.map(({ version }) => version)).toEqual(expected.suspects);
  }
});

test('filters narrow, and the policy decides', async () => {
  const server = await world();
  const names = async (filter: object, policy: object = {}) =>
    (await ask(server, { filter, policy })).nodes.map(({ name }) => name);

  expect(await names({ open: true })).toEqual(['boot']);
  expect(await names({ open: false })).toEqual(['net']);
  expect(await names({ scope: { until, deviceTypes: ['juno'] } })).toEqual(['net']);
  expect(await names({ scope: { until, sources: ['beta'] } })).toEqual(['boot']);
  expect(await names({ since: toInstant(submitOf(100)) })).toEqual(['boot']);
  expect(await names({ project: 'mainline', branch: 'master' })).toEqual(['boot', 'net']);
  expect(await names({ project: 'mainline', branch: 'next' })).toEqual([]);
  expect(await names({ project: 'elsewhere' })).toEqual([]);
  expect(await names({}, { minFails: 1 })).toEqual(['once', 'boot', 'net']);
  expect(await names({}, { minFails: 1, confidence: 99 })).toEqual(['boot', 'net']);
  expect(new Set(await names({ status: ['NOT_SIGNIFICANT'] }))).toEqual(new Set(['once', 'shaky']));
});

test('as of an earlier instant the regression has just begun, or not yet', async () => {
  const server = await world();
  const at = async (hour: number) => {
    const filter = { scope: { until: toInstant(submitOf(hour)) }, status: ['EXTREME_REGRESSION', 'NOT_SIGNIFICANT'] };
    return (await ask(server, { filter })).nodes.filter(({ name }) => name === 'boot');
  };

  expect(await at(120)).toEqual([]);
  expect(await at(121)).toMatchObject([{ failingBuilds: 1, sample: { fails: 1 }, status: 'NOT_SIGNIFICANT' }]);
  expect(await at(122)).toMatchObject([{ failingBuilds: 1, sample: { fails: 2 }, status: 'EXTREME_REGRESSION' }]);
  expect(await at(127)).toMatchObject([{ failingBuilds: 2, sample: { fails: 3 }, status: 'EXTREME_REGRESSION' }]);
});

test('a regression has an id by which it is found again', async () => {
  const server = await world();
  const [, net] = (await ask(server)).nodes;

  const { node } = await server.data<{ node: object }>(
    `query ($id: ID!) { node(id: $id) { ... on Regression { id set name fixedIn { version } qValue pValue } } }`,
    { variables: { id: net?.id } },
  );

  expect(node).toEqual({
    id: net?.id,
    set: 'mm',
    name: 'net',
    fixedIn: { version: 'v25' },
    pValue: net?.pValue,
    qValue: net?.pValue,
  });
});

test('q is over all that was judged, whatever is listed of it', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const rare = Array.from({ length: 6 }, (_, i) => [`rare${i}`, 'PPPPPPPPFPPPPPP'] as const);
  const series = [['boot', 'PPPPPPPPPPFFFFF'], ['net', 'PPPPPPPPFFFFFPP'], ...rare] as const;
  for (let i = 0; i < 15; i++) {
    const cases = Object.fromEntries(series.map(([name, letters]) => [name, letters[i] ?? 'P']));
    await addBuildJob(server, { number: i, build: `v${i + 10}`, cases });
  }
  const all = (await ask(server, { filter: { status: STATUSES } })).nodes;
  const qs = new Map(all.map(({ id, qValue }) => [id, qValue]));

  expect(all).toHaveLength(8);
  expect(all.map(({ qValue }) => qValue)).toEqual(benjaminiHochberg(all.map(({ pValue }) => pValue)));
  for (const filter of [{}, { open: true }, { status: ['NOT_SIGNIFICANT'] }]) {
    for (const { id, qValue } of (await ask(server, { filter })).nodes) expect(qValue).toBe(qs.get(id));
  }
});

async function isFoundAgain(server: Server, variables: Parameters<typeof ask>[1]): Promise<string[]> {
  const { nodes } = await ask(server, variables);
  const query = 'query ($id: ID!) { node(id: $id) { id ... on Regression { name } } }';
  return Promise.all(
    nodes.map(async ({ id }) => {
      const { node } = await server.data<{ node: { id: string; name: string } | null }>(query, { variables: { id } });
      return node?.id === id ? node.name : 'lost';
    }),
  );
}

test('an id is found again however many began with it, and however it was asked for', async () => {
  const server = await startServer({ sources: ['alpha', 'beta'] });
  const cases = (letter: string) => Object.fromEntries(Array.from({ length: 1_010 }, (_, i) => [`case${i}`, letter]));
  for (const [i, letter] of [...'PPPPFFFF'].entries())
    await addBuildJob(server, { number: i, build: `v${i}`, cases: { ...cases(letter), zz: letter } });
  const checks = [...'PPPPPFFFFF'].entries();
  for (const [i, letter] of checks)
    await addBuildJob(server, { number: 10 + i, build: `c${i}`, cases: { check: letter }, healthCheck: true });
  const rare = [0, 1, 2, 3, 60, 61, 62, 63].map((day, i) => ({ number: 24 * day + 30, build: `r${i}` }));
  for (const [i, job] of rare.entries())
    await addBuildJob(server, { ...job, suite: '0_rare', deviceType: 'juno', cases: { rare: i < 4 ? 'P' : 'F' } });
  const later = { since, scope: { until: toInstant(submitOf(24 * 70)) } };

  expect(await isFoundAgain(server, { last: 1 })).toEqual(['zz']);
  const withChecks = { ...later, scope: { ...later.scope, includeHealthChecks: true } };
  expect(await isFoundAgain(server, { first: 1, filter: withChecks })).toEqual(['check']);
  expect(await isFoundAgain(server, { first: 1, filter: later, policy: { baseDays: 90 } })).toEqual(['rare']);
});

test('a walk over the pages gives every regression once, and q is that of its page', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const all = (letter: string) => Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`case${i}`, letter]));
  for (const [i, letter] of [...'PPPPPPPPFFFF'].entries())
    await addBuildJob(server, { number: i, build: `v${i}`, cases: { ...all(letter), case7: 'P' } });
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await ask(server, { first: 5, after });
    names.push(...page.nodes.map(({ name }) => name));
    for (const { pValue, qValue } of page.nodes) expect(qValue).toBeCloseTo(pValue, 12);
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }

  const wanted = Array.from({ length: 23 }, (_, i) => `case${i}`).filter((name) => name !== 'case7');
  expect(names).toEqual(wanted.sort());
});

test('whose fault it is is told of the failure that it began with, in as many queries for two tests as for twelve', async () => {
  const query = `query ($filter: RegressionFilter) { regressions(filter: $filter) { nodes {
    name attribution { evidence { text } job { externalId } }
  } } }`;
  type Row = { name: string; attribution: { evidence: object[]; job: { externalId: string } } };
  const sound = Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`sound${k}`, 'P']));
  const cost = async (tests: number) => {
    const server = await startServer({ sources: ['alpha', 'beta'] });
    for (const [i, letter] of [...'PPPPPPPPFFFF'].entries()) {
      const cases = Object.fromEntries(Array.from({ length: tests }, (_, k) => [`case${k}`, letter]));
      for (const [n, source] of ['alpha', 'beta'].entries())
        await addBuildJob(server, { number: i * 6 + n, build: `v${i}`, cases: { ...cases, ...sound }, source });
    }
    const variables = { filter: { since, scope: { until: toInstant(submitOf(80)) } } };
    const answer = await server.data<{ regressions: { nodes: Row[] } }>(query, { variables });
    expect(answer.regressions.nodes).toHaveLength(tests);
    for (const { attribution } of answer.regressions.nodes) {
      expect(attribution.job).toEqual({ externalId: '48' });
      expect(attribution.evidence.length).toBeGreaterThan(0);
    }
    const before = server.store.statementCount();
    await server.data(query, { variables });
    return server.store.statementCount() - before;
  };

  expect(await cost(12)).toBe(await cost(2));
});

test('an answer takes the same number of queries however many tests regressed and builds there are', async () => {
  const cost = async (tests: number, builds: number) => {
    const server = await startServer({ sources: ['alpha', 'beta'] });
    for (let i = 0; i < builds; i++) {
      const letter = i < builds - 4 ? 'P' : 'F';
      const cases = Object.fromEntries(Array.from({ length: tests }, (_, k) => [`case${k}`, letter]));
      await addBuildJob(server, { number: i, build: `v${i}`, cases, source: i % 2 === 0 ? 'alpha' : 'beta' });
    }
    const query = () => ask(server, { filter: { scope: { until: toInstant(submitOf(36)) } } });
    expect((await query()).nodes).toHaveLength(Math.min(50, tests));
    const before = server.store.statementCount();
    await query();
    return server.store.statementCount() - before;
  };

  expect(await cost(12, 28)).toBe(await cost(2, 20));
});

test.each([
  [{ policy: { baseDays: 0 } }, '"baseDays" is 0: ask for 1 to 90.'],
  [{ policy: { confidence: 100 } }, '"confidence" is 100: ask for 50 to 99.999.'],
  [
    { filter: { since: '2020-01-01T00:00:00Z', scope: { until: '2022-01-01T00:00:00Z' } } },
    '"since" is 731 days before the end: ask for at most 366.',
  ],
  [{ first: 201 }, '"first" is 201: a page holds at most 200; go on with "after".'],
  [
    { after: 'x' },
    '"after" is no cursor of this list: take endCursor or startCursor from an answer to the same field.',
  ],
])('%j is refused in words', async (variables, message) => {
  const server = await startServer({ sources: ['alpha'] });

  const { body } = await server.ask(QUERY, { variables });

  expect(body.errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});
