/**
 * A deterministic lab: every value is a hash of its coordinates, so that any run of any size is the same everywhere.
 * 40 environments on 10 masters, jobs of 50, 500, 2,000 and 20,000 cases; 90.8 % pass, 7.8 % skip (the same cases
 * every time), 1.4 % fail, 0.03 % unknown; 5 % measurements; every case with log lines and an instant. A build has
 * 50,000 results, every 29th ten times the jobs of each kind; jobs wait up to an hour for a board.
 */
import type { CaseRecord, JobChange, SuiteRecord } from '#schema/records.ts';

export const MASTERS = 10;
const TYPES = 4;
const KINDS = [
  { suite: 'ltp', size: 50, perBuild: 40 },
  { suite: 'kselftest', size: 500, perBuild: 20 },
  { suite: 'kunit', size: 2_000, perBuild: 10 },
  { suite: 'cts', size: 20_000, perBuild: 1 },
] as const;
/** Seconds; a build begins every hour. */
export const START = 1_700_000_000;
const LARGE_EVERY = 29;
const LARGE_FACTOR = 10;

/** 32 bits of the numbers, well mixed. */
export function hash32(...keys: number[]): number {
  let h = 0x811c9dc5;
  for (const key of keys) {
    h = Math.imul(h ^ key, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/**
 * steady: jobs in order of submission; shuffled: the same jobs in any order; retries: one job in ten runs twice for its
 * build; unique-names: the name of every case that ran holds a pid (what is skipped has none); bare: no log lines and instants.
 */
export type Mode = 'steady' | 'shuffled' | 'retries' | 'unique-names' | 'bare';

/** `source`: the jobs of one master alone, as many as there are of it. */
export type GeneratorOptions = { results: number; metadata: boolean; mode?: Mode; source?: number };

export type GeneratedJob = { source: number; change: JobChange };

/** Jobs until there are enough results. */
export function* generate({ results, metadata, mode = 'steady', source }: GeneratorOptions): Generator<GeneratedJob> {
  const places = coordinates({ results, metadata, mode });
  const ordered =
    mode === 'shuffled' ? [...places].sort((a, b) => hash32(a.at, a.number) - hash32(b.at, b.number)) : places;
  for (const place of ordered) {
    const at = place.env % MASTERS;
    if (source === undefined || at === source) yield { source: at, change: jobOf(place) };
  }
}

function* coordinates({ results, metadata, mode }: Required<Omit<GeneratorOptions, 'source'>>): Generator<Coordinates> {
  const next = new Array<number>(MASTERS).fill(1);
  let made = 0;
  for (let build = 0; made < results; build++) {
    let inBuild = 0;
    const factor = isLarge(build) ? LARGE_FACTOR : 1;
    for (const [kind, { perBuild }] of KINDS.entries()) {
      for (let k = 0; k < perBuild * factor && made < results; k++) {
        const env = hash32(build, kind, k) % (MASTERS * TYPES);
        const source = env % MASTERS;
        const runs = mode === 'retries' && hash32(build, kind, k, 3) % 10 === 0 ? 2 : 1;
        for (let run = 0; run < runs; run++) {
          const number = next[source] ?? 1;
          next[source] = number + 1;
          const place = { build, kind, env, number, at: START + build * 3600 + inBuild++, metadata, mode };
          made += countOf(place);
          yield place;
        }
      }
    }
  }
}

/** Builds are numbered from 0 and named "v" and their number. */
export function isLarge(build: number): boolean {
  return build % LARGE_EVERY === LARGE_EVERY - 1;
}

type Coordinates = {
  build: number;
  kind: number;
  env: number;
  number: number;
  at: number;
  metadata: boolean;
  mode: Mode;
};

/** Three jobs in a hundred are cut short. */
function countOf({ build, kind, env, number }: Coordinates): number {
  const { size = 0 } = KINDS[kind] ?? {};
  const truncated = hash32(build, env, number) % 100 < 3;
  return truncated ? Math.floor((size * (hash32(number, env) % 100)) / 100) : size;
}

function jobOf(place: Coordinates): JobChange {
  const { build, kind, env, number, at } = place;
  const type = Math.floor(env / MASTERS);
  return {
    job: {
      externalId: String(number),
      url: null,
      state: 'FINISHED',
      health: 'COMPLETE',
      description: `build ${build} ${KINDS[kind]?.suite} on type-${type}`,
      submitter: 'bench',
      priority: 50,
      healthCheck: false,
      deviceType: `type-${type}`,
      device: `board-${env}-${hash32(build, kind, env) % 5}`,
      tags: [],
      submitAt: at * 1_000_000,
      startAt: (at + waitOf(place)) * 1_000_000,
      endAt: (at + waitOf(place) + 870) * 1_000_000,
      isPublic: true,
      multinodeGroup: null,
      role: null,
      definition: '',
      metadata: { 'git-tree': 'bench', 'git-describe': `v${build}`, 'git-branch': 'main' },
      plannedSuites: [],
      failureComment: null,
      errorType: null,
      errorMessage: null,
    },
    results: { suites: [suiteOf(place)], log: null },
    settled: true,
  };
}

/** One second to an hour, as many short waits as long ones by their logarithm. */
function waitOf({ env, number }: Coordinates): number {
  return Math.floor(2 ** ((hash32(env, number, 11) % 1200) / 100));
}

function suiteOf(place: Coordinates): SuiteRecord {
  const { build, kind, env, number, at, metadata, mode } = place;
  const { suite = '' } = KINDS[kind] ?? {};
  const name = `0_${suite}`;
  const count = countOf(place);
  const era = Math.floor(build / 50);
  const cases: CaseRecord[] = [];
  let line = 500;
  let logged = (at + 60) * 1_000_000;
  for (let i = 0; i < count; i++) {
    const seed = hash32(kind, i);
    const renamed = era > 0 && hash32(seed, era) % 100 === 0;
    const result = resultOf(seed, env, build);
    const pid = mode === 'unique-names' && result !== 'SKIP' ? `_pid${hash32(seed, number, at) % 32_768}` : '';
    const testName = `${suite}_case_${i}${renamed ? `_v${era}` : ''}${pid}`;
    const start = line;
    line += 1 + (seed % 7);
    // A master stores what a board sent in one post at once: microseconds apart, then a second or two of nothing.
    logged += i % 20 === 0 ? 1_000_000 + (hash32(seed, number) % 1_000_000) : 9 + (hash32(seed, number) % 4);
    const measured = seed % 20 === 0;
    const measurement = measured
      ? `${seed % 1000}.${String(hash32(seed, build) % 10_000).padStart(4, '0')}000000`
      : null;
    cases.push({
      externalId: number * 20_000 + i,
      name: testName,
      set: null,
      setExternalId: null,
      result,
      measurement,
      unit: measured ? 'seconds' : '',
      startLogLine: mode === 'bare' ? null : start,
      endLogLine: mode === 'bare' ? null : line - 1,
      loggedAt: mode === 'bare' ? null : logged,
      metadata: metadata ? `case: ${testName}\ndefinition: ${name}\nresult: ${result.toLowerCase()}\n` : null,
    });
  }
  return { externalId: number, name, isSteps: false, cases };
}

function resultOf(seed: number, env: number, build: number): CaseRecord['result'] {
  if (hash32(seed, env, 7) % 1000 < 78) return 'SKIP';
  const spell = Math.floor(build / (3 + (seed % 17)));
  const roll = hash32(seed, env, spell) % 10_000;
  if (roll < 140) return 'FAIL';
  return roll < 143 ? 'UNKNOWN' : 'PASS';
}

/** The job's cases as LAVA's REST writes them: what a sync has to parse. */
export function asRestJson({ job, results }: JobChange): string {
  const suite = results?.suites[0];
  const rows = Array.from(suite?.cases ?? [], (c) => restRow(c, job.externalId, suite?.externalId ?? 0));
  return JSON.stringify({ count: rows.length, next: null, previous: null, results: rows });
}

export function restRow(c: CaseRecord, job: string, suite: number): object {
  return {
    id: c.externalId,
    result: c.result.toLowerCase(),
    resource_uri: `http://master.example/api/v0.2/jobs/${job}/suites/${suite}/tests/${c.externalId}/`,
    unit: c.unit,
    name: c.name,
    measurement: c.measurement,
    metadata: c.metadata,
    start_log_line: c.startLogLine,
    end_log_line: c.endLogLine,
    logged: new Date((c.loggedAt ?? 0) / 1000).toISOString(),
    suite,
    test_set: null,
  };
}
