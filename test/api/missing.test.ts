/** What a build lacks, and the strips of its cells, against the same worked out in memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobRecord, SuiteRecord } from '#schema/records.ts';
import { caseOf, changeOf, jobOf } from '../store/arbitrary.ts';
import { write } from '../store/temporary.ts';
import { type Server, startServer } from './server.ts';

const access = [{ login: 'root', token: 'root-token', teams: [], role: 'admin' as const }];
const LABS = ['alpha', 'beta'];
const START = 1_780_000_000_000_000;
const HOUR = 3_600_000_000;

const FATES = ['passes', 'passes', 'fails', 'skips', 'lost', 'canceled', 'incomplete', 'running', 'queued'] as const;
type Fate = (typeof FATES)[number];
type Job = { lab: string; type: string; build: number; isPublic: boolean; fate: Fate; suites: string[] };

const jobArbitrary: fc.Arbitrary<Job> = fc.record({
  lab: fc.constantFrom(...LABS),
  type: fc.constantFrom('qemu', 'x15'),
  build: fc.integer({ min: 0, max: 3 }),
  isPublic: fc.constantFrom(true, true, false),
  fate: fc.constantFrom(...FATES),
  suites: fc.uniqueArray(fc.constantFrom('ltp', 'smoke'), { minLength: 1, maxLength: 2 }),
});

const RESULT = { passes: 'PASS', fails: 'FAIL', skips: 'SKIP' } as const;
const didRun = (fate: Fate): fate is keyof typeof RESULT => fate in RESULT;
const OUTCOMES: Record<Fate, Partial<JobRecord>> = {
  passes: {},
  fails: {},
  skips: {},
  lost: { health: 'INCOMPLETE', errorType: 'Infrastructure' },
  canceled: { health: 'CANCELED' },
  incomplete: { health: 'INCOMPLETE', errorType: 'Job' },
  running: { state: 'RUNNING', health: 'UNKNOWN', endAt: null },
  queued: { state: 'SUBMITTED', health: 'UNKNOWN', startAt: null, endAt: null },
};

const atOf = ({ build }: Job, n: number) => START + build * HOUR + n * 1_000_000;

let caseId = 1;

async function writeAll(server: Server, project: string, jobs: readonly Job[], first: number) {
  // The last come first: numbers of builds are not in the order of time.
  for (const [n, job] of [...jobs.entries()].reverse()) {
    const { fate } = job;
    const suites = job.suites.map(
      (suite, ord): SuiteRecord => ({
        ...{ externalId: ord, name: `${ord}_${suite}`, isSteps: false },
        cases: didRun(fate) ? [caseOf({ externalId: caseId++, name: 'a', result: RESULT[fate] })] : [],
      }),
    );
    const record = jobOf({
      externalId: String(first + n),
      submitAt: atOf(job, n),
      deviceType: job.type,
      device: null,
      isPublic: job.isPublic,
      metadata: { 'git-tree': project, 'git-describe': `v${job.build}`, 'git-branch': 'main' },
      plannedSuites: job.suites,
      ...OUTCOMES[fate],
    });
    const change = changeOf(record, didRun(fate) ? suites : []);
    await write(server.writer, job.lab, record.state === 'FINISHED' ? change : { ...change, results: null });
  }
}

const KINDS = [
  ['running', 'RUNNING'],
  ['queued', 'QUEUED'],
  ['lost', 'INFRASTRUCTURE'],
  ['canceled', 'CANCELED'],
  ['incomplete', 'INCOMPLETE'],
] as const;

function reasonOf(jobs: readonly Job[], suite: string): [string, number] {
  for (const [fate, kind] of KINDS) {
    const n = jobs.filter((job) => job.fate === fate && job.suites.includes(suite)).length;
    if (n > 0) return [kind, n];
  }
  const complete = jobs.filter(({ fate }) => didRun(fate)).length;
  return complete > 0 ? ['LEFT_OUT', complete] : ['NEVER_SUBMITTED', 0];
}

function letterOf(jobs: readonly Job[], suite: string): string {
  const of = new Set(jobs.filter(({ suites }) => suites.includes(suite)).map(({ fate }) => fate));
  if (of.has('fails')) return 'F';
  if (of.has('passes')) return 'P';
  return of.has('lost') ? 'I' : of.has('skips') ? 'S' : '.';
}

function expectedOf(jobs: readonly Job[], isAdmin: boolean, build: number, builds: number) {
  const visible = jobs.filter((job) => isAdmin || job.isPublic);
  const known = [0, 1, 2, 3].filter((n) => n <= build && visible.some((job) => job.build === n));
  const before = known.filter((n) => n < build).slice(-builds);
  const at = (n: number, type: string) => visible.filter((job) => job.build === n && job.type === type);
  const ran = (n: number, type: string, suite: string) =>
    at(n, type).some(({ fate, suites }) => didRun(fate) && suites.includes(suite));
  const cells = ['ltp', 'smoke'].flatMap((suite) => ['qemu', 'x15'].map((type) => ({ suite, type })));
  const missing = cells.flatMap(({ suite, type }) => {
    const last = before.findLast((n) => ran(n, type, suite));
    if (last === undefined || ran(build, type, suite)) return [];
    const [kind, jobCount] = reasonOf(at(build, type), suite);
    return [{ suite, environment: { name: type }, kind, jobCount, lastBuild: { version: `v${last}` } }];
  });
  const strips = cells.flatMap(({ suite, type }) =>
    at(build, type).some(({ fate, suites }) => (didRun(fate) || fate === 'lost') && suites.includes(suite))
      ? [{ suite, type, recent: known.map((n) => letterOf(at(n, type), suite)).join('') }]
      : [],
  );
  return { missing, strips };
}

const QUERY = `query ($project: String!, $version: String!, $builds: Int!) { build(project: $project, version: $version) {
  missingCount(builds: $builds)
  missing(builds: $builds) { suite environment { name } kind jobCount lastBuild { version } }
  matrix { suite environment { name } recent } } }`;

type Answer = {
  build: {
    missingCount: number;
    missing: object[];
    matrix: { suite: string; environment: { name: string }; recent: string }[];
  } | null;
};

test('what is missing, why, and the strips are those of the visible jobs', { timeout: 300_000 }, async () => {
  const server = await startServer({ sources: LABS, access });
  let project = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(jobArbitrary, { minLength: 2, maxLength: 14 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      async (jobs, isAdmin, build, builds) => {
        const name = `p${project++}`;
        await writeAll(server, name, jobs, project * 100);
        const variables = { project: name, version: `v${build}`, builds };
        const options = { variables, token: isAdmin ? 'root-token' : undefined };
        const { build: found } = await server.data<Answer>(QUERY, options);
        if (!found) {
          expect(jobs.filter((job) => job.build === build && (isAdmin || job.isPublic))).toEqual([]);
          return;
        }

        const expected = expectedOf(jobs, isAdmin, build, builds);

        expect(found.missing).toEqual(expected.missing);
        expect(found.missingCount).toBe(expected.missing.length);
        expect(
          found.matrix.map(({ suite, environment, recent }) => ({ suite, type: environment.name, recent })),
        ).toEqual(expected.strips);
      },
    ),
    { numRuns: 200 },
  );
});

test('reasons are told in words, and bounds are told', async () => {
  const server = await startServer({ sources: LABS });
  const job = (build: number, fate: Fate): Job => {
    return { lab: 'alpha', type: 'qemu', build, isPublic: true, fate, suites: ['ltp'] };
  };
  const older = [job(0, 'passes')];
  const said = async (name: string, fates: readonly Fate[]) => {
    await writeAll(server, name, [...older, ...fates.map((fate) => job(1, fate))], 100 * name.length);
    const { build } = await server.data<{ build: { missing: { reason: string }[] } }>(
      `{ build(project: "${name}", version: "v1") { missing { reason } } }`,
    );
    return build.missing.map(({ reason }) => reason);
  };

  expect(await said('p', ['lost'])).toEqual(["1 job that was to run it failed by the lab's fault"]);
  expect(await said('pp', ['queued', 'queued'])).toEqual(['2 jobs that run it are queued']);
  expect(await said('ppp', ['running'])).toEqual(['1 job that runs it is not finished']);
  expect(await said('pppp', ['canceled'])).toEqual(['1 job that was to run it was canceled']);
  expect(await said('ppppp', ['incomplete'])).toEqual(['1 job that was to run it ended Incomplete']);
  const { body } = await server.ask('{ build(project: "p", version: "v1") { missing(builds: 51) { reason } } }');
  expect(body.errors?.[0]?.message).toBe('"builds" is 51: ask for 1 to 50.');
});
