/**
 * `npm run bench:hints [-- --minutes 4]`: how long after its end a job is stored, with a poll of one minute: found by the
 * poll alone, told by events, told by callbacks. Each way has a fake master of its own, which answers after 50 ms, where
 * a job ends every 2 to 6 s and its row says so up to 2 s after that was told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import fastify from 'fastify';
import { pino } from 'pino';
import { addCallbacks } from '#api/callback.ts';
import { holdAll } from '#ingest/leases.ts';
import { createIngester } from '#ingest/schedule.ts';
import { openStore } from '#store/open.ts';
import { saveSources } from '#store/write-source.ts';
import { createWriter } from '#store/writer.ts';
import { addJob, finishJob, jobEvent, openJob, startMaster } from '../test/adapters/fake-master.ts';
import { openLava } from '../test/adapters/open-lava.ts';
import { settings } from '../test/store/settings.ts';
import { hash32 } from './generate.ts';

const WAYS = ['poll', 'events', 'callbacks'] as const;
const RUNNING = 5;
const TOKEN = 'sesame';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '4' } } });
const until = Date.now() + Number(values.minutes) * 60_000;

async function measure(way: (typeof WAYS)[number]) {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-hints-'));
  const store = await openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'write' });
  const writer = createWriter(store, []);
  await saveSources(writer, [settings('lab')]);
  const master = await startMaster();
  master.delayMs = 50;
  for (let id = 1; id <= 30; id++) addJob(master, id);
  const { adapter, http } = openLava(master, { settleSeconds: 10 });
  const ended = new Map<string, number>();
  const took: number[] = [];
  const ingester = createIngester({
    leases: holdAll(writer, ['lab']),
    sources: [{ slug: 'lab', poll: '* * * * *', paused: false, events: way === 'events', adapter }],
    now: () => Date.now() * 1000,
    log: pino({ level: 'silent' }),
    onFinished({ externalId }) {
      const at = ended.get(externalId);
      if (at !== undefined) took.push(performance.now() - at);
      ended.delete(externalId);
    },
  });
  const app = fastify();
  await addCallbacks(app, { tokens: new Map([['lab', TOKEN]]), onHeard: ingester.hint });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  await ingester.start();
  await wait(3_000);
  const before = adapter.usage().requests;
  let jobs = 0;
  for (let id = 31; Date.now() < until; id++) {
    openJob(master, id);
    const done = id - RUNNING;
    if (master.jobs.get(done)?.row.state === 'Running') {
      ended.set(String(done), performance.now());
      jobs += 1;
      const endedAt = new Date();
      setTimeout(() => finishJob(master, done, endedAt), hash32(done, 1) % 2_000);
      if (way === 'events') master.tell(jobEvent(done, 'Finished'));
      if (way === 'callbacks')
        await fetch(`${url}/callbacks/lava/lab?id=${done}`, { headers: { authorization: TOKEN } });
    }
    await wait(2_000 + (hash32(id, 2) % 4_000));
  }
  await wait(75_000);
  const requests = adapter.usage().requests - before;
  await ingester.stop();
  await app.close();
  await http.close();
  await master.close();
  await store.close();
  rmSync(folder, { recursive: true });
  took.sort((a, b) => a - b);
  const seconds = (share: number) => ((took[Math.floor((took.length - 1) * share)] ?? Number.NaN) / 1000).toFixed(1);
  return {
    way,
    jobs,
    stored: took.length,
    p50: seconds(0.5),
    p95: seconds(0.95),
    most: seconds(1),
    perJob: (requests / jobs).toFixed(1),
  };
}

console.log('| way | jobs | stored | p50 s | p95 s | longest s | requests a job |\n|---|---|---|---|---|---|---|');
for (const row of await Promise.all(WAYS.map(measure))) console.log(`| ${Object.values(row).join(' | ')} |`);
