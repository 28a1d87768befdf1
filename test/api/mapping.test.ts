/** Mapping rules that are kept in the store: who may, what is refused, and what comes of them. */

import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { AccessToken } from '#api/viewer.ts';
import { keepPlacing, prepareStore } from '#ingest/upkeep.ts';
import { applyRules, areRulesDue } from '#store/apply-rules.ts';
import { digest } from '#store/codec.ts';
import { saveState } from '#store/state.ts';
import { createWriter } from '#store/writer.ts';
import { soon } from '../soon.ts';
import { addJob, type Server, startServer } from './server.ts';

const access: AccessToken[] = [
  { login: 'root', token: 'sesame', teams: [], role: 'admin' },
  { login: 'reader', token: 'reader', teams: [], role: 'viewer' },
];
const token = 'sesame';
const NOW = 1_790_000_000_000_000;
const RULE = '{ origin project sources conditions { key value regex } build branch commit }';
const READ = `{ mappingRules { revision rules ${RULE} lastChange { login before ${RULE} } progress { jobs done moved isDone } } }`;
const SAVE = `mutation ($input: SaveMappingInput!) { saveMapping(input: $input) {
  mapping { revision rules ${RULE} } userErrors { code message field } } }`;
const TRY = `query ($input: TryMappingInput!) { tryMapping(input: $input) {
  trial { jobs isWhole matched moved byRule appearingCount appearing { project branch build } vanishingCount vanishing { build }
    unmatched { lacks jobs example { source externalId } } projects { project builds jobs }
    examples { externalId from { build } to { project build } } }
  userErrors { code message field } } }`;

type Rule = { origin: string; project: string };
type Mapping = {
  revision: number;
  rules: Rule[];
  lastChange: { login: string; before: Rule[] } | null;
  progress: object | null;
};
type Saved = {
  saveMapping: { mapping: Mapping | null; userErrors: { code: string; message: string; field: string }[] };
};
type Tried = { tryMapping: { trial: object | null; userErrors: { message: string; field: string }[] } };

const OF_FILE = { project: 'of-file', match: { team: 'red' }, build: '{describe}' };
const OF_TEAM = { project: '{team}', conditions: [{ key: 'team' }], build: '{describe}' };

const read = async (server: Server) => (await server.data<{ mappingRules: Mapping }>(READ, { token })).mappingRules;
const save = async (server: Server, revision: number, rules: object[]) =>
  (await server.data<Saved>(SAVE, { variables: { input: { revision, rules } }, token })).saveMapping;
const tried = async (server: Server, rules: object[]) =>
  (await server.data<Tried>(TRY, { variables: { input: { rules } }, token })).tryMapping;

async function serverOfTeams(): Promise<Server> {
  const server = await startServer({ sources: ['alpha', 'beta'], access, rules: [OF_FILE] });
  const server2 = { ...server, writer: createWriter(server.writer.store, [OF_FILE]) };
  for (const [n, team] of ['red', 'blue', 'blue', ''].entries())
    await addJob(server2, n % 2 ? 'alpha' : 'beta', n + 1, {
      metadata: { ...(team && { team }), describe: `v${n % 2}` },
    });
  await applyRules(server2.writer, () => NOW);
  return server2;
}

async function buildsOf(server: Server): Promise<string[]> {
  const { jobs } = await server.data<{
    jobs: { nodes: { externalId: string; build: { version: string; project: { slug: string } } | null }[] };
  }>('{ jobs { nodes { externalId build { version project { slug } } } } }');
  return jobs.nodes
    .map(({ externalId, build }) => `${externalId} ${build ? `${build.project.slug} ${build.version}` : '-'}`)
    .sort();
}

test('a trial says what would come of rules, and what is kept does it: for jobs that are stored, and for jobs that come', async () => {
  const server = await serverOfTeams();
  expect(await buildsOf(server)).toEqual(['1 of-file v0', '2 -', '3 -', '4 -']);

  expect(await tried(server, [OF_TEAM])).toEqual({
    trial: {
      ...{ jobs: 4, isWhole: true, matched: 3, moved: 2, byRule: [1, 2, 0, 0, 0, 0] },
      ...{
        appearingCount: 2,
        appearing: [
          { project: 'blue', branch: '', build: 'v0' },
          { project: 'blue', branch: '', build: 'v1' },
        ],
      },
      ...{ vanishingCount: 0, vanishing: [] },
      unmatched: [{ lacks: ['team'], jobs: 1, example: { source: 'alpha', externalId: '4' } }],
      projects: [
        { project: 'blue', builds: 2, jobs: 2 },
        { project: 'of-file', builds: 1, jobs: 1 },
      ],
      examples: [
        { externalId: '3', from: null, to: { project: 'blue', build: 'v0' } },
        { externalId: '2', from: null, to: { project: 'blue', build: 'v1' } },
      ],
    },
    userErrors: [],
  });

  const before = await read(server);
  expect(before).toMatchObject({ revision: 0, lastChange: null });
  expect(before.rules.map(({ origin }) => origin)).toEqual(['FILE', 'KNOWN', 'KNOWN', 'KNOWN', 'KNOWN']);
  expect(await save(server, 0, [OF_TEAM])).toMatchObject({ mapping: { revision: 1 }, userErrors: [] });
  const now = await read(server);
  expect(now.rules.map(({ origin, project }) => `${origin} ${project}`).slice(0, 3)).toEqual([
    'FILE of-file',
    'KEPT {team}',
    'KNOWN {kernel.tree}',
  ]);
  expect(now).toMatchObject({ lastChange: { login: 'root', before: [] }, progress: { isDone: false } });
  await addJob(server, 'alpha', 5, { metadata: { team: 'green', describe: 'v5' } });
  expect(await buildsOf(server)).toEqual(['1 of-file v0', '2 -', '3 -', '4 -', '5 green v5']);

  const ending = new AbortController();
  const deps = { writer: server.writer, now: () => NOW, log: pino({ level: 'silent' }), signal: ending.signal };
  const kept = keepPlacing(deps, 1);
  await soon(() => areRulesDue(server.writer.store)).toBe(false);
  ending.abort();
  await kept;
  expect(await buildsOf(server)).toEqual(['1 of-file v0', '2 blue v1', '3 blue v0', '4 -', '5 green v5']);
  expect((await read(server)).progress).toEqual({ jobs: 5, done: 5, moved: 2, isDone: true });

  const { lastChange } = await read(server);
  expect(await save(server, 1, lastChange?.before ?? [{}])).toMatchObject({ mapping: { revision: 2 } });
  await applyRules(server.writer, () => NOW);
  expect(await buildsOf(server)).toEqual(['1 of-file v0', '2 -', '3 -', '4 -', '5 -']);
});

test('another writer places jobs by rules that were kept just before', async () => {
  const server = await serverOfTeams();
  const others = createWriter(server.writer.store, [OF_FILE]);
  const put = (n: number) =>
    addJob({ ...server, writer: others }, 'alpha', n, { metadata: { team: 'green', describe: `v${n}` } });
  await put(8);
  await save(server, 0, [OF_TEAM]);
  await put(9);
  expect((await buildsOf(server)).slice(-2)).toEqual(['8 -', '9 green v9']);
});

test('a kept rule whose expression is none any more is told, shown and passed over; what it placed stays', async () => {
  const server = await serverOfTeams();
  const rule = { ...OF_TEAM, conditions: [{ key: 'team', regex: 'blu' }] };
  await save(server, 0, [rule]);
  await applyRules(server.writer, () => NOW);
  const { sql } = server.writer.store;
  await sql.run("UPDATE store_state SET value = replace(value, ?, ?) WHERE key = 'mapping'", '"blu"', '"bl(?=u)"');
  const writer = createWriter(server.writer.store, [OF_FILE]);
  // Not by a change of the rules, but of what runs them: they are those that were applied.
  const hash = digest(JSON.stringify((await writer.rules()).rules)).toString('hex');
  await saveState(sql, 'rules', { hash, doneTo: null, revision: 1 });

  const told: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => told.push(line) });
  await prepareStore({ writer, now: () => NOW, log, signal: new AbortController().signal });
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { project: '{team}', problem: expect.stringContaining('bl(?=u)') },
  ]);
  await addJob({ ...server, writer }, 'alpha', 5, { metadata: { team: 'blue', describe: 'v5' } });
  expect((await buildsOf(server)).slice(1)).toEqual(['2 blue v1', '3 blue v0', '4 -', '5 -']);
  const { mappingRules } = await server.data<{ mappingRules: { rules: { problem: string | null }[] } }>(
    '{ mappingRules { rules { problem } } }',
    { token },
  );
  expect(mappingRules.rules.map(({ problem }) => problem !== null)).toEqual([false, true, false, false, false, false]);
  expect(mappingRules.rules[1]?.problem).toMatch(/^team: .*at character 3/);
});

test('a rule that cannot be used is refused in words, at its place', async () => {
  const server = await serverOfTeams();
  const refused: [object, string, string][] = [
    [
      { ...OF_TEAM, build: '{describe' },
      'Write {KEY} for what a job says of itself under KEY, for example "{git.describe}".',
      '1.build',
    ],
    [
      { ...OF_TEAM, conditions: [{ key: 'team', regex: 'red(?=der)' }] },
      'Invalid or unsupported Perl syntax at character 4 ("(?="); patterns are RE2\'s, without look-around and back-references.',
      '1.match.team.regex',
    ],
    [
      { ...OF_TEAM, conditions: [{ key: 'team' }, { key: 'team', value: 'x' }] },
      '"team" has two conditions: write one.',
      '1.match.team',
    ],
    [{ ...OF_TEAM, sources: ['gamma'] }, 'No source is called "gamma".', '1.sources'],
    [{ ...OF_TEAM, project: '' }, 'Write a name, or {KEY} for what a job says of itself under KEY.', '1.project'],
  ];
  for (const [rule, message, field] of refused) {
    expect(await save(server, 0, [OF_TEAM, rule])).toEqual({
      mapping: null,
      userErrors: [{ code: 'INVALID', message, field }],
    });
    expect(await tried(server, [OF_TEAM, rule])).toMatchObject({ trial: null, userErrors: [{ message, field }] });
  }
  expect((await read(server)).revision).toBe(0);
});

test('who looked at older rules does not overwrite newer ones; who is no admin reads, tries and changes nothing', async () => {
  const server = await serverOfTeams();
  await save(server, 0, [OF_TEAM]);
  expect((await save(server, 0, [])).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'revision' }]);
  for (const [by, code] of [
    [undefined, 'UNAUTHORIZED'],
    ['reader', 'FORBIDDEN'],
  ] as const) {
    const given = { variables: { input: { revision: 1, rules: [] } }, ...(by && { token: by }) };
    expect((await server.data<Saved>(SAVE, given)).saveMapping.userErrors).toMatchObject([{ code }]);
    const trial = { variables: { input: { rules: [] } }, ...(by && { token: by }) };
    expect((await server.data<Tried>(TRY, trial)).tryMapping).toMatchObject({ trial: null, userErrors: [{ code }] });
    expect(await server.data(READ, by ? { token: by } : {})).toEqual({ mappingRules: null });
  }
  expect((await read(server)).rules[1]).toMatchObject({ origin: 'KEPT', project: '{team}' });
});
