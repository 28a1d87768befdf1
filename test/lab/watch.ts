/** What somebody sees who has a page open: a real job that finishes, and a lab that falls silent. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { lab } from './masters.ts';
import { POLL_SECONDS, type Served } from './product.ts';

/** From its end on the master to the event, at most the poll interval and ten seconds. */
export async function showsUp(server: Served): Promise<string> {
  const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  const arrived = new Promise<{ at: number; fail: number; total: number; id: string }>((resolve, reject) => {
    client.subscribe<{
      jobFinished: { externalId: string; description: string; counts: { fail: number; total: number } };
    }>(
      {
        query:
          'subscription { jobFinished(filter: {scope: {sources: ["alpha"]}}) { externalId description counts { fail total } } }',
      },
      {
        next({ data }) {
          const job = data?.jobFinished;
          if (job?.description === 'lab qemu smoke') resolve({ at: Date.now(), id: job.externalId, ...job.counts });
        },
        error: reject,
        complete: () => undefined,
      },
    );
  });
  await lab('run-job', '--master', 'alpha', '--cases', '20');
  const late = sleep((POLL_SECONDS + 20) * 1000, null, { ref: false });
  const seen = await Promise.race([arrived, late]);
  assert.ok(seen, 'the job never showed up');
  const { job } = await server.query<{
    job: { endTime: string; log: { totalLines: number }; suites: { name: string }[] };
  }>(
    'query ($id: String!) { job(source: "alpha", externalId: $id) { endTime log(limit: 0) { totalLines } suites { name } } }',
    { id: seen.id },
  );
  const delay = (seen.at - Date.parse(job.endTime)) / 1000;
  assert.ok(delay <= POLL_SECONDS + 10, `it took ${delay} s`);
  assert.equal(seen.total, 24);
  assert.equal(seen.fail, 3);
  assert.ok(job.log.totalLines > 100);
  await client.dispose();
  return `job ${seen.id} seen ${delay.toFixed(1)} s after its end, ${job.log.totalLines} log lines`;
}

const PAGES = ['/', '/jobs', '/jobs/beta/1', '/builds', '/labs', '/labs/beta', '/devices'];

export async function fallsSilent(server: Served): Promise<string> {
  await lab('down', '--master', 'beta');
  const since = Date.now();
  for (;;) {
    const { coverage } = await server.query<{
      coverage: {
        complete: boolean;
        sources: { status: string; source: { slug: string; statusReason: string | null } }[];
      };
    }>('{ coverage { complete sources { status source { slug statusReason } } } }');
    const beta = coverage.sources.find(({ source }) => source.slug === 'beta');
    if (!coverage.complete && beta?.status === 'FAILING') {
      assert.match(beta.source.statusReason ?? '', /beta: /);
      break;
    }
    assert.ok(Date.now() - since < 120_000, 'coverage still says complete');
    await sleep(1000);
  }
  for (const path of PAGES) {
    const response = await fetch(`${server.url}${path}`);
    assert.equal(response.status, 200, path);
    const html = await response.text();
    if (path === '/' || path === '/labs/beta')
      assert.match(
        html.replaceAll('<!-- -->', ''),
        /beta.{0,200}since|since.{0,200}beta/s,
        `${path} does not say since when`,
      );
  }
  return `told after ${((Date.now() - since) / 1000).toFixed(0)} s; every page opens`;
}
