import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ANONYMOUS } from '#schema/viewer.ts';
import { getAudits } from '#store/audit.ts';
import { checkStore } from '#store/check.ts';
import { openStore } from '#store/open.ts';
import { allSources } from '#store/source.ts';
import { listSyncRuns } from '#store/sync-run.ts';
import { readable } from '../store/readable.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { replayedMasters } from './masters.ts';

const entry = join(import.meta.dirname, '../../cli/basalt.js');
const Index = z.record(
  z.string(),
  z.object({ jobs: z.int(), publicJobs: z.int(), cases: z.int(), logs: z.int(), logLines: z.int() }),
);
const index = Index.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../cli/demo/recordings/index.json'), 'utf8')),
);
const total = (key: 'jobs' | 'cases' | 'logLines') => Object.values(index).reduce((n, counts) => n + counts[key], 0);

/** `BASALT_KILLS=200 npx vitest run --project sqlite test/cli/kill.test.ts` for more of them. */
const KILLS = Number(process.env.BASALT_KILLS || 20);
/** The more kills, the less is read between two: so that there is history left to the last. */
const MOST_REQUESTS = 20 + 1400 / KILLS;

test('T-40: kill -9 again and again during a sync, then one clean run: the same tables as without', {
  timeout: KILLS * 12_000,
}, async () => {
  const straight = await replayedMasters(temporaryFolder());
  const sync = (env: NodeJS.ProcessEnv) => spawnAsync(['sync', '--once'], env);
  expect((await sync(straight.env)).code).toBe(0);

  const data = join(temporaryFolder(), 'data');
  const broken = { data, env: { ...straight.env, BASALT_DATA: data } };
  const asked = () => straight.replays.reduce((n, replay) => n + replay.requests(), 0);
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    const child = spawn(process.execPath, [entry, 'sync', '--once'], { env: broken.env, stdio: 'ignore' });
    const exit = once(child, 'exit');
    // After so many requests: how fast the machine is tells nothing of where it is.
    const last = asked() + 1 + Math.floor(Math.random() * MOST_REQUESTS);
    while (child.exitCode === null && asked() < last) await Promise.race([exit, sleep(2)]);
    if (child.exitCode === null && child.kill('SIGKILL')) killed += 1;
    await exit;
  }
  process.stdout.write(`${killed} of ${KILLS} killed in the middle\n`);
  expect(killed).toBeGreaterThan(KILLS / 2);
  expect((await sync(broken.env)).code).toBe(0);

  const [a, b] = await Promise.all(
    [straight, broken].map(({ data }) => openStore({ url: `sqlite:${join(data, 'basalt.db')}`, mode: 'read' })),
  );
  if (!a || !b) throw new Error('no stores');
  try {
    expect(await checkStore(b)).toEqual([]);
    const [wanted, got] = [await readable(a), await readable(b)];
    expect(Object.keys(got)).toEqual(Object.keys(wanted));
    for (const table of Object.keys(wanted)) expect(got[table], table).toEqual(wanted[table]);
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
});

test('what is stored is what was recorded, a second sync writes nothing, and the audit agrees', {
  timeout: 120_000,
}, async () => {
  const masters = await replayedMasters(temporaryFolder());

  const first = await spawnAsync(['sync', '--once'], masters.env);
  const second = await spawnAsync(['sync', '--once'], masters.env);
  const audit = await spawnAsync(['audit'], masters.env);

  expect(first.code).toBe(0);
  expect(second.stderr.match(/ 0 written, 0 quarantined/g)).toHaveLength(3);
  expect(audit.code).toBe(0);
  expect(audit.stdout.match(/: 0 missing, 0 changed, 0 only here/g)).toHaveLength(3);
  const store = await openStore({ url: `sqlite:${join(masters.data, 'basalt.db')}`, mode: 'read' });
  try {
    const row = await store.sql.get<{ jobs: number; cases: number; lines: number }>(
      `SELECT (SELECT count(*) FROM job) AS jobs, (SELECT sum(pass + fail + skip + unknown) FROM suite_run) AS cases,
         (SELECT sum(l.line_count) FROM job j JOIN log l ON l.id = j.log_id) AS lines`,
    );
    expect(row).toEqual({ jobs: total('jobs'), cases: total('cases'), lines: total('logLines') });
    for (const [viewer, key] of [
      [ANONYMOUS, 'publicJobs'],
      [{ kind: 'everything' }, 'jobs'],
    ] as const) {
      for (const source of await allSources(store, viewer)) {
        const runs = await listSyncRuns(
          store,
          viewer,
          source.id,
          {},
          {
            limit: 10,
            after: null,
            before: null,
            backward: false,
          },
        );
        const seen = index[source.slug]?.[key];
        expect(
          runs.rows.reduce((n, run) => n + run.jobsWritten, 0),
          `${source.slug} for ${viewer.kind}`,
        ).toBe(seen);
        expect((await getAudits(store, viewer, [source.id])).get(source.id)).toMatchObject({
          sourceCount: seen,
          storeCount: seen,
          missing: [],
        });
      }
    }
  } finally {
    await store.close();
  }
});

test('T-51: SIGTERM during a sync ends it between two jobs, and the next run goes on', {
  timeout: 60_000,
}, async () => {
  const masters = await replayedMasters(temporaryFolder());
  const child = spawn(process.execPath, [entry, 'sync', '--once'], {
    env: masters.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = once(child, 'exit');
  await expect
    .poll(() => masters.replays.reduce((n, replay) => n + replay.requests(), 0), { timeout: 30_000 })
    .toBeGreaterThan(60);

  child.kill('SIGTERM');
  const [code] = await exit;

  expect([0, 69]).toContain(code);
  expect((await spawnAsync(['sync', '--once'], masters.env)).code).toBe(0);
  const rebuilt = await spawnAsync(['doctor', '--rebuild'], masters.env);
  expect(rebuilt.code).toBe(0);
  expect(rebuilt.stderr).toMatch(/^derived tables: 0 differences$/m);
  const doctor = (await spawnAsync(['doctor'], masters.env)).stdout;
  expect(doctor).toMatch(/ok {3}store: /);
  expect(doctor).toMatch(/ok {3}derived tables: checked whole on .*, 0 differences/);
});

async function spawnAsync(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'exit');
  return { code, stdout, stderr };
}
