/** Days of eight masters in minutes: what is read a minute leaves nothing behind in memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { syncSource } from '#ingest/sync.ts';
import { addJob, startMaster } from '../adapters/fake-master.ts';
import { openLava } from '../adapters/open-lava.ts';
import { soon } from '../soon.ts';
import { temporaryWriter } from '../store/temporary.ts';

const MASTERS = 8;
const MINUTE = 60_000_000;
const HOURS = Number(process.env.BASALT_SOAK_HOURS ?? 1);
/** A job an hour on each; the copy grows, memory must not. */
const JOB_EVERY = 60;
/** Of memory, after caches are warm, however many hours: a compiler and a collector have their moods. */
const MOST_LEFT = 2_000_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

test(`T-58: ${HOURS} hours of polls of ${MASTERS} masters leave no memory, handle or connection behind`, {
  timeout: 240_000 + HOURS * 60_000,
}, async () => {
  const slugs = Array.from({ length: MASTERS }, (_, i) => `lab-${i}`);
  const writer = await temporaryWriter(slugs);
  const labs = await Promise.all(
    slugs.map(async (slug) => {
      const master = await startMaster();
      for (let id = 1; id <= 3; id++) addJob(master, id);
      return { slug, master, ...openLava(master, { slug, totalTimeoutMs: 1_000 }) };
    }),
  );
  onTestFinished(async () => {
    for (const { http, master } of labs) {
      await http.close();
      await master.close();
    }
  });
  let at = Date.UTC(2026, 5, 1) * 1000;
  const deps = { writer, now: () => at, signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const poll = async (minute: number) => {
    at += MINUTE;
    for (const { slug, adapter, master } of labs) {
      if (minute % JOB_EVERY === 0) addJob(master, master.jobs.size + 1);
      const refresh = { probe: minute % 1440 === 0, fleet: minute % 5 === 0 };
      const report = await syncSource({ ...deps, slug, adapter, refresh, onFinished: () => undefined }, 'SCHEDULE');
      expect(report.state).toBe('succeeded');
      master.asked.length = 0;
    }
  };
  /** Once the deadlines of requests are over and what they held is let go of. */
  const measure = async () => {
    let heap = Number.POSITIVE_INFINITY;
    await soon(
      () => {
        collect();
        const before = heap;
        heap = process.memoryUsage().heapUsed;
        return Math.abs(before - heap) < 100_000;
      },
      { interval: 1_100, timeout: 60_000 },
    ).toBe(true);
    return { heap, handles: process.getActiveResourcesInfo().length };
  };
  const minutes = HOURS * 60;
  const warm = Math.max(40, Math.floor(minutes / 4));
  for (let minute = 0; minute < warm; minute++) await poll(minute);
  const before = await measure();
  for (let minute = warm; minute < warm + minutes; minute++) await poll(minute);
  const after = await measure();
  if (process.env.BASALT_SOAK_HOURS)
    process.stdout.write(`${minutes * MASTERS} polls: ${JSON.stringify({ before, after })}\n`);
  expect(after.heap - before.heap).toBeLessThan(MOST_LEFT);
  // Two connections a master may be open or not, and both ends of them are here.
  expect(after.handles).toBeLessThanOrEqual(before.handles + 4 * MASTERS);
});
