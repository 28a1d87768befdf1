/**
 * `node bench/memory.ts STORE_URL [SECONDS]`: what `basalt serve` holds in memory while it reads ten masters as fast as
 * it can (lava-master.ts, in a process of its own) and four readers go through its pages and queries. The store, which
 * openBench has made, keeps what is read; flags of this node are given to the server. Prints JSON; a megabyte is 10^6
 * bytes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '#store/open.ts';
import { MASTERS } from './generate.ts';
import { median, quantile } from './measure.ts';

export type Memory = {
  results: { before: number; read: number };
  answers: number;
  /** Median and most of the resident set; of it, at its most, what is not a file's. */
  rssMb: number;
  mostMb: number;
  ownMb: number;
};

const READERS = 4;
const PAUSE_MS = 20;
const SAMPLE_MS = 250;
/** The first requests compile pages and queries. */
const WARM_MS = 15_000;
const scope = 'scope: {since: "2023-10-01T00:00:00Z", until: "2023-12-30T00:00:00Z"}';

const root = join(import.meta.dirname, '..');
const [, , url, seconds = '120'] = process.argv;
if (!url) throw new Error('memory: STORE_URL is missing');

/** How many results there are, and the names of the two largest builds. */
async function lookInto(url: string): Promise<{ results: number; builds: string[] }> {
  const store = await openStore({ url, mode: 'read' });
  const row = await store.sql.get<{ n: number }>('SELECT sum(pass + fail + skip + unknown) AS n FROM env_day');
  const builds = await store.sql.all<{ version: string }>(
    `SELECT b.version FROM build_env e JOIN build b ON b.id = e.build_id GROUP BY b.id, b.version
     ORDER BY sum(e.pass + e.fail + e.skip + e.unknown) DESC, b.id LIMIT 2`,
  );
  await store.close();
  return { results: row?.n ?? 0, builds: builds.map(({ version }) => version) };
}

function requestsOf([base = '', target = '']: readonly string[]): string[] {
  const queries = [
    '{ jobs(first: 50) { nodes { externalId state health counts { pass fail } source { slug } } } }',
    '{ jobs(first: 1) { nodes { testCases(first: 1000) { nodes { suite name result startLogLine loggedAt } } } } }',
    '{ testHistory(project: "bench", suite: "kunit", name: "kunit_case_7", builds: 50) { points { result build { version } } } }',
    `{ compare(project: "bench", base: {version: "${base}"}, target: {version: "${target}"}) { changes(first: 50) { nodes { name } } } }`,
    `{ flakyTests(first: 50, ${scope}) { nodes { name flips runs } } }`,
    `{ stats(metric: QUEUE_SECONDS_P95, groupBy: [SOURCE], interval: DAY, ${scope}) { buckets { at value } } }`,
    '{ search(text: "kunit_case_7", first: 20) { nodes { __typename } } }',
  ];
  return [
    ...['/', '/jobs', '/jobs/m0/1', '/jobs/m3/7', '/builds', '/labs', '/labs/m0', '/devices', '/search?q=kunit_case'],
    ...[`/builds/bench/${base}`, `/builds/bench/${target}`],
    ...queries.map((query) => `/graphql?query=${encodeURIComponent(query)}`),
  ];
}

async function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    const found = pattern.exec(said)?.[1];
    if (found) return found;
  }
  throw new Error(`it ended early: ${said}`);
}

/** Of a process, by the names of /proc/PID/status. */
function memoryOf(pid: number): { rss: number; own: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { rss: read('VmRSS'), own: read('RssAnon') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

execFileSync(process.execPath, [join(root, 'cli/build.ts')], { stdio: 'inherit' });
const before = await lookInto(url);
const requests = requestsOf(before.builds);
const folder = mkdtempSync(join(tmpdir(), 'basalt-memory-'));
const masters = spawn(process.execPath, [join(import.meta.dirname, 'lava-master.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const config = join(folder, 'basalt.yaml');
const address = await firstMatch(masters, /(http\S+)\n/);
const sources = Array.from({ length: MASTERS }, (_, i) => ({
  slug: `m${i}`,
  url: `${address}m${i}/`,
  budget: { concurrent: 4, perMinute: 6000 },
}));
writeFileSync(config, JSON.stringify({ sources, store: url }));
const server = spawn(process.execPath, [...process.execArgv, join(root, 'cli/basalt.js'), 'serve'], {
  env: { ...process.env, NODE_ENV: 'production', PORT: '0', BASALT_CONFIG: config, BASALT_LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const origin = await firstMatch(server, /is ready at (\S+)/);
  const until = performance.now() + WARM_MS + Number(seconds) * 1000;
  let answers = 0;
  const read = async (_: unknown, reader: number) => {
    for (let n = reader; performance.now() < until; n++) {
      const path = requests[n % requests.length] ?? '/';
      const response = await fetch(`${origin}${path}`);
      const body = await response.text();
      if (response.status !== 200 || body.startsWith('{"errors"')) throw new Error(`${path}: ${body.slice(0, 300)}`);
      answers += 1;
      await wait(PAUSE_MS);
    }
  };
  const samples: { rss: number; own: number }[] = [];
  const sample = async () => {
    await wait(WARM_MS);
    for (; performance.now() < until; await wait(SAMPLE_MS)) samples.push(memoryOf(server.pid ?? 0));
  };
  await Promise.all([sample(), ...Array.from({ length: READERS }, read)]);
  await end(server);
  const { results } = await lookInto(url);
  const rss = samples.map((one) => one.rss);
  const memory: Memory = {
    results: { before: before.results, read: results - before.results },
    answers,
    rssMb: Math.round(median(rss)),
    mostMb: Math.round(quantile(rss, 1)),
    ownMb: Math.round(Math.max(...samples.map(({ own }) => own))),
  };
  process.stdout.write(`${JSON.stringify(memory)}\n`);
} finally {
  await end(server);
  await end(masters);
  rmSync(folder, { recursive: true });
}
