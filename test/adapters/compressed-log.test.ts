import { expect, test } from 'vitest';
import { lavaWorld } from './lava-world.ts';

const world = lavaWorld();

const line = (n: number) =>
  `- {"dt": "2026-05-01T00:00:00.${String(n).padStart(6, '0')}", "lvl": "info", "msg": "${n}"}\n`;
const LOG = Array.from({ length: 40 }, (_, n) => line(n)).join('');

/** The log of job 3, read by a walk, and what was asked for it. */
async function readLog(packedBytes: number | null, more: { log?: string; endLogLine?: number } = {}) {
  const { master, walk } = world();
  const { log = LOG, endLogLine = 39 } = more;
  const job = master.jobs.get(3);
  if (!job) throw new Error('no job');
  job.log = log;
  job.tests = job.tests.map((one) => ({ ...one, start_log_line: 1, end_log_line: endLogLine }));
  if (packedBytes !== null) master.packed.set(3, packedBytes);
  const changes = (await walk()).flatMap((delta) => delta.changes);
  const read = changes.find(({ job }) => job.externalId === '3')?.results?.log;
  const asked = master.asked
    .filter(({ path }) => path.endsWith('/jobs/3/logs/'))
    .map(({ query }) => query.get('start'));
  return { text: read && Buffer.concat([...read.bytes]).toString(), asked };
}

test('a compressed log of which the master serves the beginning only is read whole', async () => {
  expect(await readLog(500)).toEqual({ text: LOG, asked: [null, '7'] });
});

test('one that was cut between two lines is read whole', async () => {
  expect(await readLog(line(0).length * 9)).toEqual({ text: LOG, asked: [null, '9'] });
});

test('one that was cut between two lines, of a job whose cases name no line, is read whole', async () => {
  expect(await readLog(line(0).length * 9, { endLogLine: 0 })).toEqual({ text: LOG, asked: [null, '9'] });
});

test('a whole log is asked for once', async () => {
  expect(await readLog(null)).toEqual({ text: LOG, asked: [null] });
});

test('a log without a last newline, and one that is shorter than its cases say, stay as they are', async () => {
  const open = LOG.slice(0, -1);
  expect(await readLog(null, { log: open })).toEqual({ text: open, asked: [null, '39'] });
  expect(await readLog(null, { endLogLine: 99 })).toMatchObject({ text: LOG });
});

test('a server that begins anew whatever line it is asked for adds nothing', async () => {
  const { master } = world();
  master.fault = ({ path, query }, response) => {
    if (!path.endsWith('/jobs/3/logs/') || !query.has('start')) return false;
    response.writeHead(200, { 'content-type': 'application/yaml' }).end(LOG);
    return true;
  };
  expect(await readLog(500)).toMatchObject({ text: LOG.slice(0, 500) });
});
