/** What a finished job costs a real master: read by Basalt, in SQUAD's way, and by a person with a browser. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { standBefore } from '../fault-proxy/proxy.ts';
import { lab, type Master, rowsOf } from './masters.ts';
import { type Meter, minus, openMeter, type Spent } from './meter.ts';
import { browser, squadByRest, squadByXmlRpc, type Way } from './other-ways.ts';
import { createProduct, type Served } from './product.ts';
import { settled } from './settled.ts';

export type Cost = { way: string; jobs: number; requests: number; byKind?: Record<string, number> } & Spent;

const SECONDS = 90;
const QUIET_SECONDS = 20;

/** As many jobs a second finish, in all three measurements by the same seed. */
export async function measureCost(master: Master, folder: string, rate: number): Promise<Cost[]> {
  const meter = await openMeter(master.name);
  const proxy = await standBefore(master.url, Math.random, { sockets: master.ws_url });
  try {
    const data = join(folder, 'cost', 'data');
    const product = createProduct([{ ...master, url: proxy.url }], data, { poll: '* * * * *', settleSeconds: 10 });
    const history = await spend(meter, proxy, () => product.run('sync', '--once'));
    const stored = await storedJobs(data);

    const idle = await spend(meter, proxy, () => churn(master, rate));
    await product.run('sync', '--once');
    let ids: number[] = [];
    const server = await product.serve();
    await audited(server, master.name);
    const askedBefore = await askedByKind(data);
    const following = await spend(meter, proxy, async () => {
      ids = await churn(master, rate);
      await settled(data, 180);
    });
    const byKind = minusEach(await askedByKind(data), askedBefore);
    await server.stop();
    const own = {
      ...minus(following, idle),
      requests: following.requests,
    };
    const costs: Cost[] = [
      { way: 'Basalt, following', jobs: ids.length, ...own, byKind },
      { way: 'Basalt, history', jobs: stored, ...history },
    ];
    // What a job of a group costs is another thing: these ways are not shown it.
    const shown = new Set((await rowsOf(master, 'jobs/?ordering=id', null)).map(({ id }) => id));
    const seen = ids.filter((id) => shown.has(id));
    for (const way of [squadByRest(master), squadByXmlRpc(master), await browser(master)])
      costs.push({ way: way.name, jobs: seen.length, ...(await readAll(meter, way, seen)) });
    return costs;
  } finally {
    await proxy.close();
    await meter.close();
  }
}

/** Numbers of the jobs that finished. Its own connections are another role's, and what it costs PostgreSQL is the same each time. */
async function churn(master: Master, rate: number): Promise<number[]> {
  const args = ['--rate', String(rate), '--duration', String(SECONDS), '--slow', '10', '--role', 'lavachurn'];
  const said = await lab('churn', '--master', master.name, ...args);
  await sleep(QUIET_SECONDS * 1000);
  return [...said.matchAll(/"job": (\d+)/g)].map(([, id]) => Number(id));
}

export async function spend(
  meter: Meter,
  proxy: { counts(): { requests: number } },
  body: () => Promise<unknown>,
): Promise<Spent & { requests: number }> {
  const [before, asked] = [await meter.read(), proxy.counts().requests];
  await body();
  return { ...minus(await meter.read(), before), requests: proxy.counts().requests - asked };
}

async function readAll(meter: Meter, way: Way, ids: readonly number[]): Promise<Spent & { requests: number }> {
  assert.ok(ids.length > 0, 'no job finished');
  const before = await meter.read();
  let requests = 0;
  for (const id of ids) requests += await way.read(id);
  return { ...minus(await meter.read(), before), requests };
}

/** Until the audit that a server begins with has ended, and what it asked is written down. */
export async function audited({ query }: Served, slug: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    const found = await query<{ source: { reconciliation: { checkedAt: string } | null } }>(
      'query ($slug: String!) { source(slug: $slug) { reconciliation { checkedAt } } }',
      { slug },
      'sesame',
    );
    if (found.source.reconciliation) return sleep(5_000);
    await sleep(1_000);
  }
  throw new Error('the audit does not end');
}

async function askedByKind(data: string): Promise<Record<string, number>> {
  return withStore(data, async ({ sql }) => {
    const rows = await sql.all<{ kind: string; n: number }>(
      'SELECT kind, sum(requests) AS n FROM request_slot GROUP BY kind',
    );
    return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
  });
}

function minusEach(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([kind, n]) => [kind, n - (before[kind] ?? 0)]));
}

async function storedJobs(data: string): Promise<number> {
  return withStore(data, async ({ sql }) => (await sql.get<{ n: number }>('SELECT count(*) AS n FROM job'))?.n ?? 0);
}

async function withStore<T>(data: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ url: `sqlite:${join(data, 'basalt.db')}`, mode: 'read' });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

export function table(costs: readonly Cost[]): string {
  const head =
    '| way | jobs | requests a job | SQL a job | web CPU ms a job | PostgreSQL CPU ms a job |\n|---|---|---|---|---|---|\n';
  const each = (n: number, jobs: number) => (n / jobs).toFixed(n / jobs < 10 ? 2 : 1);
  const rows = costs.map(
    ({ way, jobs, requests, statements, webMs, databaseMs }) =>
      `| ${[way, jobs, ...[requests, statements, webMs, databaseMs].map((n) => each(n, jobs))].join(' | ')} |\n`,
  );
  const kinds = costs.flatMap(({ way, byKind = {} }) =>
    Object.entries(byKind).map(([kind, n]) => `${way}: ${n} requests of the kind ${kind}\n`),
  );
  return head + [...rows, '\n', ...kinds].join('');
}
