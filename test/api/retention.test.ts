import { expect, test } from 'vitest';
import { pinBuild } from '#store/pin.ts';
import { retire } from '#store/retention.ts';
import { settings } from '../store/settings.ts';
import { addJob, type Server, startServer } from './server.ts';

const NOW = 1_790_000_000_000_000;
const DAY = 86_400_000_000;
const AT = '2026-09-21T14:13:20Z';
const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];

async function world(): Promise<Server> {
  const server = await startServer({
    sources: [
      settings('alpha', { retention: { logs: 30, rollups: 365 }, historySince: NOW - 500 * DAY }),
      settings('secret', { visibility: 'INTERNAL' }),
    ],
    access,
  });
  for (const slug of ['alpha', 'secret']) {
    for (const [number, days, isPublic] of [
      [1, 400, true],
      [2, 400, false],
      [3, 100, true],
    ] as const) {
      const submitAt = NOW - days * DAY;
      const metadata = { 'git-tree': 'mainline', 'git-describe': `v${number}`, 'git-branch': 'main' };
      await addJob(server, slug, number, { isPublic, submitAt, startAt: submitAt + 1, endAt: submitAt + 2, metadata });
    }
    const row = await server.writer.store.sql.get<{ id: number }>('SELECT id FROM source WHERE slug = ?', slug);
    await retire(server.writer, row?.id ?? 0, { results: 30, rollups: 365 }, () => NOW);
  }
  return server;
}

const removedJob = (source: string, externalId: number) =>
  `{ removedJob(source: "${source}", externalId: "${externalId}") { source { slug } externalId submitTime removedAt } }`;

test('a deleted job is told to who could see it, and to nobody else that it was', async () => {
  const server = await world();
  const gone = { source: { slug: 'alpha' }, externalId: '1', submitTime: expect.any(String), removedAt: AT };

  expect(await server.data(removedJob('alpha', 1))).toEqual({ removedJob: gone });
  expect(await server.data(removedJob('alpha', 3))).toEqual({ removedJob: null });
  // Not what is left of the budget, which each question makes less.
  const told = async (query: string) => {
    const { status, body } = await server.ask(query);
    return [status, body.data, body.errors];
  };
  const nothing = await told(removedJob('alpha', 99));
  for (const [source, number] of [
    ['alpha', 2],
    ['secret', 1],
    ['secret', 2],
    ['nowhere', 1],
  ] as const) {
    expect(await told(removedJob(source, number)), `${source}/${number}`).toEqual(nothing);
    const seen = await server.data<{ removedJob: object | null }>(removedJob(source, number), { token: 'root-token' });
    expect(seen.removedJob !== null).toBe(source !== 'nowhere');
  }
});

type Told = { build: { project: { slug: string }; counts: { total: number } } };

test('what is left of a job says what went, and its build counts it', async () => {
  const server = await world();
  const { job, source } = await server.data<{ job: Told; source: object }>(`{
    job(source: "alpha", externalId: "3") {
      removed { logAt detailAt resultsAt } counts { total } suites { counts { total } } testCases { totalCount nodes { name } }
      build { version project { slug } pin { at } jobsWithoutResults counts { total } }
    }
    source(slug: "alpha") { historySince retention { logs detail results rollups } }
  }`);
  const { build, ...rest } = job;
  expect(build.counts.total).toBeGreaterThan(0);
  expect(rest).toMatchObject({
    removed: { detailAt: AT, resultsAt: AT },
    testCases: { totalCount: 0, nodes: [] },
  });
  // Of the other lab, which is not seen, nothing is counted.
  expect(build).toMatchObject({ pin: null, jobsWithoutResults: 1 });
  expect(source).toEqual({
    historySince: '2025-05-09T14:13:20Z',
    retention: { logs: 30, detail: null, results: null, rollups: 365 },
  });

  await pinBuild(server.writer, { project: build.project.slug, version: 'v3' }, 'kept\0', NOW);
  const query = `{ build(project: "${build.project.slug}", version: "v3") { pin { at because } jobsWithoutResults } }`;
  expect(await server.data(query)).toEqual({ build: { pin: { at: AT, because: 'kept\0' }, jobsWithoutResults: 1 } });
  expect(await server.data(query, { token: 'root-token' })).toMatchObject({ build: { jobsWithoutResults: 2 } });
});
