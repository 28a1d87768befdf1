/**
 * `npm run bench:pages [-- --scale 1M] [--keep FOLDER] [--only WORD] [--browser] [--shots FOLDER]`: pages of a large store (large-store.ts) as `basalt
 * serve --no-ingest` answers them: CPU of its process for the page, CPU for the queries of the page asked alone (median
 * of answers after one), bytes of HTML, and queries. With --keep the store is made in the folder, or used as it lies there: its
 * runs end when it was made, and pages of the last days show less with each; one of an older version is migrated. With
 * --browser Chromium opens each: first paint, longest task and what axe finds (paint.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '#store/open.ts';
import { isRebuildDue, rebuild } from '#store/rebuild.ts';
import { createWriter } from '#store/writer.ts';
import { isLarge, MASTERS } from './generate.ts';
import { growLargeStore } from './large-store.ts';
import { median } from './measure.ts';
import { openBrowser, type Painted, paintPage } from './paint.ts';

const ROUNDS = 5;
/** Of /proc/PID/stat, on Linux everywhere. */
const TICK_MS = 10;
/** Cheap answers are repeated until so many ticks are between the counts. */
const LEAST_TICKS = 20;

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1M' },
    keep: { type: 'string' },
    only: { type: 'string', default: '' },
    browser: { type: 'boolean', default: false },
    shots: { type: 'string' },
  },
});
const match = /^(\d+)M$/.exec(values.scale);
if (!match) throw new Error(`--scale ${values.scale} is not understood: write 1M, 10M`);
const root = join(import.meta.dirname, '..');

async function storeFolder(): Promise<{ folder: string; remove?: () => Promise<void> }> {
  const { keep } = values;
  if (keep && existsSync(join(keep, 'basalt.db'))) {
    const store = await openStore({
      url: `sqlite:${join(keep, 'basalt.db')}`,
      mode: 'write',
      logDir: join(keep, 'logs'),
    });
    if (await isRebuildDue(store.sql)) await rebuild(createWriter(store, []), Date.now() * 1000);
    await store.close();
    return { folder: keep };
  }
  if (keep) mkdirSync(keep, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  const opened = await growLargeStore(Number(match?.[1]) * 1e6, keep, now);
  process.stdout.write(
    `${opened.results.toLocaleString('en')} results in ${opened.jobs.toLocaleString('en')} jobs, ${opened.folder}\n`,
  );
  if (!keep) return { folder: opened.folder, remove: opened.close };
  await opened.store.close();
  return { folder: keep };
}

function serve(folder: string): ChildProcess {
  const config = join(folder, 'basalt.yaml');
  const sources = Array.from({ length: MASTERS }, (_, i) => ({ slug: `m${i}`, url: `http://m${i}.example/` }));
  writeFileSync(config, JSON.stringify({ sources }));
  const noted = ['--import', join(import.meta.dirname, 'note-queries.ts'), ...process.execArgv];
  return spawn(process.execPath, [...noted, join(root, 'cli/basalt.js'), 'serve', '--no-ingest'], {
    env: {
      ...process.env,
      ...{ NODE_ENV: 'production', PORT: '0', BASALT_DATA: folder, BASALT_CONFIG: config, BASALT_LOG_LEVEL: 'warn' },
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

async function originOf({ stdout }: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of stdout ?? []) {
    said += chunk;
    const found = /is ready at (\S+)/.exec(said)?.[1];
    if (found) return found;
  }
  throw new Error(`basalt serve ended early: ${said}`);
}

async function read(address: string, init?: RequestInit): Promise<string> {
  const response = await fetch(address, init);
  const body = await response.text();
  if (response.status !== 200 || body.startsWith('{"errors"'))
    throw new Error(`${address}: ${response.status} ${body.slice(0, 500)}`);
  return body;
}

type Builds = { nodes: { version: string }[] };
type Found = {
  bench: { builds: Builds };
  huge: { builds: Builds };
  jobs: { nodes: { externalId: string; source: { slug: string } }[] };
  failureGroups: { nodes: { fingerprint: string }[] };
  devices: { nodes: { hostname: string; source: { slug: string } }[] };
};

/** Addresses by what they show. */
async function pagesOf(ask: (query: string) => Promise<string>): Promise<Record<string, string>> {
  const { data }: { data: Found } = JSON.parse(
    await ask(`{ bench: project(slug: "bench") { builds(first: 3) { nodes { version } } }
      huge: project(slug: "huge") { builds(first: 2) { nodes { version } } }
      jobs(first: 1, filter: { health: [INCOMPLETE] }) { nodes { externalId source { slug } } }
      failureGroups(first: 1) { nodes { fingerprint } }
      devices(first: 1) { nodes { hostname source { slug } } } }`),
  );
  // The newest may have been cut where there were enough results.
  const [, newest = '', before = ''] = data.bench.builds.nodes.map(({ version }) => version);
  const [many = '', manyBefore = ''] = data.huge.builds.nodes.map(({ version }) => version);
  let large = Number(newest.slice(1));
  while (large > 0 && !isLarge(large)) large -= 1;
  const [job] = data.jobs.nodes;
  const [board] = data.devices.nodes;
  return {
    'build of 29,640 cells, its problems': `/builds/huge/${many}`,
    'the same, all cells': `/builds/huge/${many}?show=all`,
    ...(large > 0 ? { 'build of 520,000 results in 40 environments': `/builds/bench/v${large}` } : {}),
    'build of 52,000 results': `/builds/bench/${newest}`,
    'regressions of a week': '/regressions',
    'flaky tests': '/flaky',
    failures: '/failures',
    'a failure': `/failures/${data.failureGroups.nodes[0]?.fingerprint}`,
    suites: '/tests?project=bench',
    'grid of 200 tests by 50 builds': '/tests/bench/kunit',
    'a test in 40 environments, 50 builds': '/tests/bench/ltp?test=ltp_case_7',
    'comparison of builds of 52,000 results': `/compare?project=bench&base=${before}&target=${newest}`,
    'comparison of builds of 29,640 cells': `/compare?project=huge&base=${manyBefore}&target=${many}`,
    ...(large > 0 ? { 'labs of a build of 520,000 results': `/compare/labs?project=bench&build=v${large}` } : {}),
    'labs of a build of 29,640 cells': `/compare/labs?project=huge&build=${many}`,
    home: '/',
    builds: '/builds',
    jobs: '/jobs',
    'a job': `/jobs/${job?.source.slug}/${job?.externalId}`,
    labs: '/labs',
    devices: '/devices',
    ...(board ? { 'a board': `/devices/${board.source.slug}/${board.hostname}` } : {}),
    search: '/search?q=kunit_case_7',
  };
}

/** CPU of a process for one answer, milliseconds. */
async function cpuOf(pid: number, answer: () => Promise<unknown>): Promise<number> {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = ticks();
    let answers = 0;
    for (; answers === 0 || (ticks() - before < LEAST_TICKS && answers < 2 * LEAST_TICKS); answers++) await answer();
    rounds.push(((ticks() - before) * TICK_MS) / answers);
  }
  return median(rounds);
}

function line(name: string, figures: readonly (string | number)[]): string {
  return `${name.padEnd(46)}${figures.map((figure) => String(figure).padStart(9)).join('')}\n`;
}

function shotOf(name: string): string | undefined {
  return values.shots && join(values.shots, `${name.replaceAll(/\W+/g, '-')}.png`);
}

function figuresOf({ paint, task, violations }: Painted): (string | number)[] {
  return [paint.toFixed(0), task.toFixed(0), violations.length === 0 ? 0 : violations.join('; ')];
}

const { folder, remove } = await storeFolder();
const server = serve(folder);
const browser = values.browser || values.shots ? await openBrowser() : null;
try {
  const origin = await originOf(server);
  const post = (body: string) =>
    read(`${origin}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  let asked: string[] = [];
  server.on('message', (body: string) => asked.push(body));
  const pages = await pagesOf((query) => post(JSON.stringify({ query })));
  const titles = ['CPU ms', 'API ms', 'HTML kB', 'queries', ...(browser ? ['paint ms', 'task ms', 'axe'] : [])];
  process.stdout.write(line('page', titles));
  for (const [name, path] of Object.entries(pages).filter(([name]) => name.includes(values.only))) {
    asked = [];
    const html = await read(`${origin}${path}`);
    // What the server says arrives behind what it answers.
    await post('{"query":"{ __typename }"}');
    const queries = [...asked];
    if (queries.length === 0) throw new Error(`${path} asked nothing`);
    const page = await cpuOf(server.pid ?? 0, () => read(`${origin}${path}`));
    const api = await cpuOf(server.pid ?? 0, async () => {
      for (const query of queries) await post(query);
    });
    const figures = [page.toFixed(0), api.toFixed(0), (Buffer.byteLength(html) / 1000).toFixed(0), queries.length];
    const painted = browser ? figuresOf(await paintPage(browser, `${origin}${path}`, shotOf(name))) : [];
    process.stdout.write(line(name, [...figures, ...painted]));
  }
} finally {
  await browser?.close();
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  await remove?.();
}
