/**
 * `npm run bench:postgres -- [--scale 1M]`: the packed store in PostgreSQL against a row a result in the same server,
 * batches in turn. CPU is this process's and the server's together.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { rebuild } from '#store/rebuild.ts';
import { createCluster } from '../test/postgres/cluster.ts';
import { type GeneratedJob, generate } from './generate.ts';
import { batches, openBench, resultsOf, writeBatch } from './ingest.ts';
import { cpuMs } from './measure.ts';
import { benchQueries } from './queries.ts';

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1M' } } });
const match = /^(\d+)([kM])$/.exec(values.scale);
if (!match) throw new Error(`--scale ${values.scale} is not understood: write 200k, 1M, 10M`);
const scale = Number(match[1]) * (match[2] === 'M' ? 1e6 : 1e3);
/** The reference grows no larger: its cost a result only grows. */
const REFERENCE = Math.min(scale, 1e6);
const TICK_MS = 10;

function line(name: string, figure: string, target = ''): void {
  process.stdout.write(`${name.padEnd(44)} ${figure.padEnd(40)} ${target}\n`);
}

/** CPU of every process of the server, milliseconds. */
function serverMs(folder: string): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres')) {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) continue;
      }
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it has ended meanwhile
    }
  }
  return ticks * TICK_MS;
}

const cluster = await createCluster({ fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB' });
try {
  const admin = new pg.Client({ connectionString: cluster.url });
  await admin.connect();
  await admin.query('CREATE DATABASE packed');
  await admin.query('CREATE DATABASE naive');
  const [packedUrl, naiveUrl] = ['packed', 'naive'].map((name) => cluster.url.replace(/postgres$/, name));
  const naive = new pg.Client({ connectionString: naiveUrl });
  await naive.connect();
  await naive.query(`CREATE TABLE result (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), job text NOT NULL, suite text NOT NULL,
    name text NOT NULL, result text NOT NULL, start int, finish int, logged timestamptz, measurement text, unit text)`);
  await naive.query('CREATE INDEX ON result (job)');
  await naive.query('CREATE INDEX ON result (suite, name, job)');
  const writeRows = async (jobs: readonly GeneratedJob[]) => {
    await naive.query('BEGIN');
    for (const { source, change } of jobs) {
      const rows = (change.results?.suites ?? []).flatMap((suite) =>
        Array.from(suite.cases, (c) => ({
          job: `m${source}/${change.job.externalId}`,
          suite: suite.name,
          name: c.name,
          result: c.result,
          start: c.startLogLine,
          finish: c.endLogLine,
          logged: c.loggedAt === null ? null : new Date(c.loggedAt / 1000).toISOString(),
          measurement: c.measurement,
          unit: c.unit,
        })),
      );
      await naive.query(
        `INSERT INTO result (job, suite, name, result, start, finish, logged, measurement, unit)
         SELECT * FROM json_to_recordset($1) AS r (job text, suite text, name text, result text, start int, finish int,
           logged timestamptz, measurement text, unit text)`,
        [JSON.stringify(rows)],
      );
    }
    await naive.query('COMMIT');
  };
  const opened = await openBench(packedUrl);
  const both = async (body: () => Promise<void>) => {
    const before = serverMs(cluster.folder);
    const own = await cpuMs(body);
    return own + serverMs(cluster.folder) - before;
  };
  const total = { results: 0, jobs: 0, packedMs: 0, packedBeside: 0, naiveMs: 0, naiveResults: 0 };
  for (const batch of batches(generate({ results: scale, metadata: false }))) {
    const results = resultsOf(batch);
    const packedMs = await both(() => writeBatch(opened, batch));
    if (total.results < REFERENCE) {
      total.naiveMs += await both(() => writeRows(batch));
      total.packedBeside += packedMs;
      total.naiveResults += results;
    }
    total.packedMs += packedMs;
    total.results += results;
    total.jobs += batch.length;
  }
  const size = async (database: string) => {
    const { rows } = await admin.query('SELECT pg_database_size($1)::float8 AS n', [database]);
    return Number(rows[0]?.n);
  };
  await opened.store.sql.run('VACUUM ANALYZE');
  await naive.query('VACUUM ANALYZE');
  const empty = await size('postgres');
  line('results', `${total.results.toLocaleString('en')} in ${total.jobs.toLocaleString('en')} jobs`);
  line('ingest, results a CPU second', Math.round((total.results / total.packedMs) * 1000).toLocaleString('en'));
  line('ingest against a row a result', `x${(total.naiveMs / total.packedBeside).toFixed(2)}`, 'x30 at 1M');
  line('bytes a result, all tables', (((await size('packed')) - empty) / total.results).toFixed(2), '7 at 10M');
  line('bytes a row, a row a result', (((await size('naive')) - empty) / total.naiveResults).toFixed(0));
  const tables = await opened.store.sql.all<{ name: string; bytes: number }>(
    `SELECT coalesce(p.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid))::float8 AS bytes FROM pg_class c
     LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 2 DESC LIMIT 10`,
  );
  for (const { name, bytes } of tables) line(`  ${name}`, (bytes / total.results).toFixed(3));
  await benchQueries(opened, line);
  const differences = await rebuild(opened.writer, 1_800_000_000_000_000);
  line('rebuild of derived tables', `${differences.length} differences`, '0');
  if (differences.length > 0) process.exitCode = 1;
  await naive.end();
  await admin.end();
  await opened.close();
} finally {
  await cluster.remove();
}
