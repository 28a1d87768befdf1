/** Whether a master's own users notice that its history is read: their pages' times, alone and beside a backfill. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lab, type Master, rowsOf } from './masters.ts';
import { browser } from './other-ways.ts';
import { createProduct } from './product.ts';

const JOBS = 3_000;
const SECONDS = 90;
const PAUSE_MS = 250;
/** As a source has it that nobody has set. */
const BUDGET = { concurrent: 2, perMinute: 120 };

type Times = { pages: number; p50: number; p95: number };

/** Two rounds of each, in turn. */
export async function measureNotice(master: Master, folder: string): Promise<string> {
  await lab('seed', '--master', master.name, '--jobs', String(JOBS), '--until', 'now');
  const person = await browser(master);
  const jobs = (await rowsOf(master, 'jobs/?ordering=-id', null)).slice(0, 200).map(({ id }) => Number(id));
  const alone: number[] = [];
  const beside: number[] = [];
  let read = 0;
  for (let round = 0; round < 2; round++) {
    await pages(person, jobs, alone);
    const pace = { poll: '* * * * *', settleSeconds: 10, budget: BUDGET };
    const server = await createProduct([master], join(folder, `notice-${round}`, 'data'), pace).serve();
    await sleep(5_000);
    await pages(person, jobs, beside);
    read += (await server.query<{ jobs: { totalCount: number } }>('{ jobs { totalCount } }', {}, 'sesame')).jobs
      .totalCount;
    await server.stop();
  }
  const line = (what: string, { pages: n, p50, p95 }: Times) => `| ${[what, n, p50, p95].join(' | ')} |\n`;
  return `| a user's pages | pages | p50 ms | p95 ms |\n|---|---|---|---|\n${line('alone', timesOf(alone))}${line(`beside a backfill (${Math.round(read / ((2 * SECONDS) / 60))} jobs a minute)`, timesOf(beside))}`;
}

async function pages(person: Awaited<ReturnType<typeof browser>>, jobs: readonly number[], took: number[]) {
  const until = performance.now() + SECONDS * 1000;
  for (let i = 0; performance.now() < until; i++) {
    const job = jobs[i % jobs.length];
    const page = i % 3 === 0 ? 'scheduler/alljobs' : i % 3 === 1 ? `scheduler/job/${job}` : `results/${job}`;
    const startedAt = performance.now();
    await person.open(page);
    took.push(performance.now() - startedAt);
    await sleep(PAUSE_MS);
  }
}

function timesOf(took: readonly number[]): Times {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { pages: took.length, p50: at(0.5), p95: at(0.95) };
}
