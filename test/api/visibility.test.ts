import { describe, expect, test } from 'vitest';
import { endRun, getSyncState, quarantine, startRun } from '#store/write-source.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'kim', token: 'kim-token', teams: ['kernel'], role: 'viewer' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];

async function world(): Promise<Server> {
  const server = await startServer({
    sources: [
      settings('open'),
      settings('inside', { visibility: 'INTERNAL' }),
      settings('secret', { visibility: 'RESTRICTED', teams: ['kernel'] }),
    ],
    access,
  });
  for (const slug of ['open', 'inside', 'secret']) {
    await addJob(server, slug, 1, {
      description: `${slug} public`,
      metadata: { 'git-tree': slug, 'git-describe': 'v1' },
    });
    await addJob(server, slug, 2, {
      description: `${slug} private`,
      isPublic: false,
      device: `${slug}-hidden`,
      metadata: { 'git-tree': `${slug}-private`, 'git-describe': 'v1' },
    });
  }
  // In a build of its own of a project that everybody sees.
  await addJob(server, 'open', 3, {
    description: 'open private',
    isPublic: false,
    device: 'open-hidden',
    metadata: { 'git-tree': 'open', 'git-describe': 'v2', 'git-branch': 'side' },
  });
  return server;
}

const EVERYTHING = `{
  meta { jobCount resultCount }
  coverage { sources { source { slug } } }
  sources { totalCount nodes { slug jobCount resultCount deviceCount } }
  jobs { totalCount nodes { description counts { total } } }
  testCases(filter: {}) { nodes { name job { description } } }
  devices { totalCount nodes { hostname } }
  deviceTypes { totalCount nodes { name deviceCount } }
  projects { totalCount nodes { slug branches builds(first: 5) { totalCount nodes { version counts { total } matrix { suite } } } } }
}`;

type Seen = { meta: { jobCount: number; resultCount: number }; jobs: { nodes: { description: string }[] } };

describe('what a viewer sees', () => {
  test.each([
    [undefined, ['open public']],
    ['ann-token', ['inside public', 'open public']],
    ['kim-token', ['inside public', 'open public', 'secret public']],
    [
      'root-token',
      [
        'inside private',
        'inside public',
        'open private',
        'open private',
        'open public',
        'secret private',
        'secret public',
      ],
    ],
  ])('%s', async (token, wanted) => {
    const server = await world();

    const seen = await server.data<Seen>(EVERYTHING, { token });

    expect(seen.jobs.nodes.map((job) => job.description).sort()).toEqual(wanted);
    expect(seen.meta).toEqual({ jobCount: wanted.length, resultCount: wanted.length * 2 });
    const hidden = ['open', 'inside', 'secret']
      .flatMap((slug) => ['public', 'private'].map((kind) => `${slug} ${kind}`))
      .filter((name) => !wanted.includes(name));
    const text = JSON.stringify(seen);
    for (const name of hidden) expect(text).not.toContain(name);
    if (!token) expect(text).not.toMatch(/inside|secret|hidden|-private/);
  });

  test('S-02: answers are the same, byte for byte, whether hidden things exist or not', async () => {
    const without = await startServer({ sources: [settings('open')], access });
    await addJob(without, 'open', 1, {
      description: 'open public',
      metadata: { 'git-tree': 'open', 'git-describe': 'v1' },
    });
    const withHidden = await world();

    const [a, b] = [await without.ask(EVERYTHING), await withHidden.ask(EVERYTHING)];

    expect(JSON.stringify(b)).toBe(JSON.stringify(a));
  });

  test('S-01: a hidden thing and one that does not exist look alike', async () => {
    const server = await world();
    const ids = async (token: string) =>
      (
        await server.data<{
          jobs: {
            nodes: {
              id: string;
              description: string;
              testCases: { nodes: { id: string }[] };
              device: { id: string } | null;
            }[];
          };
        }>('{ jobs { nodes { id description device { id } testCases { nodes { id } } } } }', { token })
      ).jobs.nodes;
    const hidden = (await ids('root-token')).filter((job) => job.description !== 'open public');
    const wanted = hidden.flatMap((job) => [job.id, job.device?.id ?? '', ...job.testCases.nodes.map((c) => c.id)]);

    const found = await server.data<{ nodes: unknown[] }>('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      variables: { ids: [...wanted, 'absent'] },
    });
    const byName = await server.ask(
      '{ a: job(source: "secret", externalId: "1") { id } b: job(source: "nowhere", externalId: "1") { id } c: source(slug: "secret") { id } d: project(slug: "inside") { id } e: build(project: "open-private", version: "v1") { id } }',
    );

    expect(wanted.length).toBeGreaterThan(10);
    expect(found.nodes).toEqual([...wanted, 'absent'].map(() => null));
    expect(byName.body.data).toEqual({ a: null, b: null, c: null, d: null, e: null });
  });

  test('a token nobody knows is refused in words', async () => {
    const server = await world();

    const { status, body } = await server.ask('{ meta { version } }', { token: 'wrong' });

    expect(status).toBe(401);
    expect(body.errors?.[0]?.message).toMatch(/not known here/);
  });

  test('S-03: metrics speak of public sources only', async () => {
    const server = await world();

    const text = await (await fetch(`${server.url}/metrics`)).text();

    expect(text).toContain('basalt_jobs{source="open"} 1');
    expect(text).not.toMatch(/inside|secret/);
  });
});

test('an answer about a source that is hidden, or is not there, is not complete', async () => {
  const server = await world();
  await server.writer.transaction(() =>
    server.writer.store.sql.run('UPDATE source SET last_success_at = ?', Date.now() * 1000),
  );
  const coverage = async (sources: string[], token?: string) =>
    (
      await server.data<{ coverage: { complete: boolean; asOf: string } }>(
        'query ($sources: [String!]!) { coverage(scope: {sources: $sources}) { complete asOf } }',
        { variables: { sources }, token },
      )
    ).coverage;

  const hidden = await coverage(['open', 'secret']);

  expect((await coverage(['open'])).complete).toBe(true);
  expect((await coverage(['open', 'secret'], 'root-token')).complete).toBe(true);
  expect(hidden).toEqual({ complete: false, asOf: '1970-01-01T00:00:00Z' });
  expect(await coverage(['open', 'nowhere'])).toEqual(hidden);
});

test('what went wrong at a source is told, and at which job to those alone who see every job', async () => {
  const server = await world();
  const { writer } = server;
  const reason = 'open: the results of job 4711 were not whole (HTTP 500 at jobs/4711/tests/)';
  await writer.transaction(async () => {
    await writer.store.sql.run(
      "UPDATE source SET last_error_code = 'SERVER_ERROR', last_error_at = 1, last_error = ? WHERE slug = 'open'",
      reason,
    );
    await writer.store.sql.run(
      "INSERT INTO sync_run (source_id, trigger, state, started_at, error) SELECT id, 'SCHEDULE', 'failed', 1, ? FROM source WHERE slug = 'open'",
      reason,
    );
  });
  const query = `{ source(slug: "open") { statusReason syncRuns { nodes { error } } } sources { nodes { statusReason } }
    coverage { sources { source { statusReason } } } }`;
  const asVisitor = JSON.stringify(await server.data(query));
  expect(asVisitor).not.toContain('4711');
  expect(asVisitor.match(/the results of job … were not whole \(HTTP 500 at jobs\/…\/tests\/\)/g)).toHaveLength(4);
  expect(JSON.stringify(await server.data(query, { token: 'root-token' })).match(/job 4711/g)).toHaveLength(4);
});

const COUNTS_OF_ALL_JOBS = `{
  source(slug: "open") { deadLetterCount budget { usedLastMinute requestsLast24h } syncRuns { nodes { requests bytes rejected jobsRead } } }
  coverage { complete sources { openGaps source { slug deadLetterCount budget { usedLastMinute } } } }
}`;

/** A sync of "open" that read private jobs, and could not read the records of some numbers. */
async function readWith(server: Server, requests: number, unread: readonly string[]): Promise<void> {
  const { writer } = server;
  const now = Date.now() * 1000;
  const source = await getSyncState(writer, 'open');
  if (!source) throw new Error('no source');
  const run = await startRun(writer, source.id, 'SCHEDULE', now);
  const rejected = unread.map((externalId) => ({
    stage: 'job' as const,
    externalId,
    path: '',
    reason: 'odd',
    raw: '{}',
  }));
  await writer.transaction(() => quarantine(writer, source.id, rejected, now));
  const totals = {
    requests,
    bytes: requests * 100,
    jobsRead: requests,
    jobsWritten: requests,
    publicRead: 1,
    publicWritten: 1,
  };
  const end = {
    ...totals,
    rejected: unread.length,
    usage: { usedLastMinute: requests, p95Ms: null, slowdown: null },
    error: null,
  };
  await endRun(writer, source.id, run, { ...end, state: 'succeeded', isWhole: true, upTo: now }, now);
}

type Gaps = { coverage: { sources: { openGaps: number | null; source: { slug: string } }[] } };

test('requests and quarantined records of a source are counted for those alone who see every job', async () => {
  const [few, many] = [await world(), await world()];
  await readWith(few, 1, []);
  await readWith(many, 5, ['2']);

  const [a, b] = [await few.ask(COUNTS_OF_ALL_JOBS), await many.ask(COUNTS_OF_ALL_JOBS)];
  expect(a.body.errors).toBeUndefined();
  expect(JSON.stringify(b)).toBe(JSON.stringify(a));
  expect(await (await fetch(`${many.url}/metrics`)).text()).not.toContain('basalt_dead_letters{');

  const seen = await many.data<object>(COUNTS_OF_ALL_JOBS, { token: 'root-token' });
  expect(seen).toMatchObject({
    source: {
      deadLetterCount: 1,
      budget: { usedLastMinute: 5, requestsLast24h: 5 },
      syncRuns: { nodes: [{ requests: 5, bytes: 500, rejected: 1, jobsRead: 5 }] },
    },
  });
  const headers = { authorization: 'Bearer root-token' };
  expect(await (await fetch(`${many.url}/metrics`, { headers })).text()).toContain(
    'basalt_dead_letters{source="open"} 1',
  );
});

test.each([
  ['whose number nobody knows', '77', null],
  ['of a public job', '1', null],
  ['of a private job', '2', 0],
])(
  'a record %s that could not be read is a gap for a visitor as far as it may be public',
  async (_, number, wanted) => {
    const server = await world();
    await readWith(server, 1, [number]);

    const gaps = async (token?: string) =>
      (await server.data<Gaps>(COUNTS_OF_ALL_JOBS, { token })).coverage.sources.find(
        ({ source }) => source.slug === 'open',
      )?.openGaps;

    expect(await gaps()).toBe(wanted);
    expect(await gaps('root-token')).toBe(1);
  },
);
