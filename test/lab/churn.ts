/**
 * Real masters that go on working, read through a way that harms their answers by a process that is killed. After quiet
 * the copy is compared with the masters' own databases.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultProxy, standBefore } from '../fault-proxy/proxy.ts';
import { randomOf } from '../fault-proxy/random.ts';
import { compareWithTables } from './compare-tables.ts';
import { auditLater } from './later.ts';
import { lab, type Master } from './masters.ts';
import { plantedAreFound } from './planted.ts';
import { createProduct, environment, type Served } from './product.ts';
import { planFaults, type Schedule, tellSchedule } from './schedule.ts';
import { settled } from './settled.ts';

/** A finished job is as likely to be deleted, hidden, annotated as these say, once for each job that finishes. */
const CHURN = [
  '--rate',
  '0.6',
  '--slow',
  '12',
  '--delete',
  '0.03',
  '--annotate',
  '0.1',
  '--hide',
  '0.05',
  '--cancel',
  '0.08',
];
const ALIKE = /: 0 missing, 0 changed/g;

export async function churnAndCompare(
  masters: readonly Master[],
  folder: string,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<string> {
  const data = join(folder, 'churn', 'data');
  const schedule = planFaults(
    seed,
    seconds,
    masters.map(({ name }) => name),
  );
  process.stdout.write(`    seed ${seed}, ${seconds} s\n${tellSchedule(schedule)}`);
  const proxies = new Map<string, FaultProxy>();
  try {
    for (const [i, { name, url, ws_url: sockets }] of masters.entries())
      proxies.set(name, await standBefore(url, randomOf(seed + 1 + i), { sockets }));
    const ways = masters.map((master) => ({ ...master, url: proxies.get(master.name)?.url ?? '' }));
    const churned = await harm(ways, data, proxies, schedule, { seconds, seed });

    const product = createProduct(ways, data);
    const repairing = await product.end('audit');
    assert.equal(repairing.out.match(ALIKE)?.length, masters.length, repairing.out);
    const { out } = await product.end('audit', '--no-repair');
    assert.equal(out.match(ALIKE)?.length, masters.length, out);
    const later = await auditLater(environment(ways, data), 7);
    for (const [slug, { missing, changed, alarm }] of later)
      assert.deepEqual({ missing, changed, alarm }, { missing: [], changed: [], alarm: null }, slug);
    const rebuilt = await product.run('doctor', '--rebuild');
    assert.match(rebuilt, /derived tables: 0 differences/);

    const server = await product.serve('--no-ingest');
    try {
      const same = await compareWithTables(masters, server);
      const [master] = masters;
      assert.ok(master);
      const planted = await plantedAreFound(master, data, server);
      return `${churned}; ${repairing.out.trim().replaceAll('\n', '; ')}; equal to the databases: ${JSON.stringify(same)}; ${planted}`;
    } finally {
      await server.stop();
    }
  } finally {
    for (const proxy of proxies.values()) await proxy.close();
  }
}

/** Serves through the faults of the schedule, and then until nothing is left to read. */
async function harm(
  masters: readonly Master[],
  data: string,
  proxies: ReadonlyMap<string, FaultProxy>,
  { episodes, killsAtMs }: Schedule,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<string> {
  const product = createProduct(masters, data);
  let server: Served = await product.serve();
  try {
    const churning = Promise.allSettled(
      masters.map(({ name }) =>
        lab('churn', '--master', name, '--duration', String(seconds), '--seed', String(seed), ...CHURN),
      ),
    );
    const began = performance.now();
    const until = (ms: number) => sleep(Math.max(0, began + ms - performance.now()));
    const faults = async () => {
      for (const { atMs, master, fault, share } of episodes) {
        await until(atMs);
        proxies.get(master)?.switchTo(fault, share);
      }
    };
    const kills = async () => {
      for (const atMs of killsAtMs) {
        await until(atMs);
        await server.kill();
        server = await product.serve();
      }
    };
    await Promise.all([faults(), kills()]);
    for (const proxy of proxies.values()) proxy.switchTo(null);
    const said = (await churning).map((one) => {
      if (one.status === 'rejected') throw one.reason;
      assert.match(one.value, /"job": /, 'a master on which nothing happened');
      return one.value;
    });
    // A job that waits since the churn began is looked at again when it has waited twice as long.
    const quietSeconds = await settled(data, 2 * seconds + 180);
    const count = (what: string) => said.join('').match(new RegExp(`"${what}": `, 'g'))?.length ?? 0;
    const counts = [...proxies.values()].map((proxy) => proxy.counts());
    const sum = (key: 'requests' | 'harmed') => counts.reduce((n, one) => n + one[key], 0);
    const did = ['job', 'late', 'annotated', 'hidden', 'deleted'].map((what) => `${count(what)} ${what}`).join(', ');
    return `${did}; ${sum('harmed')} of ${sum('requests')} requests harmed, ${killsAtMs.length} times killed; quiet after ${quietSeconds} s`;
  } finally {
    await server.stop();
  }
}
