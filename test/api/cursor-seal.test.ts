import { expect, test } from 'vitest';
import { openCursorSeal } from '#api/cursor-seal.ts';
import { temporaryWriter } from '../store/temporary.ts';
import { addJob, startServer } from './server.ts';

type Jobs = { jobs: { edges: { cursor: string }[]; pageInfo: { endCursor: string } } };
const LIST = 'query ($after: String) { jobs(first: 1, after: $after) { edges { cursor } pageInfo { endCursor } } }';

test('S-02: a cursor tells no number of a row, nor how large one is', async () => {
  const server = await startServer({ sources: ['alpha'] });
  for (const number of [1, 2]) await addJob(server, 'alpha', number);
  const ask = async (after?: string) => (await server.data<Jobs>(LIST, { variables: { after } })).jobs;
  const first = await ask();
  const second = await ask(first.pageInfo.endCursor);
  const cursors = [first, second].map((page) => page.edges[0]?.cursor ?? '');
  expect(cursors.map((cursor) => cursor.length)).toEqual([64, 64]);
  expect(first.pageInfo.endCursor).toBe(cursors[0]);
  expect((await ask()).edges[0]?.cursor).toBe(cursors[0]);
  for (const cursor of cursors) expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/\d{4}|\[/);
});

test('cursors hold for all who serve the store and for no other store, and nobody makes his own', async () => {
  const [here, elsewhere] = [await temporaryWriter(), await temporaryWriter()];
  const open = ({ store }: typeof here) => openCursorSeal(store, deskOf(store));
  const deskOf = (store: typeof here.store) => ({
    open: async () => store,
    openImpatiently: async () => store,
    mailer: null,
    webhooks: { problemOf: () => null, post: () => Promise.reject(new Error('not asked')) },
    trySource: () => Promise.reject(new Error('not asked')),
    vault: { seal: () => Buffer.alloc(0), open: () => '' },
  });
  const [one, same] = await Promise.all([open(here), open(here)]);
  const cursor = JSON.stringify([1_780_000_000_000_000, 4711]);
  const sealed = one.seal(cursor);
  expect(JSON.parse(same.open(sealed))).toEqual(JSON.parse(cursor));
  expect((await open(elsewhere)).open(sealed)).toBe('');
  for (const forged of ['', 'nonsense', Buffer.from(cursor).toString('base64url'), `${sealed.slice(0, -2)}AA`])
    expect(one.open(forged)).toBe('');
  expect(one.seal(JSON.stringify([1, 1]))).toHaveLength(one.seal(JSON.stringify([1, 2 ** 31 - 1])).length);
});
