/**
 * The store whose pages `pages.ts` asks for: the results of generate.ts spread over the 26 days until now, 6 % of the jobs
 * incomplete with one of 76 messages and a log, a third of these logs with one of 13 kernel faults; and builds of 29,640
 * cells in the same ten labs, 300 suites on 100 kinds of boards, a third of these in two labs: twelve beside 10 M results.
 */
import type { JobChange } from '#schema/records.ts';
import { type GeneratedJob, generate, hash32, isLarge, MASTERS, START } from './generate.ts';
import { type HugeShape, hugeBuild } from './huge-jobs.ts';
import { batches, type Opened, openBench, resultsOf, writeBatch } from './ingest.ts';

const DAY = 86_400;
const DAYS = 26;
/** Of generate.ts. */
const HOUR = 3_600;
const IN_A_BUILD = 50_000;
/** generate.ts numbers the jobs of a master from one. */
const BEHIND_ALL = 10_000_000;

/** `jobs`: all that were written; `results`: those of generate.ts and of the builds of many cells. */
export async function growLargeStore(
  results: number,
  folder: string | undefined,
  now: number,
): Promise<Opened & { jobs: number; results: number }> {
  const opened = await openBench(undefined, folder);
  const written = { jobs: 0, results: 0 };
  const write = async (jobs: Iterable<GeneratedJob>) => {
    for (const batch of batches(jobs)) {
      await writeBatch(opened, batch);
      written.jobs += batch.length;
      written.results += resultsOf(batch);
    }
  };
  await write(spread(results, now));
  const builds = Math.max(2, Math.round((12 * results) / 10e6));
  for (let build = 0; build < builds; build++) await write(hugeBuild(build, shapeOf(builds, now)));
  return { ...opened, ...written };
}

/** In each build 18 of 1,500 jobs did not run. */
function shapeOf(builds: number, now: number): HugeShape {
  return {
    types: 100,
    cases: 8,
    labsOf: (type) => [type % MASTERS, ...(type % 3 === 1 ? [(type + 1) % MASTERS] : [])],
    runs: (build, type, first) => (type * 15 + first / 20) % 83 !== build + 6,
    submitAt: (build, place) => now - Math.round(((builds - build) * DAYS * DAY) / (builds + 1)) + place,
    firstNumber: BEHIND_ALL,
  };
}

function* spread(results: number, now: number): Generator<GeneratedJob> {
  const factor = (DAYS * DAY) / (buildsOf(results) * HOUR);
  for (const { source, change } of generate({ results, metadata: false })) {
    const since = change.job.submitAt / 1_000_000 - START;
    const shift = (now - DAYS * DAY - START + Math.round(since * (factor - 1))) * 1_000_000;
    yield { source, change: failed(moved(change, shift), source) };
  }
}

function buildsOf(results: number): number {
  let [build, made] = [0, 0];
  for (; made < results; build++) made += IN_A_BUILD * (isLarge(build) ? 10 : 1);
  return build;
}

function moved({ job, results, settled }: JobChange, shift: number): JobChange {
  const move = (at: number | null) => (at === null ? null : at + shift);
  for (const suite of results?.suites ?? []) for (const one of suite.cases) one.loggedAt = move(one.loggedAt);
  const times = { submitAt: job.submitAt + shift, startAt: move(job.startAt), endAt: move(job.endAt) };
  return { job: { ...job, ...times }, results, settled };
}

const ACTIONS = [
  ...['auto-login-action', 'bootloader-interrupt', 'tftp-deploy', 'http-download', 'uboot-commands', 'fastboot-flash'],
  ...['lava-test-shell', 'power-off', 'reset-device', 'connect-ssh', 'export-device-env', 'apply-overlay'],
  ...['compress-ramdisk', 'login-action', 'expect-shell', 'kernel-actions', 'prepare-kernel', 'lxc-boot', 'pdu-reboot'],
];
const MESSAGES: [type: string, text: (action: string, n: number) => string][] = [
  ['Infrastructure', (action, n) => `${action} timed out after ${n} seconds`],
  ['Infrastructure', (action, n) => `Connection closed while ${action} waited ${n} ms for the board`],
  ['Job', (action, n) => `${action}: matched a bootloader error message: 'Retry time exceeded' (${n})`],
  ['Test', (action, n) => `${action}: ${n} of the expected lines never came`],
];

function failed(change: JobChange, source: number): JobChange {
  const seed = hash32(Number(change.job.externalId), source, 23);
  const [errorType, text] = MESSAGES[seed % MESSAGES.length] ?? ['Job', String];
  if (seed % 100 >= 6 || !change.results) return change;
  const which = hash32(seed, 1);
  const errorMessage = text(ACTIONS[which % ACTIONS.length] ?? '', which % 1000);
  const log = { bytes: [Buffer.from(logOf(change, hash32(seed, 2)))], truncated: false };
  return {
    ...change,
    job: { ...change.job, health: 'INCOMPLETE', errorType, errorMessage },
    results: { ...change.results, log },
  };
}

const FUNCTIONS = [
  ...[
    'mmc_rescan',
    'ext4_writepage',
    'usb_hub_wq',
    'drm_atomic_commit',
    'tcp_v4_rcv',
    'clk_disable_unused',
    'dma_map_sg',
  ],
  ...['regmap_read', 'nvme_queue_rq', 'i2c_transfer', 'pm_runtime_work', 'futex_wait', 'cpuidle_enter'],
];
const FAULTS: ((of: string) => string)[] = [
  () => 'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010',
  (of) => `BUG: KASAN: slab-use-after-free in ${of}+0x1c/0x80`,
  (of) => `WARNING: CPU: 1 PID: 77 at drivers/${of}.c:120 ${of}+0x1c/0x80`,
  (of) => `kernel BUG at fs/${of}.c:2301!`,
];

/** Two hundred lines of a board, in one of three a fault. */
function logOf({ job }: JobChange, seed: number): string {
  const lines = Array.from({ length: 200 }, (_, n) => `probe of device ${hash32(seed, n) % 4096} took ${n} ms`);
  const fault = hash32(seed, 3) % FUNCTIONS.length;
  const of = FUNCTIONS[fault] ?? '';
  const report = [FAULTS[fault % FAULTS.length]?.(of) ?? '', 'Call trace:', ` ${of}+0x1c/0x80`, ' kthread+0x10/0x14'];
  if (seed % 3 === 0) lines.splice(150, 0, ...report, '---[ end trace 0000000000000000 ]---');
  const start = (job.startAt ?? job.submitAt) / 1000;
  const write = (text: string, n: number) =>
    `- {"dt": "${new Date(start + n * 500).toISOString().slice(0, -1)}", "lvl": "target", "msg": "[    ${n}.000000] ${text}"}\n`;
  return lines.map(write).join('');
}
