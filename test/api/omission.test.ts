/** Results that people leave out: who may, what every number says then, and back again. */
import { expect, test } from 'vitest';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'tri', token: 'tri-token', teams: [], role: 'triage' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const JOB = `query ($id: String!) { job(source: "lab", externalId: $id) {
  counts { pass fail skip unknown total }
  build { counts { pass fail skip unknown total } matrix { counts { fail skip } } }
  testCases(first: 10) { nodes { id name result omission { result reason by } } }
  omitted { name omission { result } } } }`;
const OMIT = `mutation ($input: OmitResultsInput!) { omitResults(input: $input) {
  job { counts { fail skip } } userErrors { code field message } } }`;
const RESTORE = `mutation ($input: RestoreResultsInput!) { restoreResults(input: $input) {
  job { counts { fail skip } } userErrors { code field message } } }`;

type Counts = Record<'pass' | 'fail' | 'skip' | 'unknown' | 'total', number>;
type Case = {
  id: string;
  name: string;
  result: string;
  omission: { result: string; reason: string; by: string } | null;
};
type Job = {
  counts: Counts;
  build: { counts: Counts; matrix: { counts: Partial<Counts> }[] };
  testCases: { nodes: Case[] };
  omitted: Pick<Case, 'name' | 'omission'>[];
};
type Payload = { job: { counts: object } | null; userErrors: { code: string; field: string; message: string }[] };

async function world(): Promise<Server> {
  const server = await startServer({ sources: [settings('lab')], access });
  for (const [id, isPublic] of [
    ['1', true],
    ['2', true],
    ['3', false],
  ] as const) {
    const results = (['PASS', 'FAIL', 'FAIL', 'SKIP'] as const).map((result, i) =>
      caseOf({ externalId: Number(id) * 100 + i, name: `case${i}`, result }),
    );
    const steps = [caseOf({ externalId: Number(id) * 100 + 50, name: 'validate', result: 'FAIL' })];
    await write(
      server.writer,
      'lab',
      changeOf(jobOf({ externalId: id, isPublic }), [
        { externalId: 1, name: 'lava', isSteps: true, cases: steps },
        { externalId: 2, name: '0_smoke', isSteps: false, cases: results },
      ]),
    );
  }
  return server;
}

const jobOfServer = async (server: Server, id = '1', token?: string) =>
  (await server.data<{ job: Job }>(JOB, { variables: { id }, ...(token && { token }) })).job;
const idOf = (job: Job, name: string) => job.testCases.nodes.find((one) => one.name === name)?.id ?? '';

async function change(server: Server, kind: 'omit' | 'restore', input: object, token?: string): Promise<Payload> {
  const answer = await server.data<Record<string, Payload>>(kind === 'omit' ? OMIT : RESTORE, {
    variables: { input },
    ...(token && { token }),
  });
  return answer[`${kind}Results`] as Payload;
}

test('a result left out counts as skipped on every level, says why and what it was, and comes back', async () => {
  const server = await world();
  const before = await jobOfServer(server);
  const testCases = [idOf(before, 'case1'), idOf(before, 'case0')];

  const done = await change(server, 'omit', { testCases, reason: ' board unplugged ' }, 'tri-token');
  expect(done).toEqual({ job: { counts: { fail: 1, skip: 3 } }, userErrors: [] });

  const now = await jobOfServer(server);
  expect(now.counts).toEqual({ pass: 0, fail: 1, skip: 3, unknown: 0, total: 4 });
  expect(now.build.counts).toEqual({ pass: 1, fail: 3, skip: 4, unknown: 0, total: 8 });
  expect(now.build.matrix.map(({ counts }) => counts)).toEqual([{ fail: 3, skip: 4 }]);
  expect(now.testCases.nodes.find(({ name }) => name === 'case1')).toMatchObject({
    result: 'SKIP',
    omission: { result: 'FAIL', reason: 'board unplugged', by: 'tri' },
  });
  expect(now.omitted).toEqual([
    { name: 'case0', omission: { result: 'PASS' } },
    { name: 'case1', omission: { result: 'FAIL' } },
  ]);

  expect(await change(server, 'restore', { testCases }, 'root-token')).toEqual({
    job: { counts: { fail: 2, skip: 1 } },
    userErrors: [],
  });
  expect(await jobOfServer(server)).toEqual(before);

  const events = await server.store.sql.all('SELECT actor, action, target, before, after FROM audit_event ORDER BY id');
  expect(events).toEqual([
    {
      actor: 'tri',
      action: 'result.omit',
      target: 'lab/1',
      before: null,
      after: '{"results":[101,100],"reason":"board unplugged"}',
    },
    {
      actor: 'root',
      action: 'result.restore',
      target: 'lab/1',
      before: '{"results":[101,100],"reasons":["board unplugged"]}',
      after: null,
    },
  ]);
});

test('twice is once: the first reason stays, and nothing is written', async () => {
  const server = await world();
  const testCases = [idOf(await jobOfServer(server), 'case1')];
  await change(server, 'omit', { testCases, reason: 'first' }, 'tri-token');
  const [{ revision } = { revision: 0 }] = await server.store.sql.all<{ revision: number }>(
    "SELECT revision FROM job WHERE external_id = '1'",
  );

  await change(server, 'omit', { testCases, reason: 'second' }, 'root-token');

  expect((await jobOfServer(server)).testCases.nodes[2]?.omission).toEqual({
    result: 'FAIL',
    reason: 'first',
    by: 'tri',
  });
  expect(await server.store.sql.all("SELECT revision FROM job WHERE external_id = '1'")).toEqual([{ revision }]);
  expect(await server.store.sql.all('SELECT id FROM audit_event')).toHaveLength(1);
});

test('who may not judge results is told so, and nothing is done', async () => {
  const server = await world();
  const before = await jobOfServer(server);
  const input = { testCases: [idOf(before, 'case1')], reason: 'because' };
  for (const kind of ['omit', 'restore'] as const) {
    const given = kind === 'omit' ? input : { testCases: input.testCases };
    expect((await change(server, kind, given)).userErrors.map(({ code }) => code)).toEqual(['UNAUTHORIZED']);
    expect((await change(server, kind, given, 'ann-token')).userErrors.map(({ code }) => code)).toEqual(['FORBIDDEN']);
  }
  expect(await jobOfServer(server)).toEqual(before);
});

test('what cannot be left out is said, with the field', async () => {
  const server = await world();
  const mine = await jobOfServer(server);
  const other = await jobOfServer(server, '2');
  const hidden = await jobOfServer(server, '3', 'root-token');
  const refused = async (testCases: string[], reason = 'because') =>
    (await change(server, 'omit', { testCases, reason }, 'tri-token')).userErrors.map(({ code, field }) => [
      code,
      field,
    ]);

  expect(await refused([idOf(mine, 'case1')], '  ')).toEqual([['INVALID', 'reason']]);
  expect(await refused([idOf(mine, 'case1')], 'x'.repeat(501))).toEqual([['INVALID', 'reason']]);
  expect(await refused([])).toEqual([['INVALID', 'testCases']]);
  expect(await refused(['nonsense'])).toEqual([['INVALID', 'testCases']]);
  expect(await refused([idOf(mine, 'case1'), idOf(other, 'case1')])).toEqual([['INVALID', 'testCases']]);
  expect(await refused([idOf(mine, 'case1'), idOf(mine, 'validate')])).toEqual([['NOT_FOUND', 'testCases']]);
  const absent = Buffer.from('["TestCase","lab",0,"9",901]').toString('base64url');
  expect(await refused([absent])).toEqual(await refused([idOf(hidden, 'case1')]));
  expect(await jobOfServer(server)).toEqual(mine);
  expect(await server.store.sql.all('SELECT * FROM omission')).toEqual([]);
});

test('what is left out of a job nobody may see is not told', async () => {
  const server = await world();
  const hidden = await jobOfServer(server, '3', 'root-token');
  await change(server, 'omit', { testCases: [idOf(hidden, 'case1')], reason: 'secret' }, 'root-token');

  expect((await jobOfServer(server, '3', 'root-token')).omitted).toHaveLength(1);
  expect(await jobOfServer(server, '3', 'tri-token')).toBeNull();
});
