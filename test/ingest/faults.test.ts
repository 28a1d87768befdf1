/**
 * Any history of a lab, read through any faults and crashes: when the faults end, the store holds what the masters hold.
 * `BASALT_FAULT_RUNS=500 npx vitest run --project sqlite test/ingest/faults.test.ts` for more of them.
 */
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { syncHeard, syncSource } from '#ingest/sync.ts';
import { listJobs } from '#store/job.ts';
import { getLogSlice } from '#store/log.ts';
import { rebuild } from '#store/rebuild.ts';
import type { Store } from '#store/store.ts';
import { listJobCases } from '#store/test-case.ts';
import type { Writer } from '#store/writer.ts';
import {
  addJob,
  type FakeJob,
  type FakeMaster,
  openJob,
  startMaster,
  testCase,
  type Wire,
} from '../adapters/fake-master.ts';
import { giveTables } from '../adapters/fake-rpc.ts';
import { openLava } from '../adapters/open-lava.ts';
import { HARM_NAMES, HARMS, type HarmName, isLie } from '../fault-proxy/harm.ts';
import { temporaryWriter } from '../store/temporary.ts';

const RUNS = Number(process.env.BASALT_FAULT_RUNS || (inject('postgres') ? 5 : 30));
const START = Date.parse('2026-05-01T00:00:00Z');
const LABS = ['alpha', 'beta'] as const;
const SETTLE_SECONDS = 10;
/** After the last fault. */
const SOON = 20;
/** Jobs that were there before have numbers from here on, and others between them. */
const FIRST = 100;
const everything = { limit: 10_000, after: null, before: null, backward: false };
const viewer = { kind: 'everything' } as const;

type Event =
  | { kind: 'submit'; lab: number }
  | { kind: 'finish'; lab: number; which: number; cases: number; health: 'Complete' | 'Incomplete' }
  | { kind: 'late result'; lab: number; which: number };

type Step = {
  seconds: number;
  events: Event[];
  harm: HarmName | null;
  /** One request in so many is harmed, beginning with one of them. */
  every: number;
  offset: number;
  crash: { at: 'request' | 'commit'; after: number } | null;
  restart: boolean;
  rests: number | null;
  /** Told of: the step reads no more than these jobs, or all. */
  heard: number[] | null;
};

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('submit' as const), lab: fc.nat(1) }),
  fc.record({
    kind: fc.constant('finish' as const),
    lab: fc.nat(1),
    which: fc.nat(9),
    cases: fc.constantFrom(0, 1, 3, 40),
    health: fc.constantFrom('Complete' as const, 'Complete' as const, 'Incomplete' as const),
  }),
  fc.record({ kind: fc.constant('late result' as const), lab: fc.nat(1), which: fc.nat(9) }),
);

const step: fc.Arbitrary<Step> = fc.record({
  seconds: fc.constantFrom(1, 4, 30, 700),
  events: fc.array(event, { maxLength: 5 }),
  harm: fc.option(fc.constantFrom(...HARM_NAMES), { freq: 4 }),
  every: fc.integer({ min: 1, max: 6 }),
  offset: fc.nat(5),
  crash: fc.option(fc.record({ at: fc.constantFrom('request' as const, 'commit' as const), after: fc.nat(12) }), {
    freq: 1,
  }),
  restart: fc.boolean(),
  /** After so many looks history rests. */
  rests: fc.option(fc.nat(2), { freq: 2 }),
  // True numbers, some too early, and forged ones.
  heard: fc.option(
    fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: FIRST, max: FIRST + 70 }) }, fc.nat())),
    {
      freq: 1,
    },
  ),
});

type Order = 'newest' | 'oldest';
type Lab = { slug: string; master: FakeMaster; order: Order; open: ReturnType<typeof openLava>; last: number };

async function world(tables: boolean, history: number, order: Order) {
  let now = START;
  const labs: Lab[] = [];
  for (const slug of LABS) {
    const master = await startMaster();
    if (tables) master.rpc = giveTables();
    master.longestPage = 5;
    const last = FIRST + history * 4;
    for (let id = FIRST; id < last; id += 4) {
      const long = '2026-04-01T00:00:00.000001Z';
      addJob(master, id, { submit_time: long, start_time: long, end_time: long }, 2);
    }
    labs.push({ slug, master, order, open: connect({ slug, master, order }), last });
  }
  const at = () => new Date(now).toISOString().replace('Z', '001Z');
  const pick = ({ master }: Lab, which: number, state: string) => {
    const jobs = [...master.jobs.values()].filter(({ row }) => row.state === state);
    return jobs[which % Math.max(1, jobs.length)];
  };
  return {
    labs,
    now: () => now * 1000,
    pass(seconds: number) {
      now += seconds * 1000;
    },
    apply(one: Event) {
      const lab = labs[one.lab];
      if (!lab) return;
      if (one.kind === 'submit') {
        lab.last += 1;
        Object.assign(openJob(lab.master, lab.last).row, { submit_time: at(), start_time: at() });
      } else if (one.kind === 'finish') {
        const job = pick(lab, one.which, 'Running');
        if (job) finish(lab.master, job, { at: at(), cases: one.cases, health: one.health });
      } else {
        const job = pick(lab, one.which, 'Finished');
        if (job && now - Date.parse(String(job.row.end_time)) < SETTLE_SECONDS * 1000) addLate(job);
      }
    },
    async close() {
      for (const { master, open } of labs) {
        await open.http.close();
        await master.close();
      }
    },
  };
}

function connect({ slug, master, order }: Pick<Lab, 'slug' | 'master' | 'order'>) {
  const patience = { settleSeconds: SETTLE_SECONDS, timeoutMs: 150, firstRetryMs: 1 };
  return openLava(master, { slug, newest: 2, history: order, ...patience });
}

function finish(
  master: FakeMaster,
  job: FakeJob,
  { at, cases, health }: { at: string; cases: number; health: string },
): void {
  const { submit_time, start_time, id } = job.row;
  addJob(master, id, { submit_time, start_time, end_time: at, health }, cases);
  const done = master.jobs.get(id);
  done?.tests.unshift(testCase(id * 1000 - 1, id * 10 - 1, 'job', { result: health === 'Complete' ? 'pass' : 'fail' }));
  if (cases === 1) done?.tests.push({ ...testCase(id * 1000 + 1, id * 10, 'case-0'), result: 'fail' });
}

function addLate(job: FakeJob): void {
  const id = job.row.id * 1000 + 500 + job.tests.length;
  job.tests.push(testCase(id, job.row.id * 10, 'late', { result: 'fail' }));
}

/** One sync of a lab, harmed and ended as the step says. `asks`: first what the lab is. */
async function sync(
  writer: Writer,
  lab: Lab,
  now: () => number,
  step: Step | null,
  asks = step?.restart ?? false,
): Promise<number> {
  const ending = new AbortController();
  let requests = 0;
  lab.master.fault = (asked, response) => {
    requests += 1;
    if (step?.crash?.at === 'request' && requests > step.crash.after) ending.abort(new Error('crash'));
    if (!step?.harm || (requests + step.offset) % step.every || isLie(step.harm, asked.path)) return;
    return HARMS[step.harm](response, asked);
  };
  let commits = 0;
  const crashing: Writer = {
    ...writer,
    transaction: (body) =>
      writer.transaction(async () => {
        const result = await body();
        commits += 1;
        if (step?.crash?.at === 'commit' && commits > step.crash.after) throw new Error('crash');
        return result;
      }),
  };
  const heard = step?.heard ?? null;
  let looks = 0;
  const run = heard ? syncHeard : syncSource;
  const report = await run(
    {
      writer: step ? crashing : writer,
      adapter: lab.open.adapter,
      slug: lab.slug,
      now,
      signal: ending.signal,
      log: pino({ level: 'silent' }),
      onFinished: () => undefined,
      refresh: { probe: asks, fleet: asks },
      rests: () => step !== null && step.rests !== null && looks++ >= step.rests,
    },
    heard ? 'EVENT' : 'SCHEDULE',
    heard?.map(String) ?? [],
  ).catch(() => null);
  lab.master.fault = null;
  return report?.jobsWritten ?? -1;
}

async function restart(lab: Lab): Promise<void> {
  await lab.open.http.close();
  lab.open = connect(lab);
}

/** What the master holds, as the store should tell it. */
function held({ master }: Lab) {
  return [...master.jobs.values()]
    .map(({ row, suites, tests, log }) => {
      const finished = row.state === 'Finished';
      const nameOf = (suite: unknown) => suites.find(({ id }) => id === suite)?.name;
      return {
        id: String(row.id),
        state: String(row.state).toUpperCase(),
        health: String(row.health).toUpperCase(),
        cases: finished ? tests.map((t: Wire) => `${t.id} ${nameOf(t.suite)} ${t.name} ${t.result}`).sort() : [],
        log: finished ? String(log) : null,
        settled: finished,
      };
    })
    .sort((a, b) => Number(a.id) - Number(b.id));
}

async function stored(store: Store, slug: string) {
  const { rows } = await listJobs(store, viewer, { sources: { slugs: [slug] }, includeHealthChecks: true }, everything);
  const jobs = rows.map(async (job) => {
    const cases = (await listJobCases(store, viewer, job.id, {}, everything)).rows;
    const log = await getLogSlice(store, viewer, job.id, { from: 0, limit: 1000, levels: null });
    return {
      id: job.externalId,
      state: job.state,
      health: job.health,
      cases: cases.map((c) => `${c.externalId} ${c.suite} ${c.name} ${c.result.toLowerCase()}`).sort(),
      log: log?.lines.map(({ raw }) => `${raw}\n`).join('') ?? null,
      settled: job.settled,
    };
  });
  return (await Promise.all(jobs)).sort((a, b) => Number(a.id) - Number(b.id));
}

test(
  'L-60, T-59: after any faults and crashes the store holds what the masters hold',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.constantFrom(0, 0, 12),
        fc.constantFrom('newest' as const, 'oldest' as const),
        fc.array(step, { minLength: 1, maxLength: 8 }),
        async (tables, history, order, steps) => {
          const { labs, now, pass, apply, close } = await world(tables, history, order);
          try {
            const writer = await temporaryWriter([...LABS]);
            for (const one of steps) {
              pass(one.seconds);
              for (const happened of one.events) apply(happened);
              for (const lab of labs) {
                if (one.restart) await restart(lab);
                await sync(writer, lab, now, one);
              }
            }
            // The faults end. What is put off is tried at longer and longer intervals.
            for (let quiet = 0, seconds = SOON; quiet < 2 && seconds < 1e8; seconds *= 4) {
              pass(seconds);
              let written = 0;
              for (const lab of labs) {
                // A circuit that the faults have opened stays so for half a minute of the clock.
                if (seconds === SOON) await restart(lab);
                written += await sync(writer, lab, now, null, seconds === SOON);
              }
              quiet = written === 0 && seconds > 3_600 ? quiet + 1 : 0;
            }
            for (const lab of labs) expect(await stored(writer.store, lab.slug)).toEqual(held(lab));
            const letters = 'SELECT reason FROM dead_letter WHERE resolved_at IS NULL';
            expect(await writer.store.sql.all(letters)).toEqual([]);
            expect(await rebuild(writer, now())).toEqual([]);
            await writer.store.close();
          } finally {
            await close();
          }
        },
      ),
      { numRuns: RUNS },
    );
  },
  RUNS * 20_000,
);
