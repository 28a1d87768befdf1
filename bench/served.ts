/**
 * `node bench/served.ts STORE_URL`: the API on the main thread and a writer at full rate on another, as `basalt serve`
 * runs them. Prints, as JSON, how long the main thread was held up.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openStore } from '#store/open.ts';
import { buildBenchApp } from './app.ts';

export type Served = { delayP99Ms: number; requests: number };

const SECONDS = 15;
const PAUSE_MS = 20;
const JOBS = '{ jobs(first: 50) { nodes { externalId state health counts { pass fail } source { slug } } } }';
const BUILDS =
  '{ project(slug: "bench") { builds(first: 20) { nodes { version counts { pass fail } jobCounts { complete } } } } }';
const CASES =
  '{ jobs(first: 1) { nodes { testCases(first: 100) { nodes { suite name result startLogLine loggedAt } } } } }';

const url = process.argv[2];
if (!url) throw new Error('served: STORE_URL is missing');
const store = await openStore({ url, mode: 'read' });
const app = await buildBenchApp(store);
const writer = new Worker(new URL('./served-writer.ts', import.meta.url), { workerData: url });
await new Promise((resolve) => writer.once('message', resolve));
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const end = performance.now() + SECONDS * 1000;
let requests = 0;
while (performance.now() < end) {
  for (const query of [JOBS, BUILDS, CASES]) {
    const answer = await app.inject({ method: 'POST', url: '/graphql', payload: { query } });
    if (answer.statusCode !== 200 || answer.json().errors) throw new Error(answer.body);
    requests += 1;
    await wait(PAUSE_MS);
  }
}
delay.disable();
await writer.terminate();
await app.close();
await store.close();
const served: Served = { delayP99Ms: delay.percentile(99) / 1e6, requests };
process.stdout.write(JSON.stringify(served));
