/**
 * `npm run bench`: ratios against references measured in the same round, and CPU. Sizes by BENCH_RESULTS (default
 * 1,000,000) and BENCH_ROUNDS (default 5).
 */

import { asRestJson, fileBytes, generate, ingestRound, openBench, type Round, resultsOf, writeAll } from './ingest.ts';
import { cpuMs, median, spread } from './measure.ts';
import { benchQueries } from './queries.ts';

const results = Number(process.env.BENCH_RESULTS || 1_000_000);
const rounds = Number(process.env.BENCH_ROUNDS || 5);
const line = (name: string, text: string) => process.stdout.write(`${name.padEnd(34)} ${text}\n`);

const jobs = [...generate({ results, metadata: false })];
const documents = jobs.map(({ change }) => asRestJson(change));
const total = resultsOf(jobs);
line('results', `${total.toLocaleString('en')} in ${jobs.length.toLocaleString('en')} jobs`);

const opened = await openBench();
const writeMs = await cpuMs(() => writeAll(opened, jobs));
await opened.store.sql.run('VACUUM');
await opened.store.sql.run('PRAGMA wal_checkpoint(TRUNCATE)');
line('bytes a result (all tables)', (fileBytes(opened.folder) / total).toFixed(2));
const tables = await opened.store.sql.all<{ name: string; bytes: number }>(
  'SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 12',
);
for (const { name, bytes } of tables) line(`  ${name}`, (bytes / total).toFixed(3));
const again = await cpuMs(() => writeAll(opened, jobs.slice(0, 200)));
line('unchanged job again, CPU', `${((again * 1000) / 200).toFixed(0)} us`);
line('first write, results a CPU second', Math.round(total / (writeMs / 1000)).toLocaleString('en'));
await benchQueries(opened, line);
opened.close();

const all: Round[] = [];
for (let i = 0; i < rounds; i++) all.push(await ingestRound(jobs, documents));
line(
  'ingest, results a CPU second',
  Math.round(total / (median(all.map((r) => r.packedMs)) / 1000)).toLocaleString('en'),
);
line('ingest against a bare row loop', `x${spread(all.map((r) => r.rowsMs / r.packedMs))}, target 2.0`);
line('parse and ingest against parse', `x${spread(all.map((r) => r.parseMs / (r.parseMs + r.packedMs)))}, target 0.8`);
