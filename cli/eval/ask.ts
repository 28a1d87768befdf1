/** A simulated fleet through the product: its jobs are written into a store as they end, and the store is asked about failures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Facts } from '#analysis/attribution-evidence.ts';
import type { Viewer } from '#schema/viewer.ts';
import { gatherFacts } from '#store/attribution.ts';
import { getCaseIds } from '#store/attribution-case.ts';
import { getJob } from '#store/job.ts';
import { openStore } from '#store/open.ts';
import { listJobCases } from '#store/test-case.ts';
import { writeFleet } from '#store/write-fleet.ts';
import { packJob, writeJob } from '#store/write-job.ts';
import { getSyncState, saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { type Device, HOUR } from './fleet.ts';
import { createRandom } from './random.ts';
import { toChange, toSnapshot } from './records.ts';
import type { Cause, SimulatedJob, Simulation } from './simulate.ts';

/** A failure whose causes are known, and what the product knows of it. `test` is null for a job that did not complete. */
export type Asked = { job: SimulatedJob; test: string | null; causes: readonly Cause[]; facts: Facts };

type Question = Omit<Asked, 'facts'> & { at: number };

const EVERYTHING: Viewer = { kind: 'everything' };
/** Of each fault, and of noise, so many failures are asked about: a fault counts as much as another, however many it fails. */
const OF_FAULT = 10;
const OF_NOISE = 20;
/** Somebody looks the same day, or days later. */
const LOOKS_AFTER = [4 * HOUR, 48 * HOUR] as const;

export async function askAll(simulation: Simulation, seed: number): Promise<Asked[]> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-eval-'));
  const store = await openStore({ url: `sqlite:${join(folder, 'fleet.db')}`, mode: 'write' });
  try {
    const writer = createWriter(store, []);
    return await replay(writer, simulation, questionsOf(simulation, seed));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

function questionsOf({ jobs }: Simulation, seed: number): Question[] {
  const random = createRandom(seed ^ 0x5eed);
  const failures = jobs.flatMap((job) => [
    ...(job.ending ? [{ job, test: null, causes: job.ending.causes }] : []),
    ...[...job.failed].map(([test, causes]) => ({ job, test, causes })),
  ]);
  const byCause = Map.groupBy(failures, ({ causes }) => causes[0] ?? 'NOISE');
  const chosen = [...byCause].flatMap(([cause, all]) => random.some(all, cause === 'NOISE' ? OF_NOISE : OF_FAULT));
  return chosen
    .map((failure) => ({ ...failure, at: failure.job.endAt + random.pick(LOOKS_AFTER) }))
    .sort((a, b) => a.at - b.at);
}

/** Everything in the order of the clock: nobody knows at a time what comes later. */
async function replay(writer: Writer, simulation: Simulation, questions: readonly Question[]): Promise<Asked[]> {
  const { fleet, faults, jobs } = simulation;
  await saveSources(writer, fleet.labs.map(settingsOf));
  const bad = new Set<Device>();
  const tell = async (lab: string, at: number) => {
    const { id } = await sourceOf(writer, lab);
    await writer.transaction(() => writeFleet(writer, id, toSnapshot(fleet, lab, bad), at * 1_000_000));
  };
  for (const lab of fleet.labs) await tell(lab, jobs[0]?.submitAt ?? 0);
  const asked: Asked[] = [];
  const ended: SimulatedJob[] = [];
  const retire = async (device: Device, at: number) => {
    bad.add(device);
    await tell(device.lab, at);
  };
  const events = [
    ...jobs.map((job) => ({ at: job.endAt, happens: async () => void ended.push(job) })),
    ...faults.flatMap(({ retires: of }) => (of ? [{ at: of.at, happens: () => retire(of.device, of.at) }] : [])),
    ...questions.map((question) => ({
      at: question.at,
      happens: async () => {
        await write(writer, ended.splice(0));
        asked.push({ ...question, facts: await ask(writer, question) });
      },
    })),
  ].sort((a, b) => a.at - b.at);
  for (const { happens } of events) await happens();
  return asked;
}

/** In one transaction: so many jobs wait for as many commits otherwise. */
async function write(writer: Writer, jobs: readonly SimulatedJob[]): Promise<void> {
  const packed = jobs.map((job) => ({ job, packed: packJob(writer, toChange(job)) }));
  await writer.transaction(async () => {
    for (const { job, packed: one } of packed)
      await writeJob(writer, await sourceOf(writer, job.device.lab), one, job.endAt * 1_000_000, 'SCHEDULE');
  });
}

async function ask({ store }: Writer, { job, test }: Question): Promise<Facts> {
  const found = await getJob(store, EVERYTHING, job.device.lab, String(job.number));
  if (!found) throw new Error(`job ${job.number} is not stored`);
  const caseId = test === null ? null : await caseOf(store, found.id, test);
  const [answer] = await gatherFacts(store, EVERYTHING, [{ jobId: found.id, caseId }]);
  if (!answer) throw new Error(`nothing is known of job ${job.number}`);
  return answer.facts;
}

async function caseOf(store: Writer['store'], jobId: number, name: string): Promise<number> {
  const page = { limit: 1, after: null, before: null, backward: false };
  const { rows } = await listJobCases(store, EVERYTHING, jobId, { name, result: ['FAIL'] }, page);
  const [caseId] = await getCaseIds(store, EVERYTHING, rows);
  if (typeof caseId !== 'number') throw new Error(`${name} did not fail in the store`);
  return caseId;
}

async function sourceOf(writer: Writer, lab: string) {
  const source = await getSyncState(writer, lab);
  if (!source) throw new Error(`no lab ${lab}`);
  return source;
}

function settingsOf(slug: string) {
  return {
    slug,
    name: slug,
    kind: 'LAVA',
    url: `http://${slug}.invalid/`,
    visibility: 'PUBLIC' as const,
    teams: [],
    labels: {},
    retention: {},
    historySince: null,
    paused: false,
    periodSeconds: 60,
    maxConcurrent: 1,
    maxPerMinute: 1,
  };
}
