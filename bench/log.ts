/**
 * `npm run bench:log`: a LAVA log of 20 MB parsed line by line, as pages show it, and packed, as it is stored; beside it
 * js-yaml, which takes the log as the YAML it is; and the first lines of one of 100 MB, from its row and its file. CPU,
 * median of five rounds; a megabyte is 10^6 bytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parseLogLine } from '#schema/lava-log.ts';
import { readLogLines, writeLogFile } from '#store/log-file.ts';
import { packLogIndex, unpackLogIndex } from '#store/log-index.ts';
import { packLog } from '#store/pack-log.ts';
import { hash32 } from './generate.ts';
import { cpuMs, median } from './measure.ts';

const BYTES = 20_000_000;
/** js-yaml holds what it loads as a tree: a part of the log tells its speed. */
const PART_LINES = 20_000;
const ROUNDS = 5;
/** Of the large one; so many lines are on a page. */
const TIMES = 5;
const SHOWN = 200;
const LEVELS = ['target', 'target', 'target', 'debug', 'info', 'feedback', 'results'];

function lineOf(n: number): string {
  const dt = `2026-01-01T00:${String(Math.floor(n / 6000) % 60).padStart(2, '0')}:00.${String(n % 1_000_000).padStart(6, '0')}`;
  const level = LEVELS[hash32(n, 1) % LEVELS.length];
  const msg =
    level === 'results'
      ? `{"case": "case_${n}", "definition": "0_smoke", "result": "pass"}`
      : `"[${n}.${hash32(n, 2) % 1000}] usb ${n % 9}-1: new device number ${hash32(n, 3)} using \\"xhci\\""`;
  return `- {"dt": "${dt}", "lvl": "${level}", "msg": ${msg}}\n`;
}

const lines: string[] = [];
for (let bytes = 0; bytes < BYTES; bytes += lines.at(-1)?.length ?? 0) lines.push(lineOf(lines.length));
const log = lines.join('');
const bytes = Buffer.from(log);
const part = lines.slice(0, PART_LINES).join('');

async function megabytesASecond(size: number, body: () => unknown): Promise<number> {
  return size / 1000 / (await cpuMs(() => void body()));
}

/** A page of lines at its beginning and at its end: milliseconds. */
async function pagesOfLarge(): Promise<{ lines: number; first: number; last: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'basalt-bench-'));
  try {
    const { hash, index, lineCount } = writeLogFile(
      folder,
      Array.from({ length: TIMES }, () => bytes),
    );
    const row = packLogIndex(index);
    const page = (from: number) =>
      cpuMs(() => void readLogLines(folder, hash, unpackLogIndex(row), from, from + SHOWN));
    const first: number[] = [];
    const last: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      first.push(await page(0));
      last.push(await page(lineCount - SHOWN));
    }
    return { lines: lineCount, first: median(first), last: median(last) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Speeds = Record<'parsed' | 'packed' | 'yaml', number>;
const rounds: Speeds[] = [];
for (let i = 0; i < ROUNDS; i++) {
  rounds.push({
    parsed: await megabytesASecond(log.length, () => log.split('\n').map(parseLogLine)),
    packed: await megabytesASecond(bytes.length, () => packLog([bytes], () => undefined)),
    yaml: await megabytesASecond(part.length, () => load(part)),
  });
}
const large = await pagesOfLarge();
const of = (key: keyof Speeds) => median(rounds.map((round) => round[key]));
const ratio = median(rounds.map(({ parsed, yaml }) => parsed / yaml));
process.stdout.write(`${lines.length} lines parsed   ${of('parsed').toFixed(0)} MB/s, target 100
js-yaml               ${of('yaml').toFixed(1)} MB/s; parsed is x${ratio.toFixed(1)} of it, target x20
packed to be stored   ${of('packed').toFixed(0)} MB/s
of ${(TIMES * BYTES) / 1e6} MB, ${large.lines} lines: the first ${SHOWN} in ${large.first.toFixed(1)} ms, the last in ${large.last.toFixed(1)} ms
`);
