/** `basalt retention` and `basalt build`, as an admin runs them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStore } from '#store/open.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { readable } from '../store/readable.ts';
import { temporaryFolder, temporaryWriter, write } from '../store/temporary.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const DAY = 86_400_000_000;
const JOBS = 400;
const KILLS = 8;

/** A store with a job a day, each with a result and a log of its own. */
async function archive(): Promise<string> {
  const folder = temporaryFolder();
  const writer = await temporaryWriter(['alpha'], { url: `sqlite:${join(folder, 'basalt.db')}` });
  const now = Date.now() * 1000;
  for (let n = 1; n <= JOBS; n++) {
    const submitAt = now - n * DAY;
    const result = n % 3 ? 'PASS' : 'FAIL';
    const change = changeOf(
      jobOf({
        externalId: String(n),
        submitAt,
        metadata: { 'git-tree': 'mainline', 'git-describe': `v${n}`, 'git-branch': 'main' },
      }),
      [{ externalId: n, name: '0_smoke', isSteps: false, cases: [{ ...CASE, externalId: n, result }] }],
    );
    if (change.results) change.results.log = { bytes: [Buffer.from(`log of ${n}\n`)], truncated: false };
    await write(writer, 'alpha', change);
  }
  await writer.store.close();
  writeFileSync(
    join(folder, 'basalt.yaml'),
    'sources: [{ slug: alpha, url: http://127.0.0.1:9/, retention: { logs: 30, results: 200, rollups: 300 } }]\n',
  );
  return folder;
}

const CASE = {
  name: 'boot',
  set: null,
  setExternalId: null,
  measurement: null,
  unit: '',
  startLogLine: 1,
  endLogLine: 2,
  loggedAt: null,
  metadata: null,
};

const envOf = (folder: string) => ({
  ...process.env,
  BASALT_CONFIG: join(folder, 'basalt.yaml'),
  BASALT_DATA: folder,
});

async function basalt(folder: string, ...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [entry, ...args], { env: envOf(folder) });
  const parts: string[] = [];
  child.stdout.on('data', (data) => parts.push(String(data)));
  child.stderr.on('data', (data) => parts.push(String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: parts.join('') };
}

function logFiles(folder: string): number {
  const logs = join(folder, 'logs');
  return readdirSync(logs, { recursive: true }).filter((name) => statSync(join(logs, String(name))).isFile()).length;
}

test('the plan deletes nothing, a pinned build stays, and what the plan said goes', { timeout: 60_000 }, async () => {
  const folder = await archive();
  expect(await basalt(folder, 'build', 'pins')).toEqual({ code: 0, out: 'no build is pinned\n' });
  const wrong = await basalt(folder, 'build', 'pin', 'nothing', 'v350');
  expect(wrong).toMatchObject({ code: 2, out: expect.stringContaining('project "nothing" has no build "v350"') });

  const planned = await basalt(folder, 'retention', 'plan');
  expect(planned.code).toBe(0);
  expect(planned.out).toMatch(/alpha logs: kept 30 days; due now of 371 jobs submitted \S+ to \S+: 371 logs, /);
  expect(planned.out).toMatch(/alpha results: kept 200 days; due now of 201 jobs .*: 201 suite runs, /);
  expect(planned.out).toMatch(/alpha rollups: kept 300 days; due now of 101 jobs .*: 101 jobs with their sums, /);
  expect(logFiles(folder)).toBe(JOBS);

  const slug = await projectOf(folder);
  expect((await basalt(folder, 'build', 'pin', slug, 'v350', '--because', 'the release')).code).toBe(0);
  expect((await basalt(folder, 'build', 'pins')).out).toMatch(/ v350 on main: since \S+, the release\n/);
  const applied = await basalt(folder, 'retention', 'apply', '--compact');
  expect(applied.code).toBe(0);
  expect(applied.out).toMatch(/alpha: logs of 370 jobs, detail of 200 jobs, results of 200 jobs, rollups of 100 jobs/);
  expect(applied.out).toMatch(/log files deleted: 370/);
  expect(logFiles(folder)).toBe(30);
  expect((await basalt(folder, 'retention', 'plan')).out).toMatch(/alpha logs: kept 30 days; nothing is due/);
});

test('kill -9 in the middle again and again, then one calm run: the tables of a calm run', {
  timeout: 120_000,
}, async () => {
  const [calm, broken] = [await archive(), temporaryFolder()];
  cpSync(calm, broken, { recursive: true });
  expect((await basalt(calm, 'retention', 'apply')).code).toBe(0);

  let inTheMiddle = 0;
  for (let i = 0; i < KILLS; i++) {
    const child = spawn(process.execPath, [entry, 'retention', 'apply'], { env: envOf(broken), stdio: 'ignore' });
    const exit = once(child, 'exit');
    await Promise.race([exit, untilSomethingIsGone(broken, 20 * (i + 1))]);
    if (child.exitCode === null && child.kill('SIGKILL')) inTheMiddle += 1;
    await exit;
  }
  expect(inTheMiddle).toBeGreaterThan(0);
  expect((await basalt(broken, 'retention', 'apply')).code).toBe(0);

  const [a, b] = await Promise.all(
    [calm, broken].map((folder) => openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'read' })),
  );
  if (!a || !b) throw new Error('no stores');
  expect(await readable(b)).toEqual(await readable(a));
  expect(await b.sql.all('SELECT 1 FROM log_removal')).toEqual([]);
  await Promise.all([a.close(), b.close()]);
  expect([logFiles(broken), logFiles(calm)]).toEqual([29, 29]);
});

/** Until at least so many jobs have lost something, or all have. */
async function untilSomethingIsGone(folder: string, jobs: number): Promise<void> {
  const store = await openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'read' });
  try {
    for (let tries = 0; tries < 2_000; tries++) {
      const row = await store.sql.get<{ n: number }>('SELECT count(*) AS n FROM job WHERE log_id IS NOT NULL');
      if (JOBS - (row?.n ?? 0) >= jobs || (row?.n ?? 0) <= 30) return;
      await sleep(2);
    }
  } finally {
    await store.close();
  }
}

async function projectOf(folder: string): Promise<string> {
  const store = await openStore({ url: `sqlite:${join(folder, 'basalt.db')}`, mode: 'read' });
  const row = await store.sql.get<{ slug: string }>('SELECT slug FROM project');
  await store.close();
  return row?.slug ?? '';
}
