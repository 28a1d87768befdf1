/** Jobs of a project's builds for the tests of histories, comparisons and rankings. */
import type { JobRecord, TestResult } from '#schema/records.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import type { Server } from './server.ts';

const START = 1_780_000_000_000_000;
const RESULTS: Readonly<Record<string, TestResult>> = { P: 'PASS', F: 'FAIL', S: 'SKIP', U: 'UNKNOWN' };

export type BuildJob = {
  source?: string;
  number: number;
  build: string;
  /** Letters by name: P, F, S, U. A name "mm/boot" is boot of the set mm. */
  cases: Readonly<Record<string, string>>;
  suite?: string;
  /** By name; "speed" is measured where nothing is said. */
  measurements?: Readonly<Record<string, string>>;
} & Partial<JobRecord>;

/** One job an hour, in the order of their numbers. */
export function submitOf(number: number): number {
  return START + number * 3_600_000_000;
}

export async function addBuildJob(server: Server, options: BuildJob): Promise<void> {
  const { source = 'alpha', number, build, cases, suite = '0_smoke', measurements, ...overrides } = options;
  const submitAt = submitOf(number);
  const record = jobOf({
    externalId: String(number),
    submitAt,
    startAt: submitAt + 60_000_000,
    endAt: submitAt + 600_000_000,
    device: `${source}-board`,
    metadata: { 'git-tree': 'mainline', 'git-describe': build, 'git-branch': 'master' },
    ...overrides,
  });
  const named = Object.entries(cases).map(([key, letter]) => {
    const [name = '', set = null] = key.split('/').reverse();
    return { name, set, result: RESULTS[letter] ?? 'UNKNOWN' };
  });
  const suites = [
    {
      externalId: number,
      name: suite,
      isSteps: false,
      cases: named.map((each, i) => ({
        ...each,
        externalId: number * 100 + i,
        setExternalId: null,
        measurement: measurements?.[each.name] ?? (each.name === 'speed' ? `${number}.5000000000` : null),
        unit: each.name === 'speed' ? 'MB/s' : '',
        startLogLine: null,
        endLogLine: null,
        loggedAt: null,
        metadata: null,
      })),
    },
  ];
  await write(server.writer, source, changeOf(record, suites));
}
