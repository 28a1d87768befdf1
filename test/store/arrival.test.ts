import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobChange } from '#schema/records.ts';
import type { Store } from '#store/open.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

/** All derived rows by names instead of numbers, so that stores filled in different orders can be compared. */
async function derived(store: Store) {
  const JOB = '(SELECT external_id FROM job WHERE job.id = t.job_id)';
  const ENV =
    "(SELECT d.name || '/' || e.source_id || '/' || e.is_public FROM env e JOIN device_type d ON d.id = e.device_type_id WHERE e.id = t.env_id)";
  const CASE =
    "(SELECT s.name || '/' || c.name FROM test_case c JOIN suite s ON s.id = c.suite_id WHERE c.id = t.case_id)";
  const SUITE = '(SELECT name FROM suite WHERE id = t.suite_id)';
  const BUILD = '(SELECT version FROM build WHERE id = t.build_id)';
  const COUNTS = 'pass, fail, skip, unknown';
  const JOBS = 'complete, incomplete, canceled, running, infrastructure';
  const queries = {
    transition: `SELECT ${CASE} a, ${ENV} b, at, ${JOB} c, ord, result, previous FROM transition t`,
    suite_history: `SELECT ${SUITE} a, ${ENV} b, at, ${JOB} c, ord FROM suite_history t`,
    flip_day: `SELECT ${ENV} a, day, ${CASE} b, flips FROM flip_day t`,
    env_day: `SELECT ${ENV} a, day, ${COUNTS}, steps, ${JOBS} FROM env_day t`,
    project_day: `SELECT ${ENV} a, day, ${COUNTS}, ${JOBS} FROM project_day t`,
    build_env: `SELECT ${BUILD} a, ${ENV} b, ${COUNTS}, ${JOBS} FROM build_env t`,
    build_suite: `SELECT ${BUILD} a, ${SUITE} b, ${ENV} c, ${COUNTS}, runs, infrastructure FROM build_suite t`,
    device_day: `SELECT ${ENV} a, day, (SELECT hostname FROM device WHERE id = device_id) b, jobs, infrastructure, busy_seconds FROM device_day t`,
    queue_day: `SELECT ${ENV} a, day, bucket, jobs FROM queue_day t`,
  };
  const all: Record<string, string[]> = {};
  for (const [name, query] of Object.entries(queries)) {
    all[name] = (await store.sql.all<object>(query)).map((row) => JSON.stringify(row)).sort();
  }
  return all;
}

const result = fc.constantFrom('PASS', 'PASS', 'FAIL', 'SKIP') as fc.Arbitrary<'PASS' | 'FAIL' | 'SKIP'>;
const fate = fc.constantFrom('complete', 'infrastructure', 'canceled') as fc.Arbitrary<
  'complete' | 'infrastructure' | 'canceled'
>;

type Plan = {
  day: number;
  type: 'qemu' | 'juno';
  build: number;
  fate: 'complete' | 'infrastructure' | 'canceled';
  cases: ('PASS' | 'FAIL' | 'SKIP' | null)[];
  isPublic: boolean;
};

const planArbitrary: fc.Arbitrary<Plan> = fc.record({
  day: fc.nat({ max: 5 }),
  type: fc.constantFrom('qemu', 'juno'),
  build: fc.nat({ max: 2 }),
  fate,
  cases: fc.array(fc.option(result, { nil: null }), { minLength: 4, maxLength: 4 }),
  isPublic: fc.boolean(),
});

/** Case i of the suite is missing where the plan says null: such runs have another shape. */
function toChange(plan: Plan, number: number): JobChange {
  const submitAt = 1_780_000_000_000_000 + plan.day * 86_400_000_000 + number * 1_000_000;
  const health = { complete: 'COMPLETE', infrastructure: 'INCOMPLETE', canceled: 'CANCELED' } as const;
  const cases = plan.cases.flatMap((r, i) =>
    r === null
      ? []
      : [
          {
            externalId: number * 10 + i,
            name: `case${i}`,
            set: null,
            setExternalId: null,
            result: r,
            measurement: null,
            unit: '',
            startLogLine: null,
            endLogLine: null,
            loggedAt: null,
            metadata: null,
          },
        ],
  );
  const ran = plan.fate !== 'infrastructure';
  return changeOf(
    jobOf({
      externalId: String(number),
      deviceType: plan.type,
      device: `${plan.type}-01`,
      health: health[plan.fate],
      errorType: ran ? null : 'Infrastructure',
      submitAt,
      startAt: submitAt + 30_000_000,
      endAt: submitAt + 90_000_000,
      isPublic: plan.isPublic,
      plannedSuites: ['smoke'],
      metadata: { 'git-tree': 'mainline', 'git-describe': `v${plan.build}`, 'git-branch': 'master' },
    }),
    ran ? [{ externalId: number, name: '0_smoke', isSteps: false, cases }] : [],
  );
}

test('any order of arrival, with repeats and corrections, leaves the same derived tables', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(planArbitrary, planArbitrary), { minLength: 1, maxLength: 7 }),
      fc.infiniteStream(fc.nat()),
      async (plans, random) => {
        const finals = plans.map(([, final], i) => toChange(final, i + 1));
        const straight = await temporaryWriter();
        for (const change of finals) expect(await write(straight, 'alpha', change)).toBe('written');

        const events = plans.flatMap(([first, final], i) => {
          const early = toChange({ ...first, day: final.day }, i + 1);
          return [
            { at: random.next().value ?? 0, change: { ...early, settled: false } },
            { at: random.next().value ?? 0, change: early },
          ];
        });
        events.sort((a, b) => a.at - b.at);
        const shuffled = await temporaryWriter();
        for (const { change } of events) await write(shuffled, 'alpha', change);
        for (const change of finals.toReversed()) await write(shuffled, 'alpha', change);
        expect(await write(shuffled, 'alpha', finals[0] as JobChange)).toBe('unchanged');

        expect(await derived(shuffled.store)).toEqual(await derived(straight.store));
      },
    ),
    { numRuns: 40 },
  );
});

test('a job that has finished does not go back to running', async () => {
  const writer = await temporaryWriter();
  const finished = changeOf(jobOf(), []);
  await write(writer, 'alpha', finished);

  const stale = changeOf(jobOf({ state: 'RUNNING', health: 'UNKNOWN', endAt: null }), []);

  expect(await write(writer, 'alpha', stale)).toBe('unchanged');
});

test('a number that belongs to another job now is a conflict, and nothing is overwritten', async () => {
  const writer = await temporaryWriter();
  await write(writer, 'alpha', changeOf(jobOf(), []));

  await expect(write(writer, 'alpha', changeOf(jobOf({ submitAt: 1_780_000_000_000_001 }), []))).rejects.toThrow(
    /submitted at another time/,
  );
});
