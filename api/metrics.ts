/** /metrics for Prometheus: the process, and the sources everybody may see. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ANONYMOUS } from '#schema/viewer.ts';
import { readCheckState } from '#store/rebuild.ts';
import { allSources, getSourceTotals, statusOf } from '#store/source.ts';
import type { Store } from '#store/store.ts';

export function addMetrics(app: FastifyInstance, store: Store, now: () => number): void {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [register] });
  const lag = gauge('basalt_source_lag_seconds', 'Seconds since the copy of the source was last complete.', ['source']);
  const status = gauge('basalt_source_status', '1 for the status the source has.', ['source', 'status']);
  const jobs = gauge('basalt_jobs', 'Jobs stored.', ['source']);
  const results = gauge('basalt_results', 'Results stored, LAVA steps included.', ['source']);
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
  app.get('/metrics', async (_, reply) => {
    const check = await readCheckState(store.sql);
    const sources = await allSources(store, ANONYMOUS);
    const ids = sources.map((row) => row.id);
    const totals = await getSourceTotals(store, ANONYMOUS, ids);
    const storeLag = await store.lagSeconds();
    // All at once: two that scrape at a time must not add up.
    for (const each of [lag, status, jobs, results, letters, differences, checked]) each.reset();
    behind.set(storeLag);
    if (check.last) checked.set(check.last.finishedAt / 1_000_000);
    for (const { table, missing, extra, wrong } of [...(check.last?.differences ?? []), ...check.differences]) {
      differences.inc({ table }, missing + extra + wrong);
    }
    for (const row of sources) {
      const source = row.slug;
      if (row.lastSuccessAt !== null) lag.set({ source }, (now() - row.lastSuccessAt) / 1_000_000);
      status.set({ source, status: statusOf(row, now()).status }, 1);
      jobs.set({ source }, totals.get(row.id)?.jobCount ?? 0);
      results.set({ source }, totals.get(row.id)?.resultCount ?? 0);
      letters.set({ source }, totals.get(row.id)?.deadLetterCount ?? 0);
    }
    return reply.type(register.contentType).send(await register.metrics());
  });
}
