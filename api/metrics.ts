/** /metrics for Prometheus: the process, and the sources that who asks may see. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Viewer } from '#schema/viewer.ts';
import { readCheckState } from '#store/rebuild.ts';
import { allSources, getSourceTotals, statusOf } from '#store/source.ts';
import type { Store } from '#store/store.ts';

type Options = { store: Store; now: () => number };

export function addMetrics(app: FastifyInstance, { store, now }: Options): void {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  app.get('/metrics', async (request, reply) => {
    const register = Registry.merge([ofProcess, await measure(store, request.viewer, now())]);
    return reply.type(register.contentType).send(await register.metrics());
  });
}

/** A registry for each who asks: two that ask at a time must neither add up nor see what the other sees. */
async function measure(store: Store, viewer: Viewer, now: number): Promise<Registry> {
  const check = await readCheckState(store.sql);
  const sources = await allSources(store, viewer);
  const totals = await getSourceTotals(
    store,
    viewer,
    sources.map((row) => row.id),
  );
  const register = new Registry();
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [register] });
  const lag = gauge('basalt_source_lag_seconds', 'Seconds since the copy of the source was last complete.', ['source']);
  const status = gauge('basalt_source_status', '1 for the status the source has.', ['source', 'status']);
  const jobs = gauge('basalt_jobs', 'Jobs stored.', ['source']);
  const results = gauge('basalt_results', 'Results stored; the steps of LAVA are none.', ['source']);
  const letters = gauge('basalt_dead_letters', 'Records kept because they could not be understood.', ['source']);
  const differences = gauge(
    'basalt_derived_rows_mended',
    'Rows that differed from the facts in the last whole check of derived tables and since.',
    ['table'],
  );
  const checked = gauge('basalt_derived_checked_timestamp_seconds', 'When derived tables were last checked whole.', []);
  const behind = gauge(
    'basalt_store_lag_seconds',
    'Seconds that the database read here is behind the one written to.',
    [],
  );
  behind.set(await store.lagSeconds());
  if (check.last) checked.set(check.last.finishedAt / 1_000_000);
  for (const { table, missing, extra, wrong } of [...(check.last?.differences ?? []), ...check.differences]) {
    differences.inc({ table }, missing + extra + wrong);
  }
  for (const row of sources) {
    const source = row.slug;
    const { jobCount = 0, resultCount = 0, deadLetterCount = null } = totals.get(row.id) ?? {};
    if (row.lastSuccessAt !== null) lag.set({ source }, (now - row.lastSuccessAt) / 1_000_000);
    status.set({ source, status: statusOf(row, now).status }, 1);
    jobs.set({ source }, jobCount);
    results.set({ source }, resultCount);
    if (deadLetterCount !== null) letters.set({ source }, deadLetterCount);
  }
  return register;
}
