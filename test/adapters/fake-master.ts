/**
 * A master in memory behind real HTTP, with the habits of LAVA 2023.01: unknown filters are ignored, nested lists of
 * a job that is not there are empty, `count` is of the filtered list. What it is asked beyond that fails the test.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';

export type Wire = { [key: string]: unknown };
export type FakeJob = { row: Wire & { id: number }; suites: Wire[]; tests: Wire[]; log: string | Buffer | null };
export type Asked = {
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  headers: IncomingMessage['headers'];
  at: number;
};
/** Answers a request instead of the master; undefined lets the master answer. */
export type Fault = (asked: Asked, response: ServerResponse, count: number) => boolean | undefined;

export type Rpc = (
  master: FakeMaster,
  body: string,
  authorization: string | undefined,
  response: ServerResponse,
) => void;

export type FakeMaster = {
  url: string;
  jobs: Map<number, FakeJob>;
  lists: { workers: Wire[]; devicetypes: Wire[]; devices: Wire[]; aliases: Wire[]; tags: Wire[] };
  /** Names of device types and devices that need a login. */
  hidden: Set<string>;
  /** Jobs whose log was compressed, and to how many bytes. */
  packed: Map<number, number>;
  /** Jobs that are there and that no user of ours may see. */
  concealed: Set<number>;
  /** Whether lists of a job answer as those of 2025.10: 403 for one that is hidden, 404 for none. */
  tellsApart: boolean;
  /** Of the token. */
  user: string;
  /** Whether everything needs a login. */
  loginRequired: boolean;
  asked: Asked[];
  /** Requests that no master of ours should ever see. */
  unexpected: string[];
  mostAtOnce: number;
  /** Most rows in a page, whatever is asked for. */
  longestPage: number;
  /** What it counts for Prometheus (2023.06 and later); null: it has nothing there. */
  metrics: string | null;
  /** Answers calls of XML-RPC; null: there is none. */
  rpc: Rpc | null;
  delayMs: number;
  fault: Fault | null;
  /** Who listens at /ws/ now, and what each said of itself when it came. */
  listeners: Set<WebSocket>;
  cameToListen: IncomingMessage['headers'][];
  /** As a proxy that does not pass /ws/ on. */
  refuseListeners: boolean;
  /** What a new listener is met with. */
  greet: ((listener: WebSocket) => void) | null;
  tell(frame: string): void;
  close(): Promise<void>;
};

export const TOKEN = 'sesame-0123456789';
const API = '/api/v0.2/';

export async function startMaster(): Promise<FakeMaster> {
  let now = 0;
  const master: FakeMaster = {
    url: '',
    jobs: new Map(),
    lists: {
      workers: [
        {
          hostname: 'worker-1',
          health: 'Active',
          state: 'Online',
          description: null,
          last_ping: '2026-11-24T00:29:15.699181Z',
          job_limit: 0,
        },
      ],
      devicetypes: [deviceType('qemu'), deviceType('board')],
      devices: [device('qemu-1', 'qemu'), device('board-1', 'board')],
      aliases: [{ id: 1, name: 'x86', device_type: 'qemu' }],
      tags: [{ id: 1, name: 'usb', description: 'a stick' }],
    },
    hidden: new Set(),
    concealed: new Set(),
    packed: new Map(),
    tellsApart: false,
    user: 'reader',
    loginRequired: false,
    asked: [],
    unexpected: [],
    mostAtOnce: 0,
    longestPage: Number.POSITIVE_INFINITY,
    metrics: null,
    rpc: null,
    delayMs: 0,
    fault: null,
    listeners: new Set(),
    cameToListen: [],
    refuseListeners: false,
    greet: null,
    tell(frame) {
      for (const listener of master.listeners) listener.send(frame);
    },
    close() {
      for (const listener of master.listeners) listener.terminate();
      return new Promise((resolve) => server.close(() => resolve()).closeAllConnections());
    },
  };
  const server = createServer((request, response) => {
    now += 1;
    master.mostAtOnce = Math.max(master.mostAtOnce, now);
    response.on('close', () => {
      now -= 1;
    });
    const url = new URL(request.url ?? '/', 'http://master');
    const { authorization } = request.headers;
    const asked: Asked = {
      path: url.pathname,
      query: url.searchParams,
      authorization,
      headers: request.headers,
      at: performance.now(),
    };
    master.asked.push(asked);
    const isCall = request.method === 'POST' && url.pathname === '/RPC2';
    if (request.method !== 'GET' && !isCall) master.unexpected.push(`${request.method} ${request.url}`);
    setTimeout(async () => {
      if (master.fault?.(asked, response, master.asked.length) === true) return;
      if (isCall && master.rpc) master.rpc(master, await text(request), authorization, response);
      else answer(master, asked, response);
    }, master.delayMs);
  });
  const verifyClient = () => !master.refuseListeners;
  new WebSocketServer({ server, path: '/ws/', verifyClient }).on('connection', (listener, { headers }) => {
    master.cameToListen.push(headers);
    master.listeners.add(listener);
    listener.on('close', () => master.listeners.delete(listener));
    master.greet?.(listener);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  master.url = `http://127.0.0.1:${address.port}/`;
  return master;
}

export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  return true;
}

export const deviceType = (name: string): Wire => ({
  name,
  aliases: [],
  architecture: null,
  cores: [],
  description: null,
});

export const device = (hostname: string, type: string): Wire => ({
  hostname,
  device_type: type,
  device_version: null,
  description: null,
  tags: [1],
  state: 'Idle',
  health: 'Good',
  worker_host: 'worker-1',
});

/** As 2023.01 tells of a job. */
export function jobEvent(job: number, state: string, more: Wire = {}): string {
  const told = {
    health: state === 'Finished' ? 'Complete' : 'Unknown',
    state,
    job,
    description: `job ${job}`,
    ...more,
  };
  const frame = ['org.lavalab.testjob', `00000000-e78a-11f1-a73c-${job}`, '2026-11-23T22:06:49.964664', 'ci'];
  return JSON.stringify([...frame, JSON.stringify(told)]);
}

/** A finished public job that ended long ago; `more` overrides what the row says. */
export function addJob(master: FakeMaster, id: number, more: Wire = {}, cases = 3): FakeJob {
  const second = (n: number) =>
    `2026-05-01T00:${String(Math.floor(id / 60) % 60).padStart(2, '0')}:${String(id % 60).padStart(2, '0')}.00000${n}Z`;
  const row = {
    id,
    submitter: 'ci',
    viewing_groups: [],
    description: `job ${id}`,
    health_check: false,
    requested_device_type: 'qemu',
    tags: [1],
    actual_device: 'qemu-1',
    submit_time: second(1),
    start_time: second(2),
    end_time: second(3),
    state: 'Finished',
    health: 'Complete',
    priority: 50,
    definition: definition(),
    original_definition: '',
    multinode_definition: '',
    failure_tags: [],
    failure_comment: null,
    ...more,
  };
  const suite = { id: id * 10, name: '0_smoke', job: id };
  const tests = Array.from({ length: cases }, (_, i) => testCase(id * 1000 + i, suite.id, `case-${i}`));
  const job = { row, suites: [{ id: id * 10 - 1, name: 'lava', job: id }, suite], tests, log: logLines(id) };
  master.jobs.set(id, job);
  return job;
}

export function openJob(master: FakeMaster, id: number, state = 'Running'): FakeJob {
  return Object.assign(addJob(master, id, { state, health: 'Unknown', end_time: null }, 0), { suites: [], log: null });
}

export function finishJob(master: FakeMaster, id: number, at: Date): void {
  const { row } = addJob(master, id);
  row.end_time = at.toISOString();
}

export const testCase = (id: number, suite: number, name: string, more: Wire = {}): Wire => ({
  id,
  result: 'pass',
  unit: '',
  name,
  measurement: null,
  metadata: `case: ${name}\nresult: pass\n`,
  start_log_line: 1,
  end_log_line: 2,
  logged: '2026-05-01T00:00:01.000001Z',
  suite,
  test_set: null,
  ...more,
});

export const definition = (visibility = 'public') =>
  `job_name: x\nvisibility: ${visibility}\nmetadata:\n  git: {describe: v6.1}\n  kernel-config: [a, b]\n`;

/** As many as the cases name. */
const logLines = (id: number) =>
  [0, 1, 2].map((n) => `- {"dt": "2026-05-01T00:00:00.00000${n}", "lvl": "info", "msg": "job ${id}"}\n`).join('');

function answer(master: FakeMaster, asked: Asked, response: ServerResponse): unknown {
  const { path, query, authorization } = asked;
  const known = authorization === `Token ${TOKEN}`;
  if (path === '/v1/prometheus/') return count(master, authorization, response);
  if (authorization !== undefined && !known) return send(response, 403, { detail: 'Invalid token.' });
  if (path === `${API}system/version/`) return send(response, 200, { version: '2023.01' });
  if (master.loginRequired && !known) return send(response, 302, '', { location: `/accounts/login/?next=${path}` });
  if (path === `${API}system/whoami/`) return send(response, 200, { user: known ? master.user : '' });
  if (path === `${API}system/master_config/`)
    return send(response, 200, { EVENT_NOTIFICATION: true, LOG_SIZE_LIMIT: 5 });
  const list = /^\/api\/v0\.2\/(workers|devicetypes|devices|aliases|tags)\/$/.exec(path)?.[1];
  if (list === 'workers' || list === 'devicetypes' || list === 'devices' || list === 'aliases' || list === 'tags') {
    if (!known && (list === 'aliases' || list === 'tags'))
      return send(response, 403, { detail: 'Authentication credentials were not provided.' });
    const isSeen = (row: Wire) =>
      known ||
      ![row.name, row.hostname, row.device_type].some((name) => typeof name === 'string' && master.hidden.has(name));
    return page(master, master.lists[list].filter(isSeen), query, response);
  }
  const jobs = [...master.jobs.values()].filter(
    ({ row }) => !master.concealed.has(row.id) && (known || isPublic(master, row)),
  );
  if (path === `${API}jobs/`) {
    const rows = jobs.map(({ row }) => row).filter((row) => matches(row, query));
    return page(master, rows, query, response);
  }
  const one = /^\/api\/v0\.2\/jobs\/(\d+)\/$/.exec(path)?.[1];
  if (one !== undefined) {
    const found = jobs.find(({ row }) => row.id === Number(one));
    return found ? send(response, 200, found.row) : send(response, 404, { detail: 'Not found.' });
  }
  const nested = /^\/api\/v0\.2\/jobs\/(\d+)\/(suites|tests|logs)\/$/.exec(path);
  const job = nested && master.jobs.get(Number(nested[1]));
  const isConcealed = nested !== null && master.concealed.has(Number(nested[1]));
  if (master.tellsApart && isConcealed) return send(response, 403, { detail: 'You do not have permission.' });
  if (master.tellsApart && nested && !job) return send(response, 404, { detail: 'Not found.' });
  if (nested?.[2] === 'suites' || nested?.[2] === 'tests') {
    return page(
      master,
      (job?.[nested[2]] ?? []).filter((row) => matches(row, query)),
      query,
      response,
    );
  }
  if (nested?.[2] === 'logs') {
    if (!job || job.log === null) return send(response, 404, { detail: 'Not found.' });
    const isCounted = !master.packed.has(Number(nested[1]));
    const log = logFrom(job.log, query, master.packed.get(Number(nested[1])));
    const length = String(Buffer.byteLength(log));
    return log.length > 0 || !query.has('start')
      ? send(response, 200, log, { 'content-type': 'application/yaml', ...(isCounted && { 'content-length': length }) })
      : send(response, 404, { detail: 'Not found.' });
  }
  if (path.startsWith(API)) master.unexpected.push(path);
  return send(response, 404, '<!doctype html><h1>Not found</h1>', { 'content-type': 'text/html' });
}

/** As 2026.07 takes a login here: as a password alone. */
function count(master: FakeMaster, authorization: string | undefined, response: ServerResponse): unknown {
  if (master.metrics === null) return send(response, 404, 'Not found');
  const isPassword = authorization?.startsWith('Basic ') === true;
  if (authorization !== undefined && !isPassword)
    return send(response, 400, 'Only Basic authentication is supported', { 'content-type': 'text/html' });
  const login = `Basic ${Buffer.from(`${master.user}:${TOKEN}`).toString('base64')}`;
  if (isPassword && authorization !== login)
    return send(response, 400, 'Unknown user', { 'content-type': 'text/html' });
  if (master.loginRequired && !isPassword) return send(response, 302, '', { location: '/accounts/login/' });
  return send(response, 200, master.metrics, { 'content-type': 'text/plain; version=0.0.4' });
}

/** As of 2023.01: from the first line on, no more of a log that was compressed than that file is long. */
function logFrom(log: string | Buffer, query: URLSearchParams, packedBytes: number | undefined): string | Buffer {
  const from = Number(query.get('start') ?? 0);
  if (from === 0) return log.slice(0, packedBytes);
  return String(log)
    .split(/(?<=\n)/)
    .slice(from)
    .join('');
}

function isPublic(master: FakeMaster, row: Wire): boolean {
  const groups = Array.isArray(row.viewing_groups) && row.viewing_groups.length > 0;
  const names = [row.requested_device_type, row.actual_device];
  return (
    !groups &&
    String(row.definition).includes('visibility: public') &&
    !names.some((name) => typeof name === 'string' && master.hidden.has(name))
  );
}

/** Filters a master does not know, and values that are none, let everything through. */
function matches(row: Wire, query: URLSearchParams): boolean {
  const id = Number(row.id);
  const after = query.get('id__gt');
  const before = query.get('id__lt');
  const among = query.get('id__in');
  const state = query.get('state');
  const states = query.get('state__in');
  const ended = query.get('end_time__gt');
  const submitted = query.get('submit_time__gt');
  return (
    (after === null || id > Number(after)) &&
    (before === null || id < Number(before)) &&
    (state === null || state === row.state) &&
    (among === null || among === '' || among.split(',').includes(String(id))) &&
    (states === null || states.split(',').includes(String(row.state))) &&
    (ended === null || (typeof row.end_time === 'string' && row.end_time > ended)) &&
    (submitted === null || String(row.submit_time) > submitted)
  );
}

function page(master: FakeMaster, rows: readonly Wire[], query: URLSearchParams, response: ServerResponse): true {
  const keys = (query.get('ordering') ?? '').split(',').filter(Boolean);
  const sorted =
    keys.length === 0
      ? rows.toReversed()
      : rows.toSorted((a, b) => keys.reduce((order, key) => order || inOrder(a, b, key), 0));
  const offset = Number(query.get('offset') ?? 0);
  const limit = Math.min(Number(query.get('limit') ?? 50), master.longestPage);
  const results = sorted.slice(offset, offset + limit);
  const next = offset + limit < rows.length ? 'http://wrong.example/api/v0.2/jobs/1/cancel/' : null;
  return send(response, 200, { count: rows.length, next, previous: null, results });
}

function inOrder(a: Wire, b: Wire, key: string): number {
  return key.startsWith('-') ? compare(b[key.slice(1)], a[key.slice(1)]) : compare(a[key], b[key]);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '~') < String(b ?? '~') ? -1 : String(a ?? '~') > String(b ?? '~') ? 1 : 0;
}
