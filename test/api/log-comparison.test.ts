/** The logs of two jobs side by side. */
import { expect, test } from 'vitest';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

type Line = { n: number; text: string } | null;
type Compared = {
  baseLog: { from: number; lineCount: number; totalLines: number; truncated: boolean } | null;
  targetLog: Compared['baseLog'];
  sameCount: number;
  baseOnlyCount: number;
  targetOnlyCount: number;
  isWhole: boolean;
  sideBySide: { base: Line; target: Line; isSame: boolean; count: number }[];
};

const QUERY = `query ($base: JobRef!, $target: JobRef!, $baseFrom: Int, $context: Int) {
  compareLogs(base: $base, target: $target, baseFrom: $baseFrom) {
    baseLog { ...log } targetLog { ...log } sameCount baseOnlyCount targetOnlyCount isWhole(context: $context)
    sideBySide(context: $context) { base { n text } target { n text } isSame count }
  }
}
fragment log on ComparedLog { from lineCount totalLines truncated }`;

const job = (externalId: string) => ({ source: 'alpha', externalId });

async function addLog(server: Server, number: number, texts: readonly string[] | null, more = {}): Promise<void> {
  const change = changeOf(jobOf({ externalId: String(number), device: `board-${number}`, ...more }), []);
  if (!change.results) throw new Error('it has finished');
  const lines = (texts ?? []).map(
    (msg, i) =>
      `- ${JSON.stringify({ dt: `2026-05-0${number}T00:00:${String(i % 60).padStart(2, '0')}`, lvl: 'target', msg })}\n`,
  );
  if (texts) change.results.log = { bytes: [Buffer.from(lines.join(''))], truncated: false };
  await write(server.writer, 'alpha', change);
}

async function compare(server: Server, base: number, target: number, more: object = {}): Promise<Compared> {
  const variables = { base: job(String(base)), target: job(String(target)), ...more };
  return (await server.data<{ compareLogs: Compared }>(QUERY, { variables })).compareLogs;
}

test('lines that differ in times, addresses and names of boards alone are the same', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addLog(server, 1, [
    '[    1.234567] smsc95xx eth0: MAC 00:11:22:33:44:55 on board-1',
    '[    2.000001] usb 1-1: at ffff8000abcd1234',
    'mounted root',
    'passed',
  ]);
  await addLog(server, 2, [
    '[    1.299999] smsc95xx eth0: MAC aa:bb:cc:dd:ee:ff on board-2',
    '[    3.100001] usb 1-1: at ffff8000abcd9999',
    'Kernel panic - not syncing',
    'passed',
  ]);

  const compared = await compare(server, 1, 2, { context: 1 });

  expect(compared).toMatchObject({ sameCount: 3, baseOnlyCount: 1, targetOnlyCount: 1, isWhole: true });
  expect(compared.sideBySide.map(({ base, target, isSame, count }) => [base?.n, target?.n, isSame, count])).toEqual([
    [0, 0, true, 1],
    [1, 1, true, 1],
    [2, 2, false, 1],
    [3, 3, true, 1],
  ]);
  expect(compared.sideBySide[2]?.target?.text).toBe('Kernel panic - not syncing');
});

test('of a long log so much is compared as is said, from where is asked', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const long = Array.from({ length: 6_000 }, (_, i) => `step ${'x'.repeat(i % 7)}y${'z'.repeat(i % 11)}`);
  await addLog(server, 1, long);
  await addLog(server, 2, long.slice(0, 10));

  expect(await compare(server, 1, 2)).toMatchObject({
    baseLog: { from: 0, lineCount: 5_000, totalLines: 6_000 },
    targetLog: { from: 0, lineCount: 10, totalLines: 10 },
    sameCount: 10,
    isWhole: false,
  });
  const end = await compare(server, 1, 2, { baseFrom: 5_990 });
  expect(end.baseLog).toEqual({ from: 5_990, lineCount: 10, totalLines: 6_000, truncated: false });
  expect(end.sideBySide.flatMap(({ base }) => base?.n ?? []).at(-1)).toBe(5_999);
});

test('a job without a log, one that is not there, and one that may not be seen are told apart from an empty log', async () => {
  const server = await startServer({ sources: ['alpha'] });
  await addLog(server, 1, ['one', 'two']);
  await addLog(server, 2, null);
  await addLog(server, 3, ['one'], { isPublic: false });

  expect(await compare(server, 1, 2)).toMatchObject({ targetLog: null, sameCount: 0, baseOnlyCount: 2 });
  for (const number of ['3', '77']) {
    const { body } = await server.ask(QUERY, { variables: { base: job('1'), target: job(number) } });
    expect(body.errors?.[0]).toMatchObject({
      message: `There is no job "alpha/${number}".`,
      extensions: { code: 'NOT_FOUND' },
    });
  }
  const { body } = await server.ask(QUERY, { variables: { base: job('1'), target: job('2'), baseFrom: -1 } });
  expect(body.errors?.[0]?.message).toBe('A log is compared from line -1: ask from line 0 on.');
});
