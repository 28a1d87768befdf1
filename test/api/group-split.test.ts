/** Failure groups that people take apart: tried, made, told of and undone, by whom, and what nobody else is told. */
import { expect, test } from 'vitest';
import { rebuild } from '#store/rebuild.ts';
import { splitStored } from '#store/split-stored.ts';
import { addFailure, addFailures, NOW, timedOut } from '../store/failing-world.ts';
import { readEveryLog } from '../store/read-every-log.ts';
import { settings } from '../store/settings.ts';
import { type Server, startServer } from './server.ts';

const access = [
  { login: 'vic', token: 'vic-token', teams: [], role: 'viewer' as const },
  { login: 'ada', token: 'ada-token', teams: [], role: 'triage' as const },
  { login: 'bob', token: 'bob-token', teams: ['kernel'], role: 'triage' as const },
];

type Part = { title: string; count: number };
type Split = {
  id: string;
  splitBy: string;
  value: string | null;
  by: string;
  left: number;
  isDone: boolean;
  parts: Part[];
};
type Problem = { code: string; field: string | null; message: string };
type Payload = { split: Split | null; userErrors: Problem[] };
type Trial = {
  sentence: string;
  parts: Part[];
  matchesNothing: boolean;
  matchesEverything: boolean;
  userErrors: Problem[];
};
type Group = {
  fingerprint: string;
  title: string;
  count: number;
  why: string;
  triage: object | null;
  splitFrom: Split | null;
};

const SPLIT = 'id splitBy value by left isDone parts { title count }';
const LOGIN = 'login-action timed out after <duration> on <host>';

async function world(): Promise<Server> {
  const sources = ['alpha', 'beta', settings('closed', { visibility: 'RESTRICTED', teams: ['kernel'] })];
  const server = await startServer({ sources, access });
  await addFailures(server.writer);
  for (const number of [90, 91]) await addFailure(server.writer, 'closed', number, timedOut('rpi-1', 9), []);
  return server;
}

async function groups(server: Server, token = 'ada-token'): Promise<Group[]> {
  const query = `{ failureGroups { nodes { fingerprint title count why triage { state } splitFrom { ${SPLIT} } } } }`;
  return (await server.data<{ failureGroups: { nodes: Group[] } }>(query, { token })).failureGroups.nodes;
}
const printOf = async (server: Server, begin: string) =>
  (await groups(server)).find(({ title }) => title.startsWith(begin))?.fingerprint ?? expect.fail(begin);
async function tried(server: Server, input: object, token = 'ada-token'): Promise<Trial> {
  const query = `query ($input: SplitInput!) { trial: trySplit(input: $input) {
    sentence parts { title count } matchesNothing matchesEverything userErrors { code field message } } }`;
  return (await server.data<{ trial: Trial }>(query, { variables: { input }, token })).trial;
}
async function change(server: Server, name: string, input: object, token = 'ada-token'): Promise<Payload> {
  const type = name === 'undoSplit' ? 'UndoSplitInput!' : 'SplitFailureGroupInput!';
  const query = `mutation ($input: ${type}) { payload: ${name}(input: $input) { split { ${SPLIT} } userErrors { code field message } } }`;
  return (await server.data<{ payload: Payload }>(query, { variables: { input }, token })).payload;
}
const codes = ({ userErrors }: { userErrors: Problem[] }) => userErrors.map(({ code, field }) => [code, field]);
const told = async (server: Server, fingerprint: string, token = 'ada-token') =>
  (
    await server.data<{ groupSplits: Split[] }>(`query ($it: String!) { groupSplits(fingerprint: $it) { ${SPLIT} } }`, {
      variables: { it: fingerprint },
      token,
    })
  ).groupSplits;
async function apply({ writer }: Server): Promise<void> {
  while (await splitStored(writer));
}

test('what is tried is what becomes; a part says why it is one and is to be triaged, and an undo brings all back', async () => {
  const server = await world();
  const before = await groups(server);
  const fingerprint = await printOf(server, 'login');
  const setTriage = 'mutation ($input: SetTriageInput!) { setTriage(input: $input) { userErrors { code } } }';
  await server.data(setTriage, {
    variables: { input: { fingerprints: [fingerprint], state: 'BUG' } },
    token: 'ada-token',
  });
  const split = { fingerprint, by: 'MESSAGE', value: 'rpi-1$' };
  const trial = await tried(server, split);
  expect(trial.sentence).toBe('2 of 3 jobs would be in 1 part, 1 would stay.');
  expect(trial.parts).toEqual([{ title: `${LOGIN} · /rpi-1$/`, count: 2 }]);

  const made = await change(server, 'splitFailureGroup', { split, reason: ' a board ' });
  expect(made).toMatchObject({ userErrors: [], split: { left: 3, isDone: false, by: 'ada', parts: [] } });
  await apply(server);
  const [part] = (await groups(server)).filter(({ splitFrom }) => splitFrom);
  expect(part).toMatchObject({
    ...trial.parts[0],
    triage: null,
    splitFrom: { left: 1, isDone: true, value: 'rpi-1$' },
  });
  expect(part?.why).toMatch(/ Of these, it has those whose message has the pattern rpi-1\$\.$/);
  expect((await groups(server)).find((group) => group.fingerprint === fingerprint)?.triage).toEqual({ state: 'BUG' });
  expect((await told(server, fingerprint))[0]?.parts).toEqual(trial.parts);
  await readEveryLog(server.writer);
  expect(await rebuild(server.writer, NOW)).toEqual([]);

  expect(codes(await change(server, 'undoSplit', { split: made.split?.id }))).toEqual([]);
  await apply(server);
  const now = (await groups(server)).map(({ triage: _, ...group }) => group);
  expect(now).toEqual(before.map(({ triage: _, ...group }) => group));
  expect(codes(await change(server, 'undoSplit', { split: made.split?.id }))).toEqual([['NOT_FOUND', 'split']]);
});

test('what cannot be tried or made is refused in words, by who may and of what it sees', async () => {
  const server = await world();
  const fingerprint = await printOf(server, 'login');
  const by = (name: string, value: string | null) => ({ fingerprint, by: name, value });
  const make = (split: object, token?: string, reason = 'x') =>
    change(server, 'splitFailureGroup', { split, reason }, token);

  const wrong = await tried(server, by('MESSAGE', '(?=a)'));
  expect(codes(wrong)).toEqual([['INVALID', 'value']]);
  expect(wrong.userErrors[0]?.message).toMatch(/^The pattern is none: .* patterns are RE2's/);
  expect(codes(await tried(server, by('MESSAGE', ' ')))).toEqual([['INVALID', 'value']]);
  expect(codes(await tried(server, { ...by('SOURCE', null), fingerprint: 'v1:x' }))).toEqual([
    ['NOT_FOUND', 'fingerprint'],
  ]);
  expect(await tried(server, by('MESSAGE', 'x{9}'))).toMatchObject({ matchesNothing: true, matchesEverything: false });
  expect(await tried(server, by('MESSAGE', '.'))).toMatchObject({ matchesNothing: false, matchesEverything: true });
  expect((await tried(server, by('SOURCE', 'closed'))).matchesNothing).toBe(true);

  expect(codes(await make(by('SOURCE', null), 'vic-token'))).toEqual([['FORBIDDEN', null]]);
  expect(codes(await make(by('SOURCE', 'closed')))).toEqual([['NOT_FOUND', 'split']]);
  expect(codes(await make(by('SOURCE', null), 'ada-token', ' '))).toEqual([['INVALID', 'reason']]);
  const { split } = await make(by('SOURCE', 'closed'), 'bob-token');
  expect(split).toMatchObject({ splitBy: 'SOURCE', value: 'closed' });
  await apply(server);
  expect((await told(server, fingerprint, 'bob-token'))[0]?.parts).toEqual([
    { title: `${LOGIN} · lab closed`, count: 2 },
  ]);
  expect(await told(server, fingerprint)).toEqual([]);
  expect((await groups(server)).some(({ title }) => title.includes('closed'))).toBe(false);
  expect(codes(await change(server, 'undoSplit', { split: split?.id }))).toEqual([['NOT_FOUND', 'split']]);
  expect(codes(await change(server, 'undoSplit', { split: 'x' }))).toEqual([['NOT_FOUND', 'split']]);
});

test('what a kernel said leads from a job to the part', async () => {
  const server = await world();
  const fingerprint = await printOf(server, 'kernel');
  await change(server, 'splitFailureGroup', { split: { fingerprint, by: 'SOURCE', value: null }, reason: 'x' });
  await apply(server);
  const query = `{ job(source: "beta", externalId: "6") { kernelFaults { fingerprint }
    failureGroups { group { fingerprint title } } } }`;
  const { job } = await server.data<{
    job: {
      kernelFaults: { fingerprint: string }[];
      failureGroups: { group: { fingerprint: string; title: string } }[];
    };
  }>(query);
  const group = job.failureGroups.map((one) => one.group).find(({ title }) => title.endsWith('lab beta'));
  expect(job.kernelFaults).toEqual([{ fingerprint: group?.fingerprint }]);
});

test('a form splits and takes it back, and leads on; a list of parts costs the same queries however long it is', async () => {
  const server = await world();
  const fingerprint = await printOf(server, 'login');
  const post = async (fields: Record<string, string>, cookie = 'basalt_token=ada-token') => {
    const body = new URLSearchParams({ next: '/failures/x', ...fields });
    const headers = { origin: server.url, cookie };
    const reply = await fetch(`${server.url}/triage`, { method: 'POST', redirect: 'manual', headers, body });
    return reply.headers.get('location');
  };
  const fields = { split: fingerprint, by: 'SOURCE', value: '', reason: 'two PDUs' };
  expect(await post(fields, '')).toBe('/failures/x?refused=UNAUTHORIZED');
  expect(await post({ ...fields, by: 'MOON' })).toBe('/failures/x?refused=INVALID');
  expect(await post(fields)).toBe('/failures/x');
  await apply(server);
  const cost = async (first: number) => {
    const before = server.store.statementCount();
    await server.data(`{ failureGroups(first: ${first}) { nodes { splitFrom { parts { count } } } } }`);
    return server.store.statementCount() - before;
  };
  await cost(1);
  expect(await cost(3)).toBe(await cost(1));
  const [split] = await told(server, fingerprint);
  expect(split?.parts).toHaveLength(2);
  expect(await post({ unsplit: split?.id ?? '' })).toBe('/failures/x');
  expect(await told(server, fingerprint)).toEqual([]);
});
