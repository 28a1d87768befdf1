/**
 * What a hundred people who look at results cost a master in a day, and what Basalt costs it in their place. What questions
 * cost is measured on a real master; how often they are asked is the day below.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { standBefore } from '../fault-proxy/proxy.ts';
import { pickOf, type Random, randomOf } from '../fault-proxy/random.ts';
import { audited, type Cost, spend } from './cost.ts';
import { type Master, rowsOf } from './masters.ts';
import { type Meter, minus, openMeter } from './meter.ts';
import { browser, lookOfLavacli, squadByRest, WAIT_SECONDS } from './other-ways.ts';
import { createProduct } from './product.ts';

const DAY = {
  people: 100,
  questionsEach: 25,
  /** A person's script looks for finished jobs once in ten minutes for eight hours, and reads the results of some. */
  scripts: 20,
  looksEach: 48,
  jobsReadEach: 100,
  jobsFinished: 2_000,
  /** Whoever submitted half of them waits for their end, ten minutes each. */
  jobsWaitedFor: 1_000,
  waitSeconds: 600,
  minutes: 1_440,
};
const QUESTIONS = 200;
const SCRIPT_JOBS = 40;
const LOOKS = 100;
const IDLE_SECONDS = 310;

type Question = { onMaster: () => Promise<number>; onBasalt: string[] };
type Asked = Omit<Cost, 'way' | 'jobs' | 'byKind'>;

/** `following`: what a finished job costs Basalt, its share of the polls included. */
export async function measureCrowd(master: Master, folder: string, following: Cost): Promise<string> {
  const meter = await openMeter(master.name);
  const proxy = await standBefore(master.url, Math.random, { sockets: master.ws_url });
  const data = join(folder, 'cost', 'data');
  const product = createProduct([{ ...master, url: proxy.url }], data, { poll: '* * * * *', settleSeconds: 10 });
  try {
    await product.run('sync', '--once');
    const server = await product.serve();
    await audited(server, master.name);
    const idle = await spend(meter, proxy, () => sleep(IDLE_SECONDS * 1000));
    const questions = await questionsOf(master);
    const people = await counted(meter, async () => {
      let requests = 0;
      for (const { onMaster } of questions) requests += await onMaster();
      return requests;
    });
    const startedAt = Date.now();
    const byBasalt = await spend(meter, proxy, async () => {
      for (const { onBasalt } of questions)
        for (const path of onBasalt) assert.equal((await fetch(`${server.url}${path}`)).status, 200, path);
    });
    const minutes = (Date.now() - startedAt) / 60_000;
    const scripts = await counted(meter, () => script(master));
    const looks = await counted(meter, () => wait(master));
    await server.stop();
    return report({ idle, people, scripts, looks, following, byBasalt, minutes });
  } finally {
    await proxy.close();
    await meter.close();
  }
}

async function questionsOf(master: Master): Promise<Question[]> {
  const random = randomOf(7);
  const person = await browser(master);
  const jobs = (await rowsOf(master, 'jobs/?ordering=id', null)).filter(({ state }) => state === 'Finished');
  const open = async (paths: readonly string[]) => {
    for (const path of paths) await person.open(path);
    return paths.length;
  };
  const kinds: Record<number, (one: Record<string, unknown>) => Question> = {
    30: () => ({ onMaster: () => open(['scheduler/alljobs']), onBasalt: ['/jobs'] }),
    70: ({ id }) => ({ onMaster: () => person.read(Number(id)), onBasalt: [`/jobs/${master.name}/${id}`] }),
    85: (job) => {
      const build = describeOf(job);
      const its = jobs.filter((one) => describeOf(one) === build).slice(0, 5);
      const pages = [`scheduler/alljobs?search=${build}`, ...its.map(({ id }) => `results/${id}`)];
      return { onMaster: () => open(pages), onBasalt: [`/search?q=${build}`, `/jobs?q=${build}`] };
    },
    100: ({ actual_device: device }) => {
      const its = jobs.filter((one) => one.actual_device === device).slice(-10);
      const pages = [`scheduler/device/${device}`, ...its.map(({ id }) => `results/${id}`)];
      return { onMaster: () => open(pages), onBasalt: [`/devices/${master.name}/${device}`] };
    },
  };
  return Array.from({ length: QUESTIONS }, () => kindOf(random, kinds)(pickOf(random, jobs)));
}

/** Of a hundred questions: 30 what is new, 40 one job, 15 a build, 15 the last jobs of a board. */
function kindOf<T>(random: Random, kinds: Record<number, T>): T {
  const at = random() * 100;
  const found = Object.entries(kinds).find(([below]) => at < Number(below))?.[1];
  assert.ok(found);
  return found;
}

function describeOf(job: Record<string, unknown>): string {
  return /git-describe: (\S+)/.exec(String(job.definition))?.[1] ?? 'none';
}

/** One look, and the results of some jobs. */
async function script(master: Master): Promise<number> {
  const jobs = (await rowsOf(master, 'jobs/?ordering=-id&state=Finished', null)).slice(0, SCRIPT_JOBS);
  let requests = 0;
  for (const { id } of jobs) requests += await squadByRest(master).read(Number(id));
  return requests;
}

/** Some looks of one who waits. */
async function wait(master: Master): Promise<number> {
  const [job] = (await rowsOf(master, 'jobs/?ordering=-id&state=Finished', null)).slice(SCRIPT_JOBS);
  const look = lookOfLavacli(master);
  let requests = 0;
  for (let i = 0; i < LOOKS; i++) requests += await look(Number(job?.id));
  return requests;
}

async function counted(meter: Meter, ask: () => Promise<number>): Promise<Asked> {
  const before = await meter.read();
  const requests = await ask();
  return { requests, ...minus(await meter.read(), before) };
}

type Measured = Record<'idle' | 'people' | 'scripts' | 'looks' | 'byBasalt', Asked> & {
  following: Cost;
  minutes: number;
};

const WORDS = {
  requests: 'requests',
  statements: 'SQL statements',
  webMs: 'web CPU s',
  databaseMs: 'PostgreSQL CPU s',
};
type Key = keyof typeof WORDS;
const KEYS: Key[] = ['requests', 'statements', 'webMs', 'databaseMs'];

function report({ idle, people, scripts, looks, following, byBasalt, minutes }: Measured): string {
  const rows = KEYS.map((key) => {
    const perMinute = idle[key] / (IDLE_SECONDS / 60);
    const pages = (people[key] / QUESTIONS) * DAY.people * DAY.questionsEach;
    const listed = key === 'requests' ? DAY.scripts * DAY.looksEach : 0;
    const read = (scripts[key] / SCRIPT_JOBS) * DAY.scripts * DAY.jobsReadEach + listed;
    const waited = (looks[key] / LOOKS) * DAY.jobsWaitedFor * (DAY.waitSeconds / WAIT_SECONDS);
    const ours = perMinute * DAY.minutes + (following[key] / following.jobs) * DAY.jobsFinished;
    const share = 1 - ours / (pages + read + waited);
    const amounts = [pages, read, waited, ours].map((n) => (n / (key.endsWith('Ms') ? 1000 : 1)).toFixed(0));
    const beyond = byBasalt[key] - perMinute * minutes;
    return `| ${[WORDS[key], ...amounts, `${(100 * share).toFixed(1)} %`, beyond.toFixed(0)].join(' | ')} |\n`;
  });
  const head = `| a day | pages | scripts that read | scripts that wait | Basalt's reading | less | ${QUESTIONS} questions asked of Basalt, beyond its reading |\n`;
  return `${head}|---|---|---|---|---|---|---|\n${rows.join('')}`;
}
