/** Open jobs that somebody looks at: their state and what their logs have beyond what is known. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KnownLog, Tail } from '#adapters/adapter.ts';
import { context } from '../contract/adapter.ts';
import { openJob, send } from './fake-master.ts';
import { lavaWorld } from './lava-world.ts';

const world = lavaWorld();

const line = (n: number) => `- {"dt": "2026-05-01T00:00:00.00000${n % 10}", "lvl": "target", "msg": "line ${n}"}\n`;
const lines = (count: number, from = 0) => Array.from({ length: count }, (_, i) => line(from + i)).join('');
const known = (id: number, lineCount = 0): KnownLog => ({
  externalId: String(id),
  lineCount,
  lastLine: lineCount === 0 ? null : Buffer.from(line(lineCount - 1)),
});

async function tail(...logs: KnownLog[]): Promise<Tail[]> {
  const tails = await world().adapter.tail(logs, context());
  if (!tails) throw new Error('cannot be followed');
  return tails;
}
const textOf = (tails: readonly Tail[]) => tails.map((one) => one.lines.toString());
const askedSince = (before: number) =>
  world()
    .master.asked.slice(before)
    .map(
      ({ path, query }) =>
        `${path.slice('/api/v0.2/'.length)}${query.has('start') ? `?start=${query.get('start')}` : ''}`,
    );

test('of jobs that are looked at, the list is asked for once and each log once', async () => {
  for (const id of [6, 7, 8]) openJob(world().master, id).log = lines(id);
  await tail(known(6));
  const before = world().master.asked.length;
  const tails = await tail(known(6, 4), known(7, 7), known(8));
  expect(askedSince(before)).toEqual(['jobs/', 'jobs/6/logs/?start=3', 'jobs/7/logs/?start=6', 'jobs/8/logs/']);
  expect(textOf(tails)).toEqual([lines(2, 4), '', lines(8)]);
  expect(tails.map(({ job }) => [job.externalId, job.state])).toEqual([
    ['6', 'RUNNING'],
    ['7', 'RUNNING'],
    ['8', 'RUNNING'],
  ]);
});

test('what is asked for the sake of who looks is counted as that, and of no run', async () => {
  openJob(world().master, 6).log = lines(3);
  await tail(known(6));
  await world().adapter.drain(async () => undefined);
  const before = world().adapter.usage();
  await tail(known(6, 2));
  expect(world().adapter.usage()).toMatchObject({ requests: before.requests, bytes: before.bytes });
  const kinds: [string, number][] = [];
  await world().adapter.drain(
    async (asked) => void kinds.push(...asked.map(({ kind, requests }): [string, number] => [kind, requests])),
  );
  expect(kinds).toEqual([['LIVE', 2]]);
});

test('L-64: a log that grows between any two looks, in the middle of lines and of letters, comes whole and once', async () => {
  const text = Buffer.from([0, 1, 2, 3].map((n) => line(n).replace('line', `ä😀 line`)).join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 6 }), async (cuts) => {
      const job = openJob(world().master, 6);
      let got = Buffer.alloc(0);
      let count = 0;
      let last: Buffer | null = null;
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        job.log = text.subarray(0, cut);
        const [one] = await tail({ externalId: '6', lineCount: count, lastLine: last });
        const more = one?.lines ?? Buffer.alloc(0);
        expect(one?.problem).toBeNull();
        if (more.length === 0) continue;
        got = Buffer.concat([got, more]);
        const all = got.toString().split(/(?<=\n)/);
        count = all.length;
        last = Buffer.from(all.at(-1) ?? '');
      }
      expect(got.toString()).toBe(text.toString());
    }),
    { numRuns: 60 },
  );
});

test('L-64: a log that is another one, and a server that begins anew at any line, are no continuation', async () => {
  const job = openJob(world().master, 6);
  job.log = lines(5).replace('line 2', 'line two');
  const [other] = await tail(known(6, 3));
  expect(other?.lines.length).toBe(0);
  expect(other?.problem?.message).toMatch(/does not go on from line 2/);
  world().master.fault = ({ path }, response) =>
    path.endsWith('/logs/') && send(response, 200, lines(9), { 'content-type': 'application/yaml' });
  const [anew] = await tail(known(6, 3));
  expect(anew?.problem?.code).toBe('BAD_PAYLOAD');
});

test('L-64: a log that is gone for the moment, a job that waits, and one that is not shown say nothing new', async () => {
  openJob(world().master, 6).log = null;
  openJob(world().master, 7, 'Submitted').log = 'not asked for';
  openJob(world().master, 8);
  world().master.concealed.add(8);
  const tails = await tail(known(6, 3), known(7), known(8));
  expect(tails.map(({ job, lines, problem }) => [job.externalId, job.state, lines.length, problem])).toEqual([
    ['6', 'RUNNING', 0, null],
    ['7', 'SUBMITTED', 0, null],
  ]);
});

test('a log that cannot be read keeps back no other', async () => {
  openJob(world().master, 6).log = lines(2);
  openJob(world().master, 7).log = lines(2);
  world().master.fault = ({ path }, response) => path.endsWith('jobs/6/logs/') && send(response, 403, '{}');
  const [refused, read] = await tail(known(6), known(7));
  expect(refused?.problem?.code).toBe('FORBIDDEN');
  expect(read?.lines.toString()).toBe(lines(2));
});

test('a log of ten megabytes comes in pieces, a line without end is refused', async () => {
  const long = `- {"lvl": "target", "msg": "${'x'.repeat(1000)}"}\n`;
  const job = openJob(world().master, 6);
  job.log = long.repeat(10_000);
  let count = 0;
  const sizes: number[] = [];
  for (;;) {
    const [one] = await tail({ externalId: '6', lineCount: count, lastLine: count === 0 ? null : Buffer.from(long) });
    if (!one || one.lines.length === 0) break;
    sizes.push(one.lines.length);
    count += one.lines.length / long.length;
  }
  expect(count).toBe(10_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024);
  job.log = 'x'.repeat(5_000_000);
  expect((await tail(known(6)))[0]?.problem?.message).toMatch(/too long/);
});
