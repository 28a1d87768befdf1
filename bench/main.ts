/**
 * `npm run bench`: ratios against references measured in the same round, and CPU. Sizes by BENCH_RESULTS (default
 * 1,000,000) and BENCH_ROUNDS (default 5).
 */
import { generate } from './generate.ts';
import { fileBytes, ingestRound, openBench, type Round, writeBatch } from './ingest.ts';
import { cpuMs, median, spread } from './measure.ts';
import { benchQueries } from './queries.ts';

const results = Number(process.env.BENCH_RESULTS || 1_000_000);
const rounds = Number(process.env.BENCH_ROUNDS || 5);
const line = (name: string, text: string) => process.stdout.write(`${name.padEnd(34)} ${text}\n`);

const all: Round[] = [];
for (let i = 0; i < rounds; i++) {
  const opened = await openBench();
  const round = await ingestRound(results, opened);
  all.push(round);
  if (i === 0) {
    line('results', `${round.results.toLocaleString('en')} in ${round.jobs.toLocaleString('en')} jobs`);
    const again = [...generate({ results: 60_000, metadata: false })];
    const againMs = await cpuMs(() => writeBatch(opened, again));
    line('unchanged job again, CPU', `${((againMs * 1000) / again.length).toFixed(0)} us`);
    await opened.store.sql.run('VACUUM');
    await opened.store.sql.run('PRAGMA wal_checkpoint(TRUNCATE)');
    line('bytes a result (all tables)', (fileBytes(opened.folder) / round.results).toFixed(2));
    const tables = await opened.store.sql.all<{ name: string; bytes: number }>(
      'SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 12',
    );
    for (const { name, bytes } of tables) line(`  ${name}`, (bytes / round.results).toFixed(3));
    await benchQueries(opened, line);
  }
  opened.close();
}
const perSecond = all.map((r) => r.results / (r.packedMs / 1000));
line('ingest, results a CPU second', Math.round(median(perSecond)).toLocaleString('en'));
line('ingest against a bare row loop', `x${spread(all.map((r) => r.rowsMs / r.packedMs))}, target 2.0`);
line('parse and ingest against parse', `x${spread(all.map((r) => r.parseMs / (r.parseMs + r.packedMs)))}, target 0.8`);
