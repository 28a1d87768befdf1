import { expect, test } from 'vitest';
import { saveState } from '#store/state.ts';
import { startServer } from './server.ts';

test('what is asked for many times at once is told the same each time', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const { writer } = server;
  const differences = [{ table: 'env_day', missing: 1, extra: 2, wrong: 4 }];
  await writer.transaction(() =>
    saveState(writer.store.sql, 'check', { slice: null, differences, last: { finishedAt: 0, differences } }),
  );
  const scrape = async () => (await fetch(`${server.url}/metrics`)).text();
  for (const text of await Promise.all(Array.from({ length: 10 }, scrape))) {
    expect(text).toContain('basalt_derived_rows_mended{table="env_day"} 14\n');
    expect(text).toContain('basalt_store_lag_seconds 0\n');
    expect(text.match(/^basalt_source_status\{.*\} 1$/gm)).toEqual([
      'basalt_source_status{source="alpha",status="PENDING"} 1',
    ]);
  }
});

test('T-55: an event loop that stalled shows in the metrics, and whoever waited is answered', async () => {
  const server = await startServer({ sources: ['alpha'] });
  const lag = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);
  };
  await lag();
  const alive = () => fetch(`${server.url}/livez`);
  // The watch begins with a turn of the loop after it was read.
  for (const since = performance.now(); performance.now() - since < 100; ) await alive();
  const waiting = alive();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  expect((await waiting).status).toBe(200);
  expect(await lag()).toBeGreaterThan(1);
  expect(await lag()).toBeLessThan(1);
});
