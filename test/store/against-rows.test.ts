/** Histories, comparisons and rankings against a model that keeps every result as a row, whatever arrived in whatever order. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { TRANSITIONS } from '#analysis/transition.ts';
import type { JobChange, TestResult } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { unpackChanges } from '#store/changes.ts';
import { RESULTS } from '#store/codec.ts';
import { compareSides } from '#store/compare.ts';
import { countFlakyRuns } from '#store/flaky-runs.ts';
import { flakyKey, listFlakyTests } from '#store/flaky-test.ts';
import type { Key, Page, PageRequest } from '#store/page.ts';
import { listRegressions } from '#store/regression.ts';
import { BASELINE, type RegressionRow, regressionKey } from '#store/regression-row.ts';
import { removeJob } from '#store/remove-job.ts';
import type { NamesRepeat } from '#store/shape.ts';
import { getTestHistory } from '#store/test-history.ts';
import { listTurnsToFail, type TurnToFail } from '#store/turn-to-fail.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { emptyStore } from './empty.ts';
import { comparisonOf, flakyOf, historyOf, type ResultRow, regressionsOf } from './row-model.ts';
import { settings } from './settings.ts';
import { temporaryWriter, write } from './temporary.ts';

const EVERYTHING: Viewer = { kind: 'everything' };
const START = 1_780_000_000_000_000;
const HISTORIES = Number(process.env.BASALT_HISTORIES || (inject('postgres') ? 10 : 150));
const SOURCES = ['alpha', 'beta', 'hidden'] as const;

type Saying = {
  type: 'qemu' | 'juno';
  isPublic: boolean;
  healthCheck: boolean;
  isLost: boolean;
  build: number;
  branch: 'master' | 'side';
  suites: { name: string; cases: { name: number; set: string | null; result: TestResult }[] }[];
};

const saying: fc.Arbitrary<Saying> = fc.record({
  type: fc.constantFrom('qemu', 'qemu', 'juno'),
  isPublic: fc.constantFrom(true, true, true, false),
  healthCheck: fc.constantFrom(false, false, false, true),
  isLost: fc.constantFrom(false, false, false, false, true),
  build: fc.nat({ max: 3 }),
  branch: fc.constantFrom('master', 'master', 'master', 'side'),
  suites: fc.array(
    fc.record({
      name: fc.constantFrom('0_smoke', '1_smoke', '2_net', 'lava'),
      cases: fc.array(
        fc.record({
          name: fc.nat({ max: 3 }),
          set: fc.constantFrom(null, null, 'mm'),
          result: fc.constantFrom<TestResult[]>('PASS', 'PASS', 'FAIL', 'FAIL', 'SKIP', 'UNKNOWN'),
        }),
        { maxLength: 5 },
      ),
    }),
    { maxLength: 3 },
  ),
});

/** Jobs have the numbers 1 to 12; the number says which source has it, so that none has two. */
type Event = { kind: 'arrives'; job: number; saying: Saying } | { kind: 'goes'; job: number };
const job = fc.integer({ min: 1, max: 12 });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('arrives' as const), job, saying }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goes' as const), job }) },
);

function sourceOf(number: number): (typeof SOURCES)[number] {
  return SOURCES[number % SOURCES.length] ?? 'alpha';
}

/** Two jobs each share the second of their submission. */
function submitOf(number: number): number {
  return START + (number >> 1) * 21_600_000_000 + number;
}

function toChange(number: number, said: Saying): JobChange {
  const submitAt = submitOf(number);
  return changeOf(
    jobOf({
      externalId: String(number),
      deviceType: said.type,
      device: `${said.type}-01`,
      submitAt,
      startAt: submitAt + 30_000_000,
      endAt: submitAt + 90_000_000,
      isPublic: said.isPublic,
      healthCheck: said.healthCheck,
      ...(said.isLost ? { health: 'INCOMPLETE' as const, errorType: 'Infrastructure' } : {}),
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${said.build}`, 'git-branch': said.branch },
    }),
    said.suites.map(({ name, cases }, i) => ({
      externalId: number * 10 + i,
      name,
      isSteps: name === 'lava',
      cases: cases.map(({ name: n, set, result }, k) =>
        caseOf({ externalId: number * 1000 + i * 100 + k, name: `case${n}`, set, result }),
      ),
    })),
  );
}

function toRows(number: number, said: Saying): ResultRow[] {
  return said.suites.flatMap(({ name, cases }, run) =>
    name === 'lava'
      ? []
      : cases.map((c, position) => ({
          job: String(number),
          source: sourceOf(number),
          type: said.type,
          isPublic: said.isPublic,
          healthCheck: said.healthCheck,
          isLost: said.isLost,
          submitAt: submitOf(number),
          number,
          branch: said.branch,
          build: `v${said.build}`,
          suite: name.slice(2),
          run,
          position,
          set: c.set,
          name: `case${c.name}`,
          result: c.result,
        })),
  );
}

/** Every page of a list, forward and backward. */
async function walk<Row>(
  read: (page: PageRequest) => Promise<Page<Row>>,
  keyOf: (row: Row) => Key,
  limit: number,
): Promise<Row[]> {
  const walkOne = async (backward: boolean) => {
    const rows: Row[] = [];
    for (let key: Key | null = null; ; ) {
      const page: Page<Row> = await read({
        limit,
        after: backward ? null : key,
        before: backward ? key : null,
        backward,
      });
      if (backward) rows.unshift(...page.rows);
      else rows.push(...page.rows);
      const edge = backward ? page.rows[0] : page.rows.at(-1);
      if (!(backward ? page.hasPrevious : page.hasNext) || !edge) return rows;
      key = keyOf(edge);
    }
  };
  const forward = await walkOne(false);
  expect(await walkOne(true)).toEqual(forward);
  return forward;
}

const names = async (writer: Writer) => {
  const rows = await writer.store.sql.all<{ id: number; name: string }>('SELECT id, external_id AS name FROM job');
  return new Map(rows.map((row) => [row.id, row.name]));
};

async function checkHistories(writer: Writer, viewer: Viewer, rows: readonly ResultRow[]): Promise<void> {
  const jobs = await names(writer);
  for (const test of [
    { suite: 'smoke', name: 'case0' },
    { suite: '7_smoke', name: 'case1', set: 'mm' },
    { suite: 'smoke', name: 'case2', branch: 'side' },
    { suite: 'net', name: 'case3' },
  ]) {
    for (const builds of [1, 2, 9]) {
      const { points, truncated } = await getTestHistory(
        writer.store,
        viewer,
        { project: 'mainline', ...test },
        builds,
        {
          includeHealthChecks: true,
        },
      );
      expect(truncated).toBe(false);
      expect(
        points.map((p) => ({ job: jobs.get(p.jobId), set: p.set, result: p.result, position: p.position })),
      ).toEqual(
        historyOf(rows, { ...test, suite: test.suite.replace('7_', '') }, builds).map(
          ({ build: _, ...point }) => point,
        ),
      );
    }
  }
  const since = submitOf(5);
  const until = submitOf(9);
  const test = { suite: 'smoke', name: 'case0' };
  const { points } = await getTestHistory(writer.store, viewer, { project: 'mainline', ...test }, 9, {
    since,
    until,
    sources: { slugs: ['alpha', 'hidden'] },
    deviceTypes: ['qemu'],
  });
  const narrowed = rows.filter(
    (row) =>
      row.submitAt >= since && row.submitAt < until && row.type === 'qemu' && row.source !== 'beta' && !row.healthCheck,
  );
  expect(points.map(({ jobId, result }) => [jobs.get(jobId), result])).toEqual(
    historyOf(narrowed, test, 9).map(({ job, result }) => [job, result]),
  );
}

const pairsOf = <Side>(sides: readonly Side[]): [Side, Side][] =>
  sides.flatMap((base) => sides.map((target): [Side, Side] => [base, target]));

async function checkComparisons(
  writer: Writer,
  viewer: Viewer,
  rows: readonly ResultRow[],
  limit: number,
): Promise<void> {
  const stored = await writer.store.sql.all<{ id: number; version: string; branch: string }>(
    'SELECT b.id, b.version, n.name AS branch FROM build b JOIN branch n ON n.id = b.branch_id',
  );
  const jobs = await names(writer);
  const master = stored.filter(({ branch }) => branch === 'master');
  const builds = master.flatMap((build) => [
    { ...build, source: undefined, type: undefined, job: undefined },
    { ...build, source: 'alpha', type: undefined, job: undefined },
  ]);
  const others = master.slice(0, 2).flatMap((build, i) => [
    { ...build, source: undefined, type: i === 0 ? 'qemu' : 'juno', job: undefined },
    { ...build, source: 'beta', type: 'qemu', job: undefined },
  ]);
  const single = [...jobs]
    .slice(0, 2)
    .map(([id, job]) => ({ id, version: '', source: undefined, type: undefined, job }));
  for (const [base, target] of [
    ...pairsOf(builds),
    ...pairsOf(others),
    ...pairsOf(single),
    ...pairsOf([...builds.slice(0, 1), ...others.slice(0, 1), ...single.slice(0, 1)]),
  ]) {
    const of = (side: typeof base) =>
      rows
        .filter(
          (row) =>
            row.job === side.job ||
            (side.job === undefined && row.build === side.version && row.branch === 'master' && !row.healthCheck),
        )
        .filter((row) => side.source === undefined || row.source === side.source)
        .filter((row) => side.type === undefined || row.type === side.type);
    const isOneKind = (side: typeof base) => side.type !== undefined || side.job !== undefined;
    const isOneSource = (side: typeof base) => side.source !== undefined || side.job !== undefined;
    const wanted = comparisonOf(of(base), of(target), {
      bySource: !isOneSource(base) && !isOneSource(target),
      acrossTypes: isOneKind(base) && isOneKind(target),
    });
    const sideOf = ({ id, source, type, job }: typeof base) =>
      job === undefined ? { buildId: id, source, deviceType: type } : { jobId: id };
    const comparison = await compareSides(writer.store, viewer, sideOf(base), sideOf(target), {});
    const changes = await walk(
      (page) => comparison.listChanges(TRANSITIONS, page),
      ({ key }) => key,
      limit,
    );
    expect(
      changes.map((c) => ({
        transition: c.transition,
        suite: c.suite,
        type: c.deviceType,
        set: c.set,
        name: c.name,
        base: c.baseResult,
        target: c.targetResult,
        places: [c.base, c.target].map((place) => place && `${jobs.get(place.jobId)} ${place.ord} ${place.position}`),
      })),
    ).toEqual(wanted.changes);
    expect(comparison.counts).toEqual(
      TRANSITIONS.map((transition) => ({
        transition,
        count: wanted.changes.filter((change) => change.transition === transition).length,
      })),
    );
    expect(comparison.pairs).toBe(wanted.pairs);
    expect(
      comparison.differences
        .map((d) =>
          [
            JSON.stringify([d.suite, d.deviceType]),
            d.slug,
            d.side,
            d.pass + d.fail + d.skip + d.unknown,
            d.compared,
          ].join(' '),
        )
        .sort(),
    ).toEqual(wanted.differences);
  }
}

async function checkRankings(writer: Writer, viewer: Viewer, rows: readonly ResultRow[], limit: number): Promise<void> {
  const day = Math.floor(START / 86_400_000_000);
  for (const by of ['SERIES', 'SOURCE'] as const) {
    for (const days of [
      { from: day, until: day + 30 },
      { from: day + 1, until: day + 2 },
    ]) {
      const read = (page: PageRequest) => listFlakyTests(writer.store, viewer, {}, by, days, page);
      const found = await walk(read, flakyKey, limit);
      const runs = await countFlakyRuns(writer.store, viewer, {}, days, found);
      expect(
        found.map(({ suite, deviceType, slug, set, name, flips }, i) => ({
          suite,
          type: deviceType,
          source: slug,
          set,
          name,
          flips,
          runs: runs[i],
        })),
      ).toEqual(flakyOf(rows, by, days.from, days.until));
    }
  }
}

/** Turns to failure against all rows of the histories. */
async function checkTurns({ store }: Writer): Promise<void> {
  const envIds = (await store.sql.all<{ id: number }>('SELECT id FROM env')).map(({ id }) => id);
  const rows = await store.sql.all<Omit<TurnToFail, 'caseId'> & { changes: Buffer; branch: string }>(
    `SELECT h.env_id AS "envId", h.suite_id AS "suiteId", h.branch_id AS "branchId", h.at, h.changes, b.name AS branch
     FROM suite_history h JOIN branch b ON b.id = h.branch_id`,
  );
  const [first, last] = [submitOf(4) / 1_000_000, submitOf(9) / 1_000_000].map(Math.floor);
  const listed = (turns: readonly TurnToFail[]) =>
    turns.map((turn) => JSON.stringify(Object.entries(turn).sort())).sort();
  for (const { from, until } of [
    { from: 0, until: 2e9 },
    { from: first ?? 0, until: last ?? 0 },
  ]) {
    for (const [branch, ids] of [
      [undefined, envIds],
      ['master', envIds.slice(1)],
    ] as const) {
      const wanted = rows
        .filter((row) => row.at >= from && row.at < until && ids.includes(row.envId))
        .filter((row) => (branch ?? row.branch) === row.branch)
        .flatMap(({ changes, branch: _, ...place }) =>
          unpackChanges(changes).flatMap(({ caseId, result }) =>
            RESULTS[result] === 'FAIL' ? [{ ...place, caseId }] : [],
          ),
        );
      for (const oldestFirst of [false, true]) {
        const { turns, reached } = await listTurnsToFail(store, ids, { branch }, { from, until }, oldestFirst);
        expect(listed(turns)).toEqual(listed(wanted));
        expect(reached).toEqual({ from, until });
        const order = turns.map(({ at }) => at);
        expect(order).toEqual(order.toSorted((a, b) => (oldestFirst ? a - b : b - a)));
      }
    }
  }
}

const RUNS = ['EXTREME_REGRESSION', 'SIGNIFICANT_REGRESSION', 'NOT_SIGNIFICANT', 'SIGNIFICANT_IMPROVEMENT'] as const;
/** So that few runs are significant. */
const LAX = { ...BASELINE, minFails: 1, confidence: 76 };

/** `jobs`: all that the viewer may see, those without results too. */
async function checkRegressions(
  writer: Writer,
  viewer: Viewer,
  rows: readonly ResultRow[],
  jobs: readonly { submitAt: number; branch: string; build: string }[],
  limit: number,
  lastJob = 14,
): Promise<RegressionRow[]> {
  await checkTurns(writer);
  const all: RegressionRow[] = [];
  const builds = await writer.store.sql.all<{ id: number; version: string }>('SELECT id, version FROM build');
  const versions = new Map(builds.map(({ id, version }) => [id, version]));
  const createdAt = (branch: string, build: string) =>
    Math.min(...jobs.filter((job) => job.branch === branch && job.build === build).map(({ submitAt }) => submitAt));
  const until = Math.floor(submitOf(lastJob) / 1_000_000);
  for (const { from, baseDays } of [
    { from: 0, baseDays: 30 },
    { from: Math.floor(submitOf(6) / 1_000_000), baseDays: 1 },
  ]) {
    const filter = { scope: {}, span: { from, until }, until, statuses: RUNS };
    const found = await walk(
      (page) => listRegressions(writer.store, viewer, filter, { ...LAX, baseDays }, page),
      regressionKey,
      limit,
    );
    all.push(...found);
    expect(
      found.map(({ at, branch, suite, set, name, deviceType, lastGoodId, firstBadId, fixedInId, ...row }) => ({
        at,
        branch,
        suite,
        set,
        name,
        type: deviceType,
        lastGood: versions.get(lastGoodId),
        firstBad: versions.get(firstBadId),
        fixedIn: fixedInId === null ? null : versions.get(fixedInId),
        failingBuilds: row.failingBuilds,
        sample: [row.sample.passes, row.sample.fails],
        base: [row.base.passes, row.base.fails],
        status: row.status,
        isHeld: row.isHeld,
        flakeChance: row.flakeChance,
      })),
    ).toEqual(regressionsOf(rows, createdAt, baseDays * 86_400, from, LAX));
  }
  return all;
}

test('what is significant, held open or by chance is that of a list with a row a result, in any order of arrival', {
  timeout: 300_000,
}, async () => {
  const writer = await temporaryWriter([...SOURCES]);
  const one = fc.record({
    type: fc.constantFrom('qemu', 'juno'),
    branch: fc.constantFrom<Saying['branch'][]>('master', 'master', 'side'),
    result: fc.constantFrom<TestResult>('PASS', 'PASS', 'FAIL'),
  });
  const seen = { held: 0, chance: 0, flakes: 0, listed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { minLength: 16, maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      async (list, keys) => {
        await emptyStore(writer.store);
        const fresh = createWriter(writer.store, []);
        const said = list.map(({ type, branch, result }, i): [number, Saying] => [
          i + 1,
          {
            ...{ type, branch, build: i >> 2, isPublic: true, healthCheck: false, isLost: false },
            suites: [{ name: '0_smoke', cases: [{ name: 0, set: null, result }] }],
          },
        ]);
        const order = new Map(said.map(([number]) => [number, keys.next().value ?? 0]));
        for (const [number, saying] of said.toSorted(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0)))
          await write(fresh, sourceOf(number), toChange(number, saying));
        const rows = said.flatMap(([number, saying]) => toRows(number, saying));
        const jobs = said.map(([number, { branch, build }]) => ({
          submitAt: submitOf(number),
          branch,
          build: `v${build}`,
        }));
        const found = await checkRegressions(fresh, EVERYTHING, rows, jobs, 50, 32);
        for (const { status, isHeld, flakeChance } of found) {
          if (isHeld) seen.held += 1;
          if (flakeChance !== null) seen.chance += 1;
          if (flakeChance !== null && status === 'NOT_SIGNIFICANT') seen.flakes += 1;
          if (/_REGRESSION$/.test(status)) seen.listed += 1;
        }
      },
    ),
    { numRuns: Math.ceil(HISTORIES / 3), seed: 5 },
  );
  if (HISTORIES >= 100) expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0);
});

test.each<[string, NamesRepeat | undefined]>([
  ['names repeat', undefined],
  ['names never repeat', () => false],
])(
  'histories, comparisons, rankings and regressions are those of a store with a row a result: %s',
  { timeout: 600_000 },
  async (_, namesRepeat) => {
    const shared = await temporaryWriter([
      'alpha',
      'beta',
      settings('hidden', { visibility: 'RESTRICTED', teams: ['x'] }),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 4 }),
        async (events, limit) => {
          await emptyStore(shared.store);
          const writer = createWriter(shared.store, [], namesRepeat);
          const said = new Map<number, Saying>();
          for (const each of events) {
            if (each.kind === 'arrives') {
              await write(writer, sourceOf(each.job), toChange(each.job, each.saying));
              said.set(each.job, each.saying);
              continue;
            }
            const row = await writer.store.sql.get<{ id: number }>(
              'SELECT id FROM job WHERE external_id = ?',
              String(each.job),
            );
            if (row) await writer.transaction(() => removeJob(writer, row.id));
            said.delete(each.job);
          }
          const all = [...said].flatMap(([number, saying]) => toRows(number, saying));
          const jobs = [...said].map(([number, { isPublic, branch, build }]) => ({
            submitAt: submitOf(number),
            source: sourceOf(number),
            isPublic,
            branch,
            build: `v${build}`,
          }));
          const isSeen = (one: { isPublic: boolean; source: string }) => one.isPublic && one.source !== 'hidden';
          for (const [viewer, rows, ofViewer] of [
            [EVERYTHING, all, jobs],
            [ANONYMOUS, all.filter(isSeen), jobs.filter(isSeen)],
          ] as const) {
            await checkRegressions(writer, viewer, rows, ofViewer, limit);
            await checkHistories(writer, viewer, rows);
            await checkComparisons(writer, viewer, rows, limit);
            await checkRankings(writer, viewer, rows, limit);
          }
        },
      ),
      { numRuns: HISTORIES },
    );
  },
);
