import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { MappingRule } from '#analysis/build-mapping.ts';
import type { JobChange, TestResult } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { applyRules } from '#store/apply-rules.ts';
import { Conflict, NotFound } from '#store/error.ts';
import { explainStored } from '#store/explain-stored.ts';
import { hideJob } from '#store/hide-job.ts';
import { getJob } from '#store/job.ts';
import { omitResults, restoreResults } from '#store/omission.ts';
import { rebuild } from '#store/rebuild.ts';
import { removeJob } from '#store/remove-job.ts';
import { retire } from '#store/retention.ts';
import { saveKnownIssue } from '#store/save-known-issue.ts';
import type { NamesRepeat } from '#store/shape.ts';
import { packJob } from '#store/write-job.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { emptyStore } from './empty.ts';
import { issueOf, TRIAGER } from './known-issues.ts';
import { readEveryLog } from './read-every-log.ts';
import { readable } from './readable.ts';
import { temporaryWriter, write } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'ada', teams: [], role: 'admin' };
const NOW = 1_790_000_000_000_000;
const NUMBERS = [1, 2, 3, 10, 11, 12];
/** Over the network each costs twenty times as much. */
const HISTORIES = Number(process.env.BASALT_HISTORIES || (inject('postgres') ? 100 : 2000));

const NO_RULES: readonly MappingRule[] = [];
/** Another cut of the same metadata: other projects, no branches, and a build only for some. */
const OTHER_RULES: readonly MappingRule[] = [
  { project: 'tree-{git-tree}', match: { 'git-describe': 'v1' }, build: '{git-describe}' },
];

/** What a master says of a job at one moment. */
type Saying = {
  running: boolean;
  type: 'qemu' | 'juno';
  isPublic: boolean;
  build: number;
  tree: 'mainline' | 'next' | null;
  fate: 'complete' | 'infrastructure' | 'canceled';
  suites: { name: string; cases: { name: number; result: TestResult }[] }[];
};

const saying: fc.Arbitrary<Saying> = fc.record({
  running: fc.constantFrom(false, false, false, true),
  type: fc.constantFrom('qemu', 'qemu', 'qemu', 'juno'),
  isPublic: fc.constantFrom(true, true, true, false),
  build: fc.nat({ max: 2 }),
  tree: fc.constantFrom('mainline', 'mainline', 'mainline', 'next', null),
  fate: fc.constantFrom('complete', 'complete', 'complete', 'infrastructure', 'canceled'),
  suites: fc.array(
    fc.record({
      name: fc.constantFrom('0_smoke', '0_smoke', '1_smoke', '2_net', 'lava'),
      cases: fc.array(
        fc.record({
          name: fc.nat({ max: 3 }),
          result: fc.constantFrom<TestResult[]>('PASS', 'PASS', 'FAIL', 'SKIP', 'UNKNOWN'),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 3 },
  ),
});

type Event =
  | { kind: 'arrives'; job: number; saying: Saying }
  | { kind: 'arrives again'; job: number }
  | { kind: 'goes'; job: number }
  | { kind: 'is hidden'; job: number }
  | { kind: 'is left out' | 'is taken back'; job: number; suite: number; at: number }
  | { kind: 'rules change' }
  | { kind: 'time passes'; halfDays: number };

const job = fc.constantFrom(...NUMBERS);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('arrives'), job, saying }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('arrives again'), job }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('goes'), job }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('is hidden'), job }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('is left out', 'is left out', 'is taken back'),
      job,
      suite: fc.nat({ max: 1 }),
      at: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rules change') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time passes'), halfDays: fc.nat({ max: 4 }) }) },
) as fc.Arbitrary<Event>;

/** Jobs are submitted in the first half day and the second; the fourth half day later nothing is left of them. */
const RETENTION: Retention = { detail: 9, results: 10, rollups: 11 };
const HALF_DAY = 43_200_000_000;

async function retireAt(writer: Writer, halfDays: number): Promise<void> {
  const row = await writer.store.sql.get<{ id: number }>('SELECT id FROM source');
  await retire(writer, row?.id ?? 0, RETENTION, () => 1_780_000_001_000_000 + (20 + halfDays) * HALF_DAY);
}

/** Two jobs each share the second of their submission. */
function submitOf(number: number): number {
  return 1_780_000_000_000_000 + ((number % 10) >> 1) * 43_200_000_000 + number;
}

const numberOfCase = (number: number, suite: number, at: number) => number * 1000 + suite * 100 + at;

function changeFor(number: number, { running, type, isPublic, build, tree, fate, suites }: Saying): JobChange {
  const submitAt = submitOf(number);
  const metadata: Record<string, string> = { 'git-describe': `v${build}`, 'git-branch': 'master' };
  if (tree) metadata['git-tree'] = tree;
  const record = jobOf({
    externalId: String(number),
    deviceType: type,
    device: `${type}-01`,
    state: running ? 'RUNNING' : 'FINISHED',
    health: running
      ? 'UNKNOWN'
      : ({ complete: 'COMPLETE', infrastructure: 'INCOMPLETE', canceled: 'CANCELED' } as const)[fate],
    errorType: fate === 'infrastructure' ? 'Infrastructure' : null,
    errorMessage: fate === 'infrastructure' ? 'no usb' : null,
    submitAt,
    startAt: submitAt + 30_000_000,
    endAt: running ? null : submitAt + 90_000_000,
    isPublic,
    plannedSuites: ['smoke', 'boot'],
    metadata,
  });
  return changeOf(
    record,
    suites.map(({ name, cases }, i) => ({
      externalId: number * 10 + i,
      name,
      isSteps: name === 'lava',
      cases: cases.map(({ name: n, result }, k) =>
        caseOf({ externalId: numberOfCase(number, i, k), name: `case${n}`, result }),
      ),
    })),
  );
}

/** Of jobs and of tests, of a project, of a place, and until when. */
const ISSUES = [
  issueOf({ errorPattern: 'u?sb', deviceType: 'q*' }),
  issueOf({ suite: 'smoke', name: '*2' }),
  issueOf({ suite: '*', name: '*case1', project: 'mainline' }),
  issueOf({ suite: 'net', expiresAt: submitOf(10) }),
];

async function empty(writer: Writer, rules: readonly MappingRule[], namesRepeat?: NamesRepeat): Promise<Writer> {
  await emptyStore(writer.store);
  for (const issue of ISSUES.slice(0, 2)) await saveKnownIssue(writer.store, TRIAGER, null, issue, NOW);
  return createWriter(writer.store, rules, namesRepeat);
}

/** The issues that come last are held against what is stored. */
async function explainRest(writer: Writer): Promise<void> {
  for (const issue of ISSUES.slice(2)) await saveKnownIssue(writer.store, TRIAGER, null, issue, NOW);
  while (await explainStored(writer, { numbers: 5, jobs: 2, logs: 1 }));
}

async function remove(writer: Writer, number: number): Promise<boolean> {
  const row = await writer.store.sql.get<{ id: number }>('SELECT id FROM job WHERE external_id = ?', String(number));
  return row !== undefined && writer.transaction(() => removeJob(writer, row.id));
}

async function hide(writer: Writer, number: number): Promise<void> {
  const source = await getSyncState(writer, 'alpha');
  if (source) await writer.transaction(() => hideJob(writer, source, String(number), NOW));
}

/** Whether it was done: there may be no such job or case, or no single results any more. */
async function judge(writer: Writer, number: number, id: number, isLeftOut: boolean): Promise<boolean> {
  const job = await getJob(writer.store, ADMIN, 'alpha', String(number));
  if (!job) return false;
  const change = isLeftOut
    ? omitResults(writer.store, ADMIN, job.id, [id], 'the board was unplugged', NOW)
    : restoreResults(writer.store, ADMIN, job.id, [id], NOW);
  return change.then(
    () => true,
    (cause: unknown) => {
      if (cause instanceof NotFound || cause instanceof Conflict) return false;
      throw cause;
    },
  );
}

/** As if the master had skipped what was left out; what the master says of the job is the same. */
function skipped(change: JobChange, leftOut: ReadonlySet<number> | undefined): JobChange {
  if (!change.results || !leftOut) return change;
  const suites = change.results.suites.map((suite) => ({
    ...suite,
    cases: Array.from(suite.cases, (one) =>
      leftOut.has(one.externalId ?? -1) && !suite.isSteps ? { ...one, result: 'SKIP' as const } : one,
    ),
  }));
  return { ...change, results: { ...change.results, suites } };
}

test.each([
  ['names repeat', undefined],
  ['names never repeat', () => false],
])(
  'T-12, T-20: whatever arrives in whatever order, the tables are those of a fresh store and of a rebuild: %s',
  {
    timeout: 600_000,
  },
  async (_, namesRepeat) => {
    const shared = { lived: await temporaryWriter(), fresh: await temporaryWriter() };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 14 }), async (events) => {
        let rules = NO_RULES;
        let lived = await empty(shared.lived, rules, namesRepeat);
        const model = new Map<number, Saying>();
        const said = new Map<number, Saying>();
        const hidden = new Set<number>();
        const leftOut = new Map<number, Set<number>>();
        let age = -1;
        for (const each of events) {
          if (each.kind === 'rules change') {
            rules = rules === NO_RULES ? OTHER_RULES : NO_RULES;
            lived = createWriter(lived.store, rules, namesRepeat);
            await applyRules(lived, () => NOW);
            continue;
          }
          if (each.kind === 'goes') {
            if (await remove(lived, each.job)) {
              model.delete(each.job);
              leftOut.delete(each.job);
            }
            continue;
          }
          if (each.kind === 'is hidden') {
            const now = model.get(each.job);
            await hide(lived, each.job);
            if (now?.isPublic) hidden.add(each.job);
            if (now) model.set(each.job, { ...now, isPublic: false });
            continue;
          }
          if (each.kind === 'is left out' || each.kind === 'is taken back') {
            const [isLeftOut, id] = [each.kind === 'is left out', numberOfCase(each.job, each.suite, each.at)];
            if (!(await judge(lived, each.job, id, isLeftOut))) continue;
            const ids = leftOut.get(each.job) ?? new Set<number>();
            leftOut.set(each.job, ids);
            if (isLeftOut) ids.add(id);
            else ids.delete(id);
            continue;
          }
          if (each.kind === 'time passes') {
            age = Math.max(age, each.halfDays);
            await retireAt(lived, each.halfDays);
            continue;
          }
          const now = each.kind === 'arrives' ? each.saying : said.get(each.job);
          if (!now) continue;
          said.set(each.job, now);
          await write(lived, 'alpha', changeFor(each.job, now));
          const before = model.get(each.job);
          if (before && !before.running && now.running) continue;
          model.set(each.job, now);
          hidden.delete(each.job);
        }
        const fresh = await empty(shared.fresh, rules);
        for (const number of NUMBERS) {
          const now = model.get(number);
          if (!now) continue;
          const change = changeFor(number, now);
          expect(await write(fresh, 'alpha', skipped(change, leftOut.get(number)))).toBe('written');
          const { digest } = packJob(fresh, change);
          await fresh.store.sql.run('UPDATE job SET digest = ? WHERE external_id = ?', digest, String(number));
        }
        for (const number of hidden)
          await fresh.store.sql.run('UPDATE job SET digest = ? WHERE external_id = ?', Buffer.alloc(0), String(number));
        for (const one of [lived, fresh]) await explainRest(one);
        if (age >= 0) for (const store of [lived, fresh]) await retireAt(store, age);
        const tables = await readable(lived.store, ['device']);
        expect(tables).toEqual(await readable(fresh.store, ['device']));
        await readEveryLog(lived);
        expect(await rebuild(lived, NOW)).toEqual([]);
        expect(await readable(lived.store, ['device'])).toEqual(tables);
      }),
      { numRuns: HISTORIES },
    );
  },
);

test('T-03: a job that has finished does not go back to running', async () => {
  const writer = await temporaryWriter();
  const finished = changeOf(jobOf(), []);
  await write(writer, 'alpha', finished);

  const stale = changeOf(jobOf({ state: 'RUNNING', health: 'UNKNOWN', endAt: null }), []);

  expect(await write(writer, 'alpha', stale)).toBe('unchanged');
});

test('L-15: a number that belongs to another job now is a conflict, and nothing is overwritten', async () => {
  const writer = await temporaryWriter();
  await write(writer, 'alpha', changeOf(jobOf(), []));

  await expect(write(writer, 'alpha', changeOf(jobOf({ submitAt: 1_780_000_000_000_001 }), []))).rejects.toThrow(
    /submitted at another time/,
  );
});
