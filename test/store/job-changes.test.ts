/** A copy that is kept by what has changed and what has gone, against what its keeper may see. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { CursorTooOld } from '#store/error.ts';
import { hideJob } from '#store/hide-job.ts';
import { listJobs } from '#store/job.ts';
import { type ChangeCursor, listJobChanges } from '#store/job-changes.ts';
import { forgetGone, GONE_KEPT } from '#store/job-gone.ts';
import { retire } from '#store/retention.ts';
import { getSyncState, openEpoch, type SourceSettings, saveSources } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { emptyStore } from './empty.ts';
import { settings } from './settings.ts';
import { temporaryWriter, write } from './temporary.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
const START = 1_780_000_000 * SECOND;
const HISTORIES = Number(process.env.BASALT_HISTORIES || (inject('postgres') ? 8 : 40));
const ALL = { limit: 1000, after: null, before: null, backward: false };

const person = (login: string, role: 'viewer' | 'admin', more: object = {}): Viewer => ({
  ...{ kind: 'person' as const, login, teams: [], role },
  ...more,
});
const READERS = ['visitor', 'member', 'admin', 'narrow admin', 'kim'] as const;
type Reader = (typeof READERS)[number];
type Visibility = SourceSettings['visibility'];

type Event =
  | { kind: 'is written'; lab: number; job: number; isPublic: boolean; again: number; lag: number }
  | { kind: 'is hidden' | 'is almost hidden'; lab: number; job: number; lag: number }
  | { kind: 'is deleted'; lab: number; days: number; lag: number }
  | { kind: 'is reset'; lab: number }
  | { kind: 'is shown to'; lab: number; visibility: Visibility }
  | { kind: 'is added' | 'kim joins or leaves' | 'starts anew' }
  | { kind: 'reads'; reader: Reader; limit: number; pages: number }
  | { kind: 'time passes'; seconds: number }
  | { kind: 'all is quiet' };

const lab = fc.nat({ max: 1 });
const job = fc.integer({ min: 1, max: 5 });
/** A change may be seen so many seconds after the instant it bears. */
const lag = fc.nat({ max: 59 });
const kind = <Kind extends string>(...kinds: Kind[]) => fc.constantFrom(...kinds);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      ...{ kind: kind('is written'), lab, job, lag },
      ...{ isPublic: fc.boolean(), again: fc.nat({ max: 2 }) },
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('is hidden', 'is hidden', 'is almost hidden'), lab, job, lag }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('is deleted'), lab, lag, days: fc.integer({ min: 2, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('is reset'), lab }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: kind('is shown to'), lab },
      visibility: fc.constantFrom<Visibility>('PUBLIC', 'INTERNAL', 'RESTRICTED'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('is added', 'kim joins or leaves', 'starts anew') }) },
  {
    weight: 10,
    arbitrary: fc.record({
      ...{ kind: kind('reads'), reader: fc.constantFrom(...READERS) },
      ...{ limit: fc.integer({ min: 1, max: 3 }), pages: fc.integer({ min: 1, max: 3 }) },
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('time passes'), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('all is quiet') }) },
) as fc.Arbitrary<Event>;

type Named = { slug: string; externalId: string; epoch: number };
const nameOf = ({ slug, externalId, epoch }: Named) => `${slug}/${externalId}/${epoch}`;

/** What one reader has: jobs by name, as they were when they came. */
type Copy = { jobs: Map<string, string>; cursor: ChangeCursor | null };

async function visible(writer: Writer, viewer: Viewer): Promise<Map<string, string>> {
  const { rows } = await listJobs(writer.store, viewer, { includeHealthChecks: true }, ALL);
  return new Map(rows.map((row) => [nameOf(row), JSON.stringify([row.revision, row.changedAt, row.isPublic])]));
}

async function play(events: readonly Event[], shared: Writer): Promise<void> {
  await emptyStore(shared.store);
  await shared.store.sql.run('DELETE FROM source');
  let writer = createWriter(shared.store, []);
  const run = ++runs;
  const labs = [0, 1].map((n) => settings(`lab${run}-${n}`, { visibility: n ? 'RESTRICTED' : 'PUBLIC', teams: ['k'] }));
  await saveSources(writer, labs);
  let clock = START + 10 * DAY;
  let isMember = false;
  const viewerOf = (reader: Reader): Viewer =>
    ({
      visitor: ANONYMOUS,
      member: person('ann', 'viewer', { teams: ['k'] }),
      admin: person('root', 'admin'),
      'narrow admin': person('root', 'admin', { sources: [`lab${run}-1`] }),
      kim: person('kim', 'viewer', { teams: isMember ? ['k'] : [] }),
    })[reader];
  const copies = new Map<Reader, Copy>(READERS.map((reader) => [reader, { jobs: new Map(), cursor: null }]));
  const seen = new Map<Reader, Set<string>>(READERS.map((reader) => [reader, new Set()]));
  const copyOf = (reader: Reader) => copies.get(reader) ?? expect.fail();
  const stateOf = async (n: number) => (await getSyncState(writer, labs[n]?.slug ?? '')) ?? expect.fail();

  /** A page more of what is told; whether there is another. */
  const read = async (reader: Reader, limit: number): Promise<boolean> => {
    const copy = copyOf(reader);
    try {
      const asked = { limit, after: copy.cursor, now: clock };
      const page = await listJobChanges(writer.store, viewerOf(reader), { includeHealthChecks: true }, asked);
      for (const { job, removed } of page.rows) {
        if (job) copy.jobs.set(nameOf(job), JSON.stringify([job.revision, job.changedAt, job.isPublic]));
        if (!removed) continue;
        expect(seen.get(reader), `${reader} could never see it`).toContain(nameOf(removed));
        copy.jobs.delete(nameOf(removed));
      }
      copy.cursor = page.end;
      return page.hasNext;
    } catch (cause) {
      if (!(cause instanceof CursorTooOld)) throw cause;
      expect(copy.cursor).not.toBeNull();
      Object.assign(copy, { jobs: new Map(), cursor: null });
      return true;
    }
  };
  const quiet = async () => {
    clock += 61 * SECOND;
    for (const reader of READERS) {
      while (await read(reader, 2));
      expect(copyOf(reader).jobs, reader).toEqual(await visible(writer, viewerOf(reader)));
    }
  };

  for (const one of events) {
    if (one.kind === 'is written') {
      // Of the past, and of the present again: with each reset its number is another job's, or again the same.
      const submitAt = START + one.job * DAY + (one.again === 2 ? (await stateOf(one.lab)).epoch : 0);
      const change = changeOf(
        jobOf({ externalId: String(one.job), submitAt, isPublic: one.isPublic, description: `said ${one.again}` }),
        [],
      );
      await write(writer, labs[one.lab]?.slug ?? '', change, clock - one.lag * SECOND).catch((cause: Error) =>
        expect(cause.name).toBe('Conflict'),
      );
    }
    if (one.kind === 'is hidden' || one.kind === 'is almost hidden') {
      const source = await stateOf(one.lab);
      const hide = writer.transaction(async () => {
        await hideJob(writer, source, String(one.job), clock - one.lag * SECOND);
        if (one.kind === 'is almost hidden') throw new Error('killed');
      });
      await hide.catch((cause: Error) => expect(cause.message).toBe('killed'));
    }
    if (one.kind === 'is deleted') {
      const { id } = await stateOf(one.lab);
      await retire(writer, id, { rollups: one.days }, () => clock - one.lag * SECOND);
    }
    if (one.kind === 'is reset') {
      const { id } = await stateOf(one.lab);
      await writer.transaction(() => openEpoch(writer, id));
    }
    if (one.kind === 'is shown to') {
      labs[one.lab] = { ...(labs[one.lab] ?? expect.fail()), visibility: one.visibility };
      await saveSources(writer, labs);
    }
    if (one.kind === 'is added') {
      labs.push(settings(`lab${run}-${labs.length}`));
      [labs[0], labs[labs.length - 1]] = [labs.at(-1) ?? expect.fail(), labs[0] ?? expect.fail()];
      await saveSources(writer, labs);
    }
    if (one.kind === 'kim joins or leaves') isMember = !isMember;
    if (one.kind === 'starts anew') writer = createWriter(shared.store, []);
    if (one.kind === 'all is quiet') await quiet();
    if (one.kind === 'time passes') clock += one.seconds * SECOND;
    if (one.kind === 'reads') for (let pages = 0; pages < one.pages && (await read(one.reader, one.limit)); pages++);
    if (/^(is (written|shown to|reset|added)|kim)/.test(one.kind))
      for (const reader of READERS)
        for (const name of (await visible(writer, viewerOf(reader))).keys()) seen.get(reader)?.add(name);
  }
  await quiet();
}
let runs = 0;

test('a copy kept at any moments through whatever happens is what its keeper may see, and he is told of nothing else', {
  timeout: 300_000,
}, async () => {
  const shared = await temporaryWriter([]);
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 4, maxLength: 30 }), (events) => play(events, shared)),
    { numRuns: HISTORIES },
  );
});

const hide = async (writer: Writer, number: number, at: number) => {
  const source = (await getSyncState(writer, 'alpha')) ?? expect.fail();
  await writer.transaction(() => hideJob(writer, source, String(number), at));
};
const put = (writer: Writer, number: number, at: number, more: object = {}) =>
  write(writer, 'alpha', changeOf(jobOf({ externalId: String(number), ...more }), []), at);
const ask = (writer: Writer, now: number, after: ChangeCursor | null, more: object = {}) =>
  listJobChanges(writer.store, ANONYMOUS, more, { limit: 1, now, after });
const toldIn = ({ rows }: Awaited<ReturnType<typeof ask>>) =>
  rows.map(({ job, removed }) => (job ? job.externalId : `-${removed?.externalId}`));

test('what is gone is told for two years; a cursor of before is too old, one that has been read on with is not', async () => {
  const writer = await temporaryWriter();
  const minute = 60 * SECOND;
  await put(writer, 1, START);
  await put(writer, 2, START + 1);
  const first = await ask(writer, START + 2 * minute, null);
  const begun = START + minute;
  await hide(writer, 1, begun);
  const gone = async () => (await writer.store.sql.all('SELECT at FROM job_gone')).length;
  await forgetGone(writer, begun + GONE_KEPT + DAY);
  expect(await gone()).toBe(1);
  const second = await ask(writer, begun + GONE_KEPT, first.end);
  expect([toldIn(first), toldIn(second)]).toEqual([['1'], ['2']]);
  await expect(ask(writer, begun + GONE_KEPT + 1, first.end)).rejects.toThrow(/begin anew/);

  const third = await ask(writer, begun + GONE_KEPT, second.end);
  expect([toldIn(third), third.hasNext]).toEqual([['-1'], false]);
  await forgetGone(writer, begun + GONE_KEPT + DAY + 1);
  expect(await gone()).toBe(0);
  const later = await ask(writer, begun + 2 * GONE_KEPT - minute, third.end);
  expect(toldIn(later)).toEqual([]);
  expect(toldIn(await ask(writer, begun + 3 * GONE_KEPT - 3 * minute, later.end))).toEqual([]);
});

test('an archive that was written long ago is read to its end, however old its changes are', async () => {
  const writer = await temporaryWriter();
  for (let number = 1; number <= 3; number++) await put(writer, number, START + number);
  const told: string[] = [];
  let after: ChangeCursor | null = null;
  for (let more = true; more; ) {
    const page: Awaited<ReturnType<typeof ask>> = await ask(writer, START + 3 * GONE_KEPT, after);
    told.push(...toldIn(page));
    [after, more] = [page.end, page.hasNext];
  }
  expect(told).toEqual(['1', '2', '3']);
});

test('without a cursor what has gone is told since the instant that is named, and nothing of when others could see the lab', async () => {
  const writer = await temporaryWriter([settings('alpha', { visibility: 'RESTRICTED', teams: ['k'] })]);
  for (let number = 1; number <= 4; number++) await put(writer, number, START + number);
  await hide(writer, 1, START + 10);
  await saveSources(writer, [settings('alpha')]);
  await hide(writer, 2, START + 20);
  await hide(writer, 3, START + 30);
  const now = START + 100 * SECOND;
  const all = (more: object) => listJobChanges(writer.store, ANONYMOUS, more, { limit: 9, now, after: null });
  expect(toldIn(await all({}))).toEqual(['4']);
  expect(toldIn(await all({ updatedSince: START }))).toEqual(['4', '-2', '-3']);
  expect(toldIn(await all({ updatedSince: START + 30 }))).toEqual(['-3']);
  await put(writer, 3, START + 40, { description: 'again' });
  expect(toldIn(await all({ updatedSince: START }))).toEqual(['4', '-2', '3']);
});

test('a page asks the store as often however much has gone', async () => {
  const writer = await temporaryWriter();
  const statements = async () => {
    const before = writer.store.statementCount();
    await listJobChanges(
      writer.store,
      ANONYMOUS,
      { updatedSince: START },
      { limit: 50, now: START + DAY, after: null },
    );
    return writer.store.statementCount() - before;
  };
  await put(writer, 1, START);
  await hide(writer, 1, START + 1);
  const few = await statements();
  for (let number = 2; number <= 30; number++) {
    await put(writer, number, START);
    await hide(writer, number, START + number);
  }
  expect(await statements()).toBe(few);
});
