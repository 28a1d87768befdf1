import { expect, onTestFinished, test } from 'vitest';
import { SourceError } from '#adapters/error.ts';
import type { JobChange } from '#schema/records.ts';
import { collect, context } from '../contract/adapter.ts';
import { FAULT_NAMES, type FaultProxy, standBefore } from '../fault-proxy/proxy.ts';
import { randomOf } from '../fault-proxy/random.ts';
import { addJob, startMaster } from './fake-master.ts';
import { giveTables } from './fake-rpc.ts';
import { openLava } from './open-lava.ts';

async function world() {
  const master = await startMaster();
  master.rpc = giveTables();
  for (let id = 1; id <= 5; id++) addJob(master, id);
  const proxy = await standBefore(master.url, randomOf(7), { longestMs: 100 });
  const { adapter, http } = openLava({ ...master, url: proxy.url }, { timeoutMs: 100, firstRetryMs: 1 });
  onTestFinished(async () => {
    await http.close();
    await proxy.close();
    await master.close();
  });
  const walk = async () => (await collect(adapter.changes(null, context()))).flatMap(({ changes }) => changes);
  return { proxy, walk };
}

const told = ({ job, results }: JobChange) => [job.externalId, job.state, results?.suites];
const logOf = ({ results }: JobChange) => results?.log && Buffer.concat([...results.log.bytes]).toString();

async function readThrough(proxy: FaultProxy, walk: () => Promise<JobChange[]>): Promise<JobChange[]> {
  proxy.switchTo(null);
  return walk();
}

for (const fault of FAULT_NAMES) {
  test(`through a way of ${fault} nothing is read that is not so`, async () => {
    const { proxy, walk } = await world();
    const truth = await readThrough(proxy, walk);
    expect(truth).toHaveLength(5);

    proxy.switchTo(fault, 0.2);
    const got = await walk().catch((cause: unknown) => {
      expect(cause).toBeInstanceOf(SourceError);
      return [];
    });

    expect(proxy.counts().harmed).toBeGreaterThan(0);
    const byId = new Map(truth.map((change) => [change.job.externalId, change]));
    for (const change of got) {
      const true_ = byId.get(change.job.externalId);
      if (!true_) throw new Error(`no job ${change.job.externalId}`);
      if (change.results) expect(told(change)).toEqual(told(true_));
      const log = change.results?.log;
      if (log && !log.truncated) expect(logOf(change)).toBe(logOf(true_));
      if (change.settled) expect(logOf(change)).toBe(logOf(true_));
    }
  });
}
