/** Lists of jobs against the same done in memory, and what they cost in an archive of any size. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobRecord } from '#schema/records.ts';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { countJobs, type JobPage, type JobRow, jobKey, listJobs } from '#store/job.ts';
import type { JobFilter } from '#store/job-filter.ts';
import { type JobOrder, LOOKED_AT } from '#store/job-order.ts';
import type { Key } from '#store/page.ts';
import type { Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { grow } from './grow.ts';
import { settings } from './settings.ts';
import { temporaryWriter, write } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const SLUGS = ['alpha', 'beta', 'secret'];
const SECOND = 1_000_000;
const START = 1_780_000_000 * SECOND;
/** No two neighbours of a list by submission, and several at once. */
const CHANGED = 1_789_999_999_999_994;
const everything = { limit: 1000, after: null, before: null, backward: false };

type Made = { slug: string; job: JobRecord; fail: number; suite: string };

function madeOf(n: number): Made {
  const pick = <T>(...values: T[]): T => values[(n * 7919 + (n >> 2) * 31) % values.length] as T;
  const isOpen = n % 11 === 3;
  const job = jobOf({
    externalId: String(n),
    // Several of the same second, and of the same instant.
    submitAt: START + Math.floor(n / 3) * SECOND + (n % 2) * 5,
    startAt: n % 5 === 0 ? null : START + n * SECOND,
    endAt: isOpen || n % 5 === 0 ? null : START + (200 - n) * SECOND,
    state: isOpen ? 'RUNNING' : 'FINISHED',
    health: isOpen ? 'UNKNOWN' : pick('COMPLETE', 'COMPLETE', 'INCOMPLETE'),
    errorType: pick(null, 'Infrastructure', 'Test'),
    healthCheck: n % 13 === 0,
    isPublic: n % 6 !== 5,
    deviceType: pick('qemu', 'x15', 'rpi'),
    device: n % 9 === 0 ? null : `board-${n % 4}`,
    submitter: pick('ann', 'bob'),
    description: pick('boot linux', 'smoke', 'Boot of x15', null),
    tags: n % 4 === 0 ? ['fast', 'usb'] : [],
    metadata: { 'git-tree': pick('mainline', 'next'), 'git-describe': `v${n % 5}`, kind: pick('a', 'b') },
  });
  return { slug: SLUGS[n % 3] ?? 'alpha', job, fail: n % 4 === 1 ? 1 : 0, suite: n % 2 ? 'smoke' : 'ltp' };
}

async function archive(): Promise<{ writer: Writer; made: Made[] }> {
  const writer = await temporaryWriter(['alpha', 'beta', settings('secret', { visibility: 'INTERNAL' })]);
  const made = Array.from({ length: 90 }, (_, n) => madeOf(n));
  for (const { slug, job, fail, suite } of made) {
    const results = ['PASS', fail ? 'FAIL' : 'PASS'] as const;
    const cases = results.map((result, i) =>
      caseOf({ externalId: Number(job.externalId) * 10 + i, name: `case${i}`, result }),
    );
    const at = CHANGED + (Number(job.externalId) % 7);
    await write(writer, slug, changeOf(job, [{ externalId: 1, name: `0_${suite}`, isSteps: false, cases }]), at);
  }
  return { writer, made };
}

/** What the filter means, said once more. */
function matches({ slug, job, fail, suite }: Made, f: JobFilter, viewer: Viewer): boolean {
  const failureClass = job.errorType === 'Infrastructure' ? 'INFRASTRUCTURE' : 'TEST';
  return (
    (viewer === ADMIN || (slug !== 'secret' && job.isPublic)) &&
    (f.sources?.slugs?.includes(slug) ?? true) &&
    (f.deviceTypes?.includes(job.deviceType ?? '') ?? true) &&
    (f.since == null || job.submitAt >= f.since) &&
    (f.until == null || job.submitAt < f.until) &&
    (f.includeHealthChecks === true || !job.healthCheck) &&
    (f.state?.includes(job.state) ?? true) &&
    (f.health?.includes(job.health) ?? true) &&
    (!f.failureClass ||
      (job.health === 'INCOMPLETE' && job.errorType !== null && f.failureClass.includes(failureClass))) &&
    (f.submitter?.includes(job.submitter ?? '') ?? true) &&
    (f.device == null || job.device === f.device) &&
    (!f.description || (job.description ?? '').toLowerCase().includes(f.description.toLowerCase())) &&
    (f.metadata ?? []).every(({ key, value }) => job.metadata[key] === value) &&
    (f.tags ?? []).every((tag) => job.tags.includes(tag)) &&
    (f.project == null || job.metadata['git-tree'] === f.project) &&
    (f.build == null || job.metadata['git-describe'] === f.build) &&
    (f.endedSince == null || (job.state === 'FINISHED' && (job.endAt ?? job.submitAt) >= f.endedSince)) &&
    (f.hasFailures == null || (job.state === 'FINISHED' && fail > 0) === f.hasFailures) &&
    (f.suite == null || (job.state === 'FINISHED' && [suite, `0_${suite}`].includes(f.suite)))
  );
}

const conditions = {
  sources: fc.subarray(SLUGS).map((slugs) => ({ slugs })),
  deviceTypes: fc.subarray(['qemu', 'x15', 'rpi', 'none']),
  since: fc.nat(40).map((n) => START + n * SECOND),
  until: fc.nat(40).map((n) => START + n * SECOND),
  includeHealthChecks: fc.boolean(),
  state: fc.subarray(['RUNNING', 'FINISHED', 'SUBMITTED'] as const, { minLength: 1 }),
  health: fc.subarray(['COMPLETE', 'INCOMPLETE'] as const, { minLength: 1 }),
  failureClass: fc.subarray(['INFRASTRUCTURE', 'TEST'] as const, { minLength: 1 }),
  submitter: fc.subarray(['ann', 'bob', 'nobody'], { minLength: 1 }),
  device: fc.constantFrom('board-1', 'board-3', 'none'),
  description: fc.constantFrom('', 'bo', 'BOOT', 'x15', 'nothing'),
  metadata: fc.subarray([
    { key: 'kind', value: 'a' },
    { key: 'git-tree', value: 'next' },
  ]),
  tags: fc.subarray(['fast', 'none']),
  project: fc.constantFrom('mainline', 'next', 'none'),
  endedSince: fc.nat(40).map((n) => START + n * SECOND),
  hasFailures: fc.boolean(),
  suite: fc.constantFrom('smoke', '0_ltp', 'none'),
};
const CONDITIONS = Object.keys(conditions) as (keyof typeof conditions)[];

/** Few conditions at once, so that something is left. */
const filterArbitrary = fc
  .tuple(fc.record(conditions), fc.subarray(CONDITIONS, { maxLength: 3 }))
  .map(([all, kept]): JobFilter => {
    const filter: JobFilter = { ...all };
    for (const key of CONDITIONS) if (!kept.includes(key)) delete filter[key];
    return filter;
  });
const orderArbitrary: fc.Arbitrary<JobOrder> = fc.record({
  field: fc.constantFrom('SUBMIT_TIME', 'SUBMIT_TIME', 'START_TIME', 'END_TIME', 'CHANGE_TIME'),
  direction: fc.constantFrom('DESC', 'ASC'),
});

type Question = {
  filter: JobFilter;
  order: JobOrder;
  viewer: Viewer;
  backward: boolean;
  limit: number;
  atMost: number;
};

/** Every page from one end to the other, in the order of the list. */
async function walk(writer: Writer, { filter, order, viewer, backward, limit, atMost }: Question): Promise<JobRow[]> {
  const rows: JobRow[] = [];
  let key: Key | null = null;
  for (let pages = 0; pages < 300; pages++) {
    const page = { limit, after: backward ? null : key, before: backward ? key : null, backward };
    const found: JobPage = await listJobs(writer.store, viewer, filter, page, order, { atMost });
    if (backward) rows.unshift(...found.rows);
    else rows.push(...found.rows);
    if (!(backward ? found.hasPrevious : found.hasNext)) return rows;
    const last: JobRow | undefined = backward ? found.rows[0] : found.rows.at(-1);
    key = found.stoppedAt ?? (last ? jobKey(last, order.field) : null);
    expect(key, 'a page that is not the last says where to go on').not.toBeNull();
  }
  throw new Error('the walk does not end');
}

test('any filter, order, viewer, size of page and bound gives the jobs that match, each once', {
  timeout: 300_000,
}, async () => {
  const { writer, made } = await archive();
  const every = await listJobs(writer.store, ADMIN, { includeHealthChecks: true }, everything);
  const byNumber = new Map(made.map((one) => [one.job.externalId, one]));

  await fc.assert(
    fc.asyncProperty(
      filterArbitrary,
      fc.boolean(),
      orderArbitrary,
      fc.constantFrom(ANONYMOUS, ADMIN),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 7, 100, Number.POSITIVE_INFINITY),
      async (some, withBuild, order, viewer, backward, limit, atMost) => {
        const filter = withBuild && some.project ? { ...some, build: 'v2' } : some;
        const sign = order.direction === 'ASC' ? 1 : -1;
        const expected = every.rows
          .filter((row) => matches(byNumber.get(row.externalId) as Made, filter, viewer))
          .map((row) => jobKey(row, order.field))
          .sort(([a, i], [b, j]) => sign * (a - b || i - j));

        const rows = await walk(writer, { filter, order, viewer, backward, limit, atMost });

        expect(rows.map((row) => jobKey(row, order.field))).toEqual(expected);
        expect(await countJobs(writer.store, viewer, filter)).toEqual({ count: expected.length, isExact: true });
      },
    ),
    { numRuns: 200 },
  );
});

test('of a large archive so many jobs are looked at for a page, and it says where it stopped', async () => {
  const { writer } = await archive();
  const { store } = writer;
  await grow(writer, 250);
  await store.sql.run("UPDATE job SET tags = '[\"rare\"]' WHERE external_id IN ('4', 'copy 100 4', 'copy 250 4')");
  const filter = { tags: ['rare'] };
  const page = { limit: 10, after: null, before: null, backward: false };
  const numbers = (found: JobPage) => found.rows.map((row) => row.externalId);

  const first = await listJobs(store, ADMIN, filter, page, undefined, { atMost: LOOKED_AT });
  const second = await listJobs(store, ADMIN, filter, { ...page, after: first.stoppedAt }, undefined, {
    atMost: LOOKED_AT,
  });
  const third = await listJobs(store, ADMIN, filter, { ...page, after: second.stoppedAt }, undefined, {
    atMost: LOOKED_AT,
  });

  expect([first, second, third].map(numbers)).toEqual([['4', 'copy 100 4'], [], ['copy 250 4']]);
  expect([first, second, third].map((found) => [found.hasNext, found.stoppedAt !== null])).toEqual([
    [true, true],
    [true, true],
    [false, false],
  ]);
  expect(await countJobs(store, ADMIN, filter)).toEqual({ count: 2, isExact: false });
  expect(await countJobs(store, ADMIN, {})).toEqual({ count: expect.any(Number), isExact: false });
  expect(await countJobs(store, ADMIN, { includeHealthChecks: true })).toEqual({ count: LOOKED_AT, isExact: false });
});

test('what an index has is complete in an archive of any size', async () => {
  const { writer } = await archive();
  const { store } = writer;
  await grow(writer, 250);
  const all = { includeHealthChecks: true };
  await store.sql.run("UPDATE job SET changed_at = changed_at + 1000 WHERE external_id = 'copy 249 7'");
  await store.sql.run("UPDATE job SET state = 0 WHERE external_id = 'copy 250 8'");
  await store.sql.run('UPDATE job SET state = 5 WHERE state = 3');
  const changed = { ...all, updatedSince: 1_790_000_000_000_001 };

  for (const filter of [changed, { ...all, state: ['SUBMITTED' as const] }]) {
    const found = await listJobs(store, ADMIN, filter, everything, undefined, { atMost: LOOKED_AT });

    expect(found.rows).toHaveLength(1);
    expect([found.hasNext, found.stoppedAt]).toEqual([false, null]);
    expect(await countJobs(store, ADMIN, filter)).toEqual({ count: 1, isExact: true });
  }
});

test('more sources than an engine takes terms of a union', { timeout: 120_000 }, async () => {
  const slugs = Array.from({ length: 300 }, (_, i) => `lab-${String(i).padStart(3, '0')}`);
  const writer = await temporaryWriter(slugs);
  for (const [i, slug] of ['lab-000', 'lab-150', 'lab-299'].entries())
    await write(writer, slug, changeOf(jobOf({ submitAt: START + i, isPublic: i !== 1 }), []));

  const found = await listJobs(writer.store, ADMIN, {}, everything);

  expect(found.rows.map((row) => row.slug)).toEqual(['lab-299', 'lab-150', 'lab-000']);
  expect(await countJobs(writer.store, ANONYMOUS, {})).toEqual({ count: 2, isExact: true });
});
