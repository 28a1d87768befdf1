/** The writing thread of served.ts: jobs that the store does not have yet, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { generate } from './generate.ts';
import { batches, reopenBench, writeBatch } from './ingest.ts';

const YEAR = 31_536_000_000_000;

const opened = await reopenBench(String(workerData));
let isFirst = true;
for (const batch of batches(generate({ results: 1e9, metadata: false }))) {
  const later = batch.map(({ source, change: { job, ...rest } }) => ({
    source,
    change: {
      ...rest,
      job: { ...job, externalId: String(1e8 + Number(job.externalId)), submitAt: job.submitAt + YEAR },
    },
  }));
  await writeBatch(opened, later);
  if (isFirst) parentPort?.postMessage('ready');
  isFirst = false;
}
