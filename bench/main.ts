/**
 * `npm run bench -- [--scale 1M] [--rounds 5] [--json FILE]`: the packed store against references that take turns with
 * it in the same process. Figures are CPU, or ratios of CPU; see RESULTS.md.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rebuild } from '#store/rebuild.ts';
import { generate, type Mode } from './generate.ts';
import {
  compactBytes,
  fill,
  ingestRound,
  type Opened,
  openBench,
  type Round,
  shuffledRound,
  writeBatch,
} from './ingest.ts';
import { cpuMs, median, spread } from './measure.ts';
import type { Memory } from './memory.ts';
import { benchQueries } from './queries.ts';
import { benchResults } from './results.ts';
import type { Served } from './served.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1M' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});
const match = /^(\d+)([kM])$/.exec(values.scale);
if (!match) throw new Error(`--scale ${values.scale} is not understood: write 200k, 1M, 50M`);
const scale = Number(match[1]) * (match[2] === 'M' ? 1e6 : 1e3);
const rounds = Number(values.rounds);
/** What is measured beside the main store is no larger than this. */
const side = Math.min(scale, 1e6);
const NOW = 1_800_000_000_000_000;

const figures: { name: string; figure: string; target: string }[] = [];
function line(name: string, figure: string, target = ''): void {
  figures.push({ name, figure, target });
  process.stdout.write(`${name.padEnd(44)} ${figure.padEnd(40)} ${target}\n`);
}

async function inBench<T>(body: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = await openBench();
  try {
    return await body(opened);
  } finally {
    await opened.close();
  }
}

/** The store at full scale: bytes, the same again, its queries, and whether it is what its facts say. */
async function mainStore(opened: Opened, { results, jobs }: Round): Promise<void> {
  line('results', `${results.toLocaleString('en')} in ${jobs.toLocaleString('en')} jobs`);
  const again = [...generate({ results: Math.min(scale, 60_000), metadata: false })];
  const againMs = await cpuMs(() => writeBatch(opened, again));
  line('unchanged job again', `${((againMs * 1000) / again.length).toFixed(0)} us`, '10 us');
  line('bytes a result, all tables', ((await compactBytes(opened)) / results).toFixed(2), '3.0 at 10M');
  const tables = await opened.store.sql.all<{ name: string; bytes: number }>(
    'SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 10',
  );
  for (const { name, bytes } of tables) line(`  ${name}`, (bytes / results).toFixed(3));
  await benchQueries(opened, line);
  await benchResults(opened, line);
  let differences: unknown[] = [];
  const rebuildMs = await cpuMs(async () => {
    differences = await rebuild(opened.writer, NOW);
  });
  if (differences.length > 0) process.exitCode = 1;
  line('rebuild of derived tables', `${differences.length} differences, ${(rebuildMs / 1000).toFixed(1)} s`, '0');
  const run = (script: string) =>
    execFileSync(process.execPath, [join(import.meta.dirname, script), opened.url], { encoding: 'utf8' });
  const { rssMb, mostMb }: Memory = JSON.parse(run('memory.ts'));
  line('memory, ingest and API together', `${rssMb} MB RSS, ${mostMb} at most`, '400 MB at 50M');
  const served: Served = JSON.parse(run('served.ts'));
  line('event-loop delay while ingesting, p99', `${served.delayP99Ms.toFixed(1)} ms`, '10 ms');
}

async function bytesOf(mode: Mode): Promise<string> {
  return inBench(async (opened) => {
    const { results } = await fill(side, mode, opened);
    return ((await compactBytes(opened)) / results).toFixed(2);
  });
}

const all: Round[] = [];
for (let i = 0; i < rounds; i++) {
  await inBench(async (opened) => {
    const round = await ingestRound(i === 0 ? scale : side, opened, i === 0 && scale <= 1e6);
    all.push(round);
    if (i === 0) await mainStore(opened, round);
  });
}
line(
  'ingest, results a CPU second',
  Math.round(median(all.map((r) => (r.results / r.packedMs) * 1000))).toLocaleString('en'),
);
line('ingest against the raw row loop', `x${spread(all.map((r) => r.rowsMs / r.packedMs))}`, 'x2.0');
line('JSON to stored against JSON.parse', `x${spread(all.map((r) => r.parseMs / (r.parseMs + r.packedMs)))}`, 'x0.8');
const naive = all.filter((r) => r.naiveMs > 0).map((r) => r.naiveMs / r.packedMs);
if (naive.length > 0) line('ingest against a row a result', `x${spread(naive)}`, 'x30 at 1M');
const shuffled: number[] = [];
for (let i = 0; i < rounds; i++) {
  shuffled.push(await inBench((steady) => inBench((other) => shuffledRound(side, steady, other))));
}
line('shuffled arrival against in order', `x${spread(shuffled)}`, 'x1.5');
line('bytes a result, no log lines and times', await bytesOf('bare'), '1.4 at 10M');
line('bytes a result, names that never repeat', await bytesOf('unique-names'), '6');
line('bytes a result, retries', await bytesOf('retries'));
if (values.json) {
  const report = { scale: values.scale, rounds, node: process.version, figures };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
