/**
 * `node bench/lava-master.ts`: ten LAVA masters on loopback, `/m0/` to `/m9/`, whose lists of jobs never end: those of
 * generate.ts, a year later and under numbers that no bench store has, each with a log. Prints its address.
 */
import { createServer } from 'node:http';
import type { CaseRecord, JobChange } from '#schema/records.ts';
import { generate, hash32, MASTERS, restRow } from './generate.ts';

const FIRST = 200_000_000;
const YEAR = 31_536_000_000_000;
/** Jobs a master has beyond those it was asked for. */
const AHEAD = 1_000_000;
const API = /^\/m(\d+)\/api\/v0\.2\/(?:system\/(\w+)|(\w+)|jobs\/(\d+)\/(\w+))\/$/;
const SYSTEM: Record<string, object> = {
  version: { version: '2024.09' },
  whoami: { user: '' },
  master_config: { EVENT_NOTIFICATION: false, LOG_SIZE_LIMIT: 50 },
};

type Master = { next: Iterator<{ change: JobChange }>; jobs: Map<number, JobChange> };

const masters = Array.from({ length: MASTERS }, (_, source): Master => {
  return { next: generate({ results: Number.POSITIVE_INFINITY, metadata: true, source }), jobs: new Map() };
});

/** Jobs after one, made as they are asked for; those long before it are forgotten. */
function jobsAfter({ next, jobs }: Master, after: number, limit: number): JobChange[] {
  for (const id of jobs.keys()) if (id < after - limit) jobs.delete(id);
  const found = () => [...jobs].filter(([id]) => id > after);
  while (found().length < limit) {
    const { change } = next.next().value;
    jobs.set(FIRST + Number(change.job.externalId), change);
  }
  return found()
    .slice(0, limit)
    .map(([, change]) => change);
}

const instant = (micros: number | null) => (micros === null ? null : new Date((micros + YEAR) / 1000).toISOString());

function jobRow({ job }: JobChange): object {
  const metadata = Object.entries(job.metadata).map(([key, value]) => `  ${key}: ${value}\n`);
  return {
    id: FIRST + Number(job.externalId),
    submitter: job.submitter,
    viewing_groups: [],
    description: job.description,
    health_check: false,
    requested_device_type: job.deviceType,
    tags: [],
    actual_device: job.device,
    submit_time: instant(job.submitAt),
    start_time: instant(job.startAt),
    end_time: instant(job.endAt),
    state: 'Finished',
    health: 'Complete',
    priority: 50,
    definition: `job_name: ${job.description}\nvisibility: public\nmetadata:\n${metadata.join('')}`,
    failure_comment: null,
  };
}

function caseRow(c: CaseRecord, job: number): object {
  return { ...restRow(c, String(job), job), id: c.externalId + FIRST * 20_000, logged: instant(c.loggedAt) };
}

/** As many lines as the cases lie in. */
function logOf({ job, results }: JobChange): string {
  const count = [...(results?.suites[0]?.cases ?? [])].at(-1)?.endLogLine ?? 500;
  const lines: string[] = [];
  for (let i = 0; i <= count; i++) {
    const word = hash32(i, Number(job.externalId));
    const dt = new Date((job.submitAt + YEAR) / 1000 + i * 10).toISOString().slice(0, -1);
    lines.push(
      `- {"dt": "${dt}", "lvl": "target", "msg": "[${i}.${word % 1000}] driver ${word % 40}: probe ${word.toString(16)}"}\n`,
    );
  }
  return lines.join('');
}

function list(rows: readonly object[], count = rows.length): string {
  return JSON.stringify({ count, next: null, previous: null, results: rows });
}

function answer(url: URL): string | null {
  const [, source, system, name, id, part] = API.exec(url.pathname) ?? [];
  const master = masters[Number(source)];
  if (!master) return null;
  if (system) return JSON.stringify(SYSTEM[system]);
  const after = Number(url.searchParams.get('id__gt') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 50);
  if (name === 'jobs' && !url.searchParams.has('state__in'))
    return list(jobsAfter(master, after, limit).map(jobRow), AHEAD);
  if (name) return list([]);
  const change = master.jobs.get(Number(id));
  const suite = change?.results?.suites[0];
  if (!change || !suite) return part === 'logs' ? null : list([]);
  if (part === 'logs') return logOf(change);
  if (part === 'suites') return list([{ id: Number(id), name: suite.name }]);
  const left = [...suite.cases].filter((c) => c.externalId + FIRST * 20_000 > after);
  return list(
    left.slice(0, limit).map((c) => caseRow(c, Number(id))),
    left.length,
  );
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://master/');
  const body = answer(url);
  const type = url.pathname.endsWith('/logs/') ? 'application/yaml' : 'application/json';
  response
    .writeHead(body === null ? 404 : 200, { 'content-type': type, 'content-length': Buffer.byteLength(body ?? '{}') })
    .end(body ?? '{}');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`http://127.0.0.1:${address.port}/\n`);
});
