/** An HTTP server that answers like the recorded LAVA master, lists and filters included. */
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Recording, readRecording } from './recording.ts';
import { shiftRecording } from './shift.ts';

/** The token the replayed masters know. */
const TOKEN = 'recorded-demo-token';

export const RECORDINGS = ['alpha', 'beta', 'gamma'].map((name) => ({
  name,
  path: join(import.meta.dirname, 'recordings', `${name}.zst`),
  token: TOKEN,
}));

export type ReplayOptions = {
  /** Milliseconds: the newest recorded job ended just before. Null: times stay as recorded. */
  now: number | null;
  /** Holds the last jobs back: they run until they are let to finish. */
  live: boolean;
};

export type Replay = {
  url: string;
  requests(): number;
  /** From now on the jobs that are held back finish, one after the other. */
  letFinish(): void;
  close(): Promise<void>;
};

/** Jobs that are still running when a live replay begins, and the pace at which they finish. */
const HELD_BACK = 3;
const PACE_MS = 20_000;

type Row = { text: string; json: Record<string, unknown> };
type Lists = Record<keyof Recording['lists'], Row[]>;

export async function startReplay(path: string, { now, live }: ReplayOptions): Promise<Replay> {
  const recorded = readRecording(path);
  const recording = now === null ? recorded : shiftRecording(recorded, now);
  const parse = (rows: string[]): Row[] =>
    rows.map((text) => ({ text, json: JSON.parse(text) as Record<string, unknown> }));
  const lists: Lists = {
    workers: parse(recording.lists.workers),
    devices: parse(recording.lists.devices),
    devicetypes: parse(recording.lists.devicetypes),
    aliases: parse(recording.lists.aliases),
    tags: parse(recording.lists.tags),
    jobs: parse(recording.lists.jobs),
  };
  let letAt: number | null = null;
  const held = live ? lastFinished(lists.jobs) : [];
  const share = (id: number) => shareOf(id, held, letAt === null ? 0 : Date.now() - letAt);
  const jobs = (): Row[] => lists.jobs.map((row) => (share(Number(row.json.id)) < 1 ? asRunning(row) : row));
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const { status, type, body } = answer({ recording, lists, jobs: jobs(), share }, request);
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the replay has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    requests: () => requests,
    letFinish: () => {
      letAt ??= Date.now();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function lastFinished(rows: readonly Row[]): number[] {
  return rows
    .filter(
      ({ json }) =>
        json.state === 'Finished' &&
        json.health === 'Complete' &&
        String(json.definition).includes('visibility: public'),
    )
    .sort((a, b) => (String(a.json.end_time) < String(b.json.end_time) ? -1 : 1))
    .slice(-HELD_BACK)
    .map(({ json }) => Number(json.id));
}

/** How much of a job has run; one that is held back finishes in its turn. */
function shareOf(id: number, held: readonly number[], elapsed: number): number {
  const place = held.indexOf(id);
  return place < 0 ? 1 : Math.min(1, elapsed / ((place + 1) * PACE_MS));
}

function asRunning({ json }: Row): Row {
  const running = { ...json, state: 'Running', health: 'Unknown', end_time: null };
  return { text: JSON.stringify(running), json: running };
}

type Master = { recording: Recording; lists: Lists; jobs: Row[]; share: (id: number) => number };

type Answer = { status: number; type: string; body: string | Buffer };

const json = (status: number, body: string): Answer => ({ status, type: 'application/json', body });
const NOWHERE: Answer = { status: 404, type: 'text/html', body: '<!doctype html><h1>Not Found</h1>' };

function answer(master: Master, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? '/', 'http://replay/');
  const given = /^Token (.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  if (request.method !== 'GET') return json(405, '{"detail":"Method not allowed."}');
  if (given !== null && given !== TOKEN) return json(403, '{"detail":"Invalid token."}');
  const path = /^\/api\/v0\.2\/(.*)$/.exec(url.pathname)?.[1];
  if (path === undefined) return NOWHERE;
  const anonymous = given === null;
  const { recording } = master;

  if (path === 'system/version/') return json(200, recording.system.version);
  if (path === 'system/master_config/') return json(200, recording.system.master_config);
  if (path === 'system/whoami/') return json(200, anonymous ? '{"user":""}' : recording.system.whoami);
  const nested = /^jobs\/(\d+)\/(suites|tests|logs)?\/?$/.exec(path);
  if (nested) return answerJob(master, Number(nested[1]), nested[2] ?? '', anonymous, url);
  const name = path.replace(/\/$/, '');
  if (name === 'jobs') {
    const seen = new Set(recording.anonymous.jobs);
    return json(
      200,
      page(
        master.jobs.filter((row) => !anonymous || seen.has(Number(row.json.id))),
        url,
      ),
    );
  }
  if (name === 'aliases' || name === 'tags') {
    return anonymous
      ? json(403, '{"detail":"Authentication credentials were not provided."}')
      : json(200, page(master.lists[name], url));
  }
  if (name === 'devices' || name === 'devicetypes' || name === 'workers') {
    const seen = name === 'workers' || !anonymous ? null : new Set(recording.anonymous[name]);
    const retired = name === 'devices' && url.searchParams.get('all') !== 'true';
    const rows = master.lists[name].filter(
      ({ json: row }) =>
        (!seen || seen.has(String(row.hostname ?? row.name))) && !(retired && row.health === 'Retired'),
    );
    return json(200, page(rows, url));
  }
  return NOWHERE;
}

/** Nested lists of a LAVA of 2023 do not look at visibility, and are empty for jobs that do not exist. */
function answerJob({ recording, jobs, share }: Master, id: number, what: string, anonymous: boolean, url: URL): Answer {
  const row = jobs.find((job) => job.json.id === id);
  const visible = row !== undefined && (!anonymous || recording.anonymous.jobs.includes(id));
  const key = String(id);
  const finished = row?.json.state === 'Finished';
  const rows = (texts: string[] | undefined) =>
    (texts ?? []).map((text) => ({ text, json: JSON.parse(text) as Record<string, unknown> }));
  if (what === 'suites') return json(200, page(finished ? rows(recording.suites[key]) : [], url));
  if (what === 'tests') return json(200, page(finished ? rows(recording.tests[key]) : [], url));
  if (!visible) return json(404, '{"detail":"Not found."}');
  if (what === '') return json(200, row.text);
  const log = recording.logs[key];
  if (log == null) return json(404, '{"detail":"Not found."}');
  const lines = log.split(/(?<=\n)/);
  const sofar = lines.slice(positive(url.searchParams.get('start')) ?? 0, Math.ceil(lines.length * share(id)));
  if (sofar.length === 0) return json(404, '{"detail":"Not found."}');
  return { status: 200, type: 'application/yaml', body: Buffer.from(sofar.join(''), 'latin1') };
}

/** Limit and offset, the filters a master knows; those it does not know it ignores, and so do we. */
function page(rows: readonly Row[], url: URL): string {
  const query = url.searchParams;
  let found = [...rows];
  for (const [key, value] of query) {
    const test = FILTERS[key];
    if (test) found = found.filter(({ json }) => test(json, value));
  }
  const order = (query.get('ordering') ?? '').split(',').filter((field) => ORDERED.has(field.replace(/^-/, '')));
  found.sort((a, b) => {
    for (const field of order) {
      const descending = field.startsWith('-');
      const difference = compare(a.json[field.replace(/^-/, '')], b.json[field.replace(/^-/, '')]);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
  const limit = positive(query.get('limit')) ?? 50;
  const offset = positive(query.get('offset')) ?? 0;
  const shown = found.slice(offset, offset + limit);
  const link = (at: number) => {
    const target = new URL(url);
    target.searchParams.set('limit', String(limit));
    target.searchParams.set('offset', String(at));
    return JSON.stringify(target.href);
  };
  const next = offset + limit < found.length ? link(offset + limit) : 'null';
  const previous = offset > 0 ? link(Math.max(0, offset - limit)) : 'null';
  return `{"count":${found.length},"next":${next},"previous":${previous},"results":[${shown.map((row) => row.text).join(',')}]}`;
}

type Filter = (row: Record<string, unknown>, value: string) => boolean;

const FILTERS: Record<string, Filter> = {
  id: (row, value) => row.id === Number(value),
  id__gt: (row, value) => Number(row.id) > Number(value),
  id__lt: (row, value) => Number(row.id) < Number(value),
  id__in: (row, value) => value === '' || value.split(',').map(Number).includes(Number(row.id)),
  state: (row, value) => row.state === value,
  state__in: (row, value) => value.split(',').includes(String(row.state)),
  health: (row, value) => row.health === value,
  end_time__gt: (row, value) => typeof row.end_time === 'string' && compare(row.end_time, value) > 0,
};
const ORDERED = new Set(['id', 'submit_time', 'start_time', 'end_time', 'hostname', 'name']);

/** As PostgreSQL: nothing comes last. Instants differ in their number of decimals. */
function compare(a: unknown, b: unknown): number {
  if (a == null || b == null) return a == null ? (b == null ? 0 : 1) : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [normal(String(a)), normal(String(b))];
  return x === y ? 0 : x < y ? -1 : 1;
}

function normal(text: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text);
  return match ? `${match[1]}.${(match[2] ?? '').padEnd(6, '0')}` : text;
}

function positive(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
