/** Notes to jobs and results: who may, what is refused, who reads them, and what that costs. */
import { expect, test } from 'vitest';
import { removeJob } from '#store/remove-job.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { settings } from '../store/settings.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

const access = [
  { login: 'ann', token: 'ann-token', teams: [], role: 'viewer' as const },
  { login: 'tri', token: 'tri-token', teams: [], role: 'triage' as const },
  { login: 'tom', token: 'tom-token', teams: [], role: 'triage' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
const NOTES = `fragment notes on Job { id externalId notes { id text by at isOfResult mayRemove testCase { name } }
  testCases(first: 10) { nodes { id name notes { text } } } }`;
const JOBS = `{ jobs(first: 50) { nodes { ...notes } } } ${NOTES}`;
const JOB = `query ($id: String!) { job(source: "lab", externalId: $id) { ...notes } } ${NOTES}`;
const ADD = 'mutation ($input: AddNoteInput!) { payload: addNote(input: $input) { job { notes { text } } ...why } }';
const REMOVE =
  'mutation ($input: RemoveNoteInput!) { payload: removeNote(input: $input) { job { notes { text } } ...why } }';
const WHY = 'fragment why on NotePayload { userErrors { code field } }';

type Note = { id: string; text: string; by: string; isOfResult: boolean; mayRemove: boolean; testCase: object | null };
type Job = {
  id: string;
  externalId: string;
  notes: Note[];
  testCases: { nodes: { id: string; name: string; notes: object[] }[] };
};
type Payload = { job: { notes: { text: string }[] } | null; userErrors: { code: string; field: string }[] };

async function world(): Promise<Server> {
  const server = await startServer({ sources: [settings('lab')], access });
  for (const id of [1, 2, 3]) {
    const cases = [0, 1].map((i) => caseOf({ externalId: id * 100 + i, name: `case${i}`, result: 'FAIL' }));
    await write(
      server.writer,
      'lab',
      changeOf(jobOf({ externalId: String(id), isPublic: id < 3 }), [
        { externalId: 2, name: '0_smoke', isSteps: false, cases },
      ]),
    );
  }
  return server;
}

const asOf = (token?: string) => (token === undefined ? {} : { token });
const jobOfServer = async (server: Server, id = '1', token?: string) =>
  (await server.data<{ job: Job }>(JOB, { variables: { id }, ...asOf(token) })).job;
const add = async (server: Server, input: object, token?: string) =>
  (await server.data<{ payload: Payload }>(`${ADD} ${WHY}`, { variables: { input }, ...asOf(token) })).payload;
const remove = async (server: Server, note: string, token?: string) =>
  (await server.data<{ payload: Payload }>(`${REMOVE} ${WHY}`, { variables: { input: { note } }, ...asOf(token) }))
    .payload;
const codesOf = ({ userErrors }: Payload) => userErrors.map(({ code, field }) => [code, field]);

test('S-34: a note to a job and one to a result are read by who sees the job, as they were written, the oldest first', async () => {
  const server = await world();
  const { id, testCases } = await jobOfServer(server);
  const text = '<b>loose cable</b>\nsee https://bugs.example/1 \u0000';
  expect(await add(server, { about: id, text: ` ${text} ` }, 'tri-token')).toEqual({
    job: { notes: [{ text }] },
    userErrors: [],
  });
  await add(server, { about: testCases.nodes[1]?.id, text: 'flaky' }, 'root-token');

  const job = await jobOfServer(server);
  expect(job.notes).toMatchObject([
    { text, by: 'tri', isOfResult: false, testCase: null, mayRemove: false },
    { text: 'flaky', by: 'root', isOfResult: true, testCase: { name: 'case1' }, mayRemove: false },
  ]);
  expect(job.testCases.nodes.map(({ notes }) => notes)).toEqual([[], [{ text: 'flaky' }]]);
  expect((await jobOfServer(server, '2')).notes).toEqual([]);
});

test('a note is removed by who wrote it and by an admin, and both are events', async () => {
  const server = await world();
  const { id, testCases } = await jobOfServer(server);
  await add(server, { about: testCases.nodes[0]?.id, text: 'mine' }, 'tri-token');
  await add(server, { about: id, text: 'also' }, 'tri-token');
  const mayRemove = async (token: string) => (await jobOfServer(server, '1', token)).notes.map((one) => one.mayRemove);
  expect([await mayRemove('tri-token'), await mayRemove('tom-token'), await mayRemove('root-token')]).toEqual([
    [true, true],
    [false, false],
    [true, true],
  ]);
  const [mine, also] = (await jobOfServer(server)).notes.map((one) => one.id);

  expect(codesOf(await remove(server, mine ?? '', 'tom-token'))).toEqual([['FORBIDDEN', null]]);
  expect((await remove(server, mine ?? '', 'tri-token')).job).toEqual({ notes: [{ text: 'also' }] });
  expect((await remove(server, also ?? '', 'root-token')).job).toEqual({ notes: [] });
  expect(codesOf(await remove(server, also ?? '', 'root-token'))).toEqual([['NOT_FOUND', 'note']]);

  const events = await server.store.sql.all('SELECT actor, action, target, before, after FROM audit_event ORDER BY id');
  const none = { target: 'lab/1', before: null, after: null };
  expect(events).toEqual([
    { ...none, actor: 'tri', action: 'note.add', after: '{"text":"mine","result":100}' },
    { ...none, actor: 'tri', action: 'note.add', after: '{"text":"also","result":null}' },
    { ...none, actor: 'tri', action: 'note.remove', before: '{"text":"mine","by":"tri","result":100}' },
    { ...none, actor: 'root', action: 'note.remove', before: '{"text":"also","by":"tri","result":null}' },
  ]);
});

test('what cannot be written is said, with the field, and nothing is done', async () => {
  const server = await world();
  const { id } = await jobOfServer(server);
  const hidden = await jobOfServer(server, '3', 'root-token');
  const refused = async (input: object, token?: string) =>
    codesOf(await add(server, { about: id, text: 'x', ...input }, token));

  expect(await refused({})).toEqual([['UNAUTHORIZED', null]]);
  expect(await refused({}, 'ann-token')).toEqual([['FORBIDDEN', null]]);
  expect(await refused({ text: ' \n ' }, 'tri-token')).toEqual([['INVALID', 'text']]);
  expect(await refused({ about: 'nonsense' }, 'tri-token')).toEqual([['INVALID', 'about']]);
  const absent = Buffer.from('["Job","lab",0,"9"]').toString('base64url');
  expect(await refused({ about: absent }, 'tri-token')).toEqual([['NOT_FOUND', 'about']]);
  expect(await refused({ about: hidden.id }, 'tri-token')).toEqual([['NOT_FOUND', 'about']]);
  expect(await refused({ about: hidden.testCases.nodes[0]?.id }, 'tri-token')).toEqual([['NOT_FOUND', 'about']]);
  const noCase = Buffer.from('["TestCase","lab",0,"1",999]').toString('base64url');
  expect(await refused({ about: noCase }, 'tri-token')).toEqual([['NOT_FOUND', 'about']]);
  const tooLong = await server.ask(`${ADD} ${WHY}`, {
    variables: { input: { about: id, text: 'x'.repeat(2_001) } },
    token: 'tri-token',
  });
  expect(tooLong.body.errors?.[0]?.message).toContain('2000 are allowed');
  expect(await server.store.sql.all('SELECT * FROM note')).toEqual([]);
});

test('a job takes a hundred notes and no more; they go with it', async () => {
  const server = await world();
  const { id } = await jobOfServer(server);
  await add(server, { about: id, text: 'first' }, 'tri-token');
  const [row] = await server.store.sql.all<{ jobId: number; at: number }>('SELECT job_id AS "jobId", at FROM note');
  const { jobId, at } = row ?? { jobId: 0, at: 0 };
  const { sql } = server.writer.store;
  for (let i = 1; i < 100; i++)
    await sql.run("INSERT INTO note (job_id, at, text, login) VALUES (?, ?, 'more', 'tri')", jobId, at + i);

  expect(codesOf(await add(server, { about: id, text: 'x' }, 'tri-token'))).toEqual([['CONFLICT', 'about']]);
  expect((await jobOfServer(server)).notes).toHaveLength(100);
  await server.writer.transaction(() => removeJob(server.writer, jobId));
  expect(await server.store.sql.all('SELECT * FROM note')).toEqual([]);
});

test('notes of jobs that one may not see change no byte; notes of many jobs take as many queries as those of one', async () => {
  const server = await world();
  const notes = async (id: string, text: string) => {
    const job = await jobOfServer(server, id, 'root-token');
    for (const about of [job.id, ...job.testCases.nodes.map((one) => one.id)])
      await add(server, { about, text }, 'root-token');
  };
  // Not what is left of the budget, which each question makes less.
  const told = async (query: string) => JSON.stringify((await server.ask(query)).body.data);
  const costs = async () => {
    const before = server.store.statementCount();
    const answer = await told(NOTES_OF_JOBS);
    return { answer, cost: server.store.statementCount() - before };
  };
  const NOTES_OF_JOBS = '{ jobs(first: 50) { nodes { notes { id text by at mayRemove } } } }';
  await notes('1', 'seen');
  await costs();
  const one = await costs();
  const whole = await told(JOBS);
  await notes('3', 'hidden');
  expect((await costs()).answer).toBe(one.answer);
  expect(await told(JOBS)).toBe(whole);
  await notes('2', 'seen too');
  const two = await costs();
  expect(two.answer).not.toBe(one.answer);
  expect(two.cost).toBe(one.cost);
});
