/**
 * `npm run bench:huge-job`: what `basalt sync --once` takes for a job of 500,000 cases, and for one with a log of 100 MB,
 * from a master on loopback in this process: CPU and the most memory it held, beside the same for a small job.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Kind = { name: string; cases: number; logBytes: number };
const KINDS: Kind[] = [
  { name: '100 cases, a log of 10 kB', cases: 100, logBytes: 10_000 },
  { name: '500,000 cases', cases: 500_000, logBytes: 10_000 },
  { name: 'a log of 100 MB', cases: 100, logBytes: 100_000_000 },
];
const API = '/api/v0.2/';
const root = join(import.meta.dirname, '..');

const JOB = {
  id: 1,
  submitter: 'bench',
  viewing_groups: [],
  description: 'huge',
  health_check: false,
  requested_device_type: 'board',
  tags: [],
  actual_device: null,
  submit_time: '2026-01-01T00:00:00Z',
  start_time: '2026-01-01T00:01:00Z',
  end_time: '2026-01-01T09:00:00Z',
  state: 'Finished',
  health: 'Complete',
  priority: 50,
  definition: 'job_name: huge\nvisibility: public\n',
  failure_comment: null,
};

function caseOf(i: number): object {
  return {
    id: i + 1,
    name: `module_${Math.floor(i / 500)}#case_${i}`,
    result: i % 70 === 0 ? 'fail' : i % 13 === 0 ? 'skip' : 'pass',
    suite: 1,
    test_set: null,
    measurement: null,
    unit: '',
    metadata: `case: module_${Math.floor(i / 500)}#case_${i}\ndefinition: 0_vts\nresult: pass\n`,
    start_log_line: i + 1,
    end_log_line: i + 2,
    logged: '2026-01-01T08:00:00.000001Z',
  };
}

const LINE = (n: number) =>
  `- {"dt": "2026-01-01T00:00:00.${String(n % 1_000_000).padStart(6, '0')}", "lvl": "target", "msg": "[${n}] a line of a board that says a lot: ${(n * 2_654_435_761) % 4_294_967_296}"}\n`;

/** As slow as the reader takes it. */
async function* logOf(bytes: number): AsyncGenerator<string> {
  let piece = '';
  for (let n = 0, sent = 0; sent < bytes; n++) {
    piece += LINE(n);
    if (piece.length < 65_536) continue;
    sent += piece.length;
    yield piece;
    piece = '';
  }
  yield piece;
}

function serve({ cases, logBytes }: Kind) {
  return createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://master');
    const path = url.pathname.slice(API.length);
    const list = (rows: object[], count = rows.length) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ count, next: null, previous: null, results: rows }));
    // There is no line after the last one.
    if (url.searchParams.has('start')) response.writeHead(404).end();
    else if (path === 'jobs/1/logs/') {
      response.writeHead(200, { 'content-type': 'application/yaml' });
      for await (const piece of logOf(logBytes)) if (!response.write(piece)) await once(response, 'drain');
      response.end();
    } else if (path === 'jobs/1/tests/') {
      const after = Number(url.searchParams.get('id__gt'));
      const size = Math.min(Number(url.searchParams.get('limit')), cases - after);
      list(
        Array.from({ length: Math.max(0, size) }, (_, i) => caseOf(after + i)),
        cases - after,
      );
    } else if (path === 'jobs/1/suites/') list([{ id: 1, name: '0_vts' }]);
    else if (path === 'jobs/')
      list(url.searchParams.has('state__in') || Number(url.searchParams.get('id__gt')) > 0 ? [] : [JOB]);
    else if (path === 'system/version/') response.end('{"version": "2023.01"}');
    else if (path === 'system/whoami/') response.end('{"user": ""}');
    else if (path === 'system/master_config/') response.end('{}');
    else list([]);
  });
}

async function measure(kind: Kind): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-bench-'));
  const server = serve(kind).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    join(folder, 'basalt.yaml'),
    `sources:\n  - slug: lab\n    url: http://127.0.0.1:${port}/\n    budget: { concurrent: 2, perMinute: 6000 }\n`,
  );
  const command = spawn(process.execPath, ['cli/basalt.js', 'sync', '--once'], {
    cwd: root,
    env: { ...process.env, BASALT_CONFIG: join(folder, 'basalt.yaml'), BASALT_DATA: folder },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  command.stderr.on('data', (text) => {
    said += text;
  });
  let most = 0;
  let ticks = 0;
  const sampling = setInterval(() => {
    try {
      most = Math.max(
        most,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${command.pid}/status`, 'utf8'))?.[1] ?? 0),
      );
      const stat = readFileSync(`/proc/${command.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      ticks = Number(stat[11]) + Number(stat[12]);
    } catch {
      // it has ended
    }
  }, 100);
  const started = performance.now();
  const [code] = await once(command, 'exit');
  clearInterval(sampling);
  server.close();
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 || !/1 written/.test(said)) throw new Error(`basalt sync: ${code} ${said}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `${seconds} s, ${(ticks / 100).toFixed(1)} s CPU, at most ${Math.round((most * 1024) / 1e6)} MB`;
}

for (const kind of KINDS) process.stdout.write(`${kind.name.padEnd(28)} ${await measure(kind)}\n`);
