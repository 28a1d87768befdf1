/** Failure groups that people took apart: the same tables whatever came when, and as before once it is undone. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { namedPart, type Split, splitKey } from '#analysis/group-split.ts';
import type { Viewer } from '#schema/viewer.ts';
import { Conflict, NotFound } from '#store/error.ts';
import { getFailureGroup, listFailureGroups } from '#store/failure-group.ts';
import { mergeGroups } from '#store/group-merge.ts';
import { getSplitsOf, splitGroup, undoSplit } from '#store/group-split.ts';
import { addAlias, removeAlias } from '#store/name-alias.ts';
import { rebuild } from '#store/rebuild.ts';
import { compileSplit, readSplitState, splitAnew, unpackSplit } from '#store/split-rules.ts';
import { splitStored } from '#store/split-stored.ts';
import { trySplit } from '#store/split-trial.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { emptyStore } from './empty.ts';
import { addFailure, addFailures, NOW, noPower, OOPS, timedOut } from './failing-world.ts';
import { TRIAGER } from './known-issues.ts';
import { readEveryLog } from './read-every-log.ts';
import { readable } from './readable.ts';
import { settings } from './settings.ts';
import { temporaryWriter } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const READER: Viewer = { kind: 'person', login: 'vic', teams: [], role: 'viewer' };
const ALL = { limit: 50, after: null, before: null, backward: false };
const FILTER = { scope: {}, minCount: 1 };
const BY_LAB: Split = { by: 'SOURCE', value: null };
const RPI_1: Split = { by: 'MESSAGE', value: 'on rpi-1$' };

const groups = async ({ store }: Writer, viewer: Viewer = ADMIN) =>
  (await listFailureGroups(store, viewer, FILTER, ALL)).rows;
const counts = async (writer: Writer, viewer?: Viewer) =>
  (await groups(writer, viewer)).map(({ title, count }) => [title, count]).sort();
const find = async (writer: Writer, begin: string) =>
  (await groups(writer)).find(({ title }) => title.startsWith(begin)) ?? expect.fail(begin);
const split = (writer: Writer, fingerprint: string, what: Split, viewer: Viewer = ADMIN) =>
  splitGroup(writer.store, viewer, { ...what, fingerprint, reason: 'two faults' }, NOW);
async function apply(writer: Writer, most?: number): Promise<void> {
  while (await splitStored(writer, most));
}

const LOGIN = 'login-action timed out after <duration> on <host>';
const KERNEL = 'kernel NULL pointer dereference in fizz_probe';

test('jobs that are stored and jobs to come go into the parts, and an undo makes of all what they would be without', async () => {
  const [writer, without] = [await temporaryWriter(['alpha', 'beta']), await temporaryWriter(['alpha', 'beta'])];
  for (const one of [writer, without]) await addFailures(one);
  const { fingerprint } = await find(writer, 'login');
  const before = await readable(writer.store);
  const key = await split(writer, fingerprint, BY_LAB);
  expect(await readable(writer.store)).toEqual(before);
  expect((await getSplitsOf(writer.store, ADMIN, fingerprint))[0]).toMatchObject({ isDone: false, left: 3, parts: [] });
  expect(await rebuild(writer, NOW)).toEqual([]);
  await apply(writer);
  for (const one of [writer, without]) await addFailure(one, 'beta', 60, timedOut('rpi-9', 5), []);

  expect(await counts(writer)).toEqual([
    [KERNEL, 3],
    [`${LOGIN} · lab alpha`, 2],
    [`${LOGIN} · lab beta`, 2],
    ['no power at <host>', 1],
  ]);
  expect(await getFailureGroup(writer.store, ADMIN, fingerprint)).toBeNull();
  const [told] = await getSplitsOf(writer.store, ADMIN, fingerprint);
  expect(told).toMatchObject({ login: 'root', reason: 'two faults', title: LOGIN, left: 0, isDone: true });
  expect(told?.parts.map(({ title, count }) => [title, count])).toEqual(
    expect.arrayContaining([
      [`${LOGIN} · lab alpha`, 2],
      [`${LOGIN} · lab beta`, 2],
    ]),
  );
  await readEveryLog(writer);
  const tables = await readable(writer.store);
  expect(await rebuild(writer, NOW)).toEqual([]);
  expect(await readable(writer.store)).toEqual(tables);

  await undoSplit(writer.store, ADMIN, { fingerprint, key }, NOW);
  await apply(writer);
  expect(await readable(writer.store)).toEqual(await readable(without.store));
  expect(await getSplitsOf(writer.store, ADMIN, fingerprint)).toEqual([]);
  expect(
    await writer.store.sql.all('SELECT action FROM audit_event WHERE target = ? ORDER BY id', fingerprint),
  ).toEqual([{ action: 'failure-group.split' }, { action: 'failure-group.unsplit' }]);
});

test('a step is small, and whoever comes after a crash goes on where it ended', async () => {
  const [writer, other] = [await temporaryWriter(), await temporaryWriter()];
  for (const one of [writer, other])
    for (let i = 0; i < 7; i++) await addFailure(one, 'alpha', i, timedOut(`rpi-${i % 2}`, 1), []);
  const { fingerprint } = await find(writer, 'login');
  for (const one of [writer, other]) await split(one, fingerprint, RPI_1);
  await apply(other);
  const moved = async () => (await counts(writer)).find(([title]) => String(title).includes('/'))?.[1] ?? 0;

  expect(await splitStored(writer, 2)).toBe(true);
  expect(await moved()).toBe(1);
  const { dictionary } = writer;
  const failing: Writer = {
    ...writer,
    dictionary: { ...dictionary, failureGroup: () => Promise.reject(new Error('no')) },
  };
  await expect(splitStored(failing, 4)).rejects.toThrow('no');
  expect(await moved()).toBe(1);
  const after = createWriter(writer.store, []);
  await apply(after, 2);
  expect(await readable(writer.store)).toEqual(await readable(other.store));
  expect((await readSplitState(writer.store.sql)).pending).toEqual([]);
  expect(await splitStored(after)).toBe(false);
});

test('a check finds nothing wrong while jobs are still moved, and mends a part that is wrong after that', async () => {
  const writer = await temporaryWriter();
  for (let i = 0; i < 4; i++) await addFailure(writer, 'alpha', i, timedOut('rpi-1', 1), []);
  await readEveryLog(writer);
  const { fingerprint, id } = await find(writer, 'login');
  await split(writer, fingerprint, RPI_1);
  await splitStored(writer, 2);
  expect(await rebuild(writer, NOW)).toEqual([]);
  await apply(writer);
  await writer.store.sql.run('UPDATE failure_occurrence SET group_id = ? WHERE job_id = 1', id);
  expect(await rebuild(writer, NOW)).toEqual([{ table: 'failure_occurrence', missing: 1, extra: 1, wrong: 0 }]);
  expect(await counts(writer)).toEqual([[`${LOGIN} · /on rpi-1$/`, 4]]);
});

test('a kernel’s fault is split by what the kernel said beyond the functions that make it one', async () => {
  const writer = await temporaryWriter();
  const trace = (...outer: string[]) =>
    OOPS.toSpliced(-1, 0, ...['a', 'b', 'c', 'd', ...outer].map((name) => ` ${name}_fn+0x1/0x2`));
  await addFailure(writer, 'alpha', 1, timedOut('rpi-1', 1), trace('resume'));
  await addFailure(writer, 'alpha', 2, timedOut('rpi-1', 1), trace('boot'));
  const { fingerprint } = await find(writer, 'kernel');
  const by: Split = { by: 'MESSAGE', value: '(?m)^resume_fn$' };
  expect(await trySplit(writer.store, ADMIN, fingerprint, compileSplit(by))).toMatchObject({
    parts: [{ title: `${KERNEL} · /(?m)^resume_fn$/`, count: 1 }],
    left: 1,
  });
  await split(writer, fingerprint, by);
  await apply(writer);
  expect(await counts(writer)).toEqual([
    [`${KERNEL} · /(?m)^resume_fn$/`, 1],
    [KERNEL, 1],
  ]);
});

test('a trial is of jobs in sight, says what would be, and how far it looked', async () => {
  const closed = settings('closed', { visibility: 'RESTRICTED', teams: ['kernel'] });
  const writer = await temporaryWriter(['alpha', 'beta', closed]);
  await addFailures(writer);
  for (const number of [90, 91]) await addFailure(writer, 'closed', number, timedOut('rpi-1', 9), []);
  const { fingerprint } = await find(writer, 'login');
  const tried = async (what: Split, viewer: Viewer = TRIAGER, most?: number) => {
    const { parts, ...rest } = await trySplit(writer.store, viewer, fingerprint, compileSplit(what), most);
    return { ...rest, parts: parts.map(({ title, count }) => [title.replace(LOGIN, ''), count]) };
  };
  const rest = { moreJobs: false, merged: 0 };
  expect(await tried(BY_LAB)).toEqual({
    ...rest,
    parts: [
      [' · lab alpha', 2],
      [' · lab beta', 1],
    ],
    left: 0,
    looked: 3,
  });
  expect((await tried(BY_LAB, ADMIN)).looked).toBe(5);
  expect(await tried({ by: 'SOURCE', value: 'closed' })).toEqual({ ...rest, parts: [], left: 3, looked: 3 });
  expect(await tried(RPI_1)).toEqual({ ...rest, parts: [[' · /on rpi-1$/', 2]], left: 1, looked: 3 });
  expect(await tried({ by: 'MESSAGE', value: 'nowhere' })).toEqual({ ...rest, parts: [], left: 3, looked: 3 });
  expect(await tried(RPI_1, TRIAGER, 2)).toMatchObject({ looked: 2, moreJobs: true });
  await expect(tried(RPI_1, READER)).rejects.toThrow('triage');

  // What a split is by is told to who may know of it.
  await expect(split(writer, fingerprint, { by: 'SOURCE', value: 'closed' }, TRIAGER)).rejects.toThrow(NotFound);
  const key = await split(writer, fingerprint, { by: 'SOURCE', value: 'closed' });
  const before = await counts(writer, TRIAGER);
  await apply(writer);
  expect(await counts(writer, TRIAGER)).toEqual(before);
  expect(await getSplitsOf(writer.store, TRIAGER, fingerprint)).toEqual([]);
  expect(await getSplitsOf(writer.store, ADMIN, fingerprint)).toMatchObject([{ parts: [{ count: 2 }], left: 3 }]);
  await expect(undoSplit(writer.store, TRIAGER, { fingerprint, key }, NOW)).rejects.toThrow(NotFound);
});

test('a split is made once, by who may, of what is there; parts are merged like other groups', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailures(writer);
  const [login, power] = [await find(writer, 'login'), await find(writer, 'no power')];
  await expect(split(writer, login.fingerprint, BY_LAB, READER)).rejects.toThrow('triage');
  await expect(split(writer, 'v1:none', BY_LAB)).rejects.toThrow(NotFound);
  const key = await split(writer, login.fingerprint, RPI_1, TRIAGER);
  await expect(split(writer, login.fingerprint, RPI_1)).rejects.toThrow(Conflict);
  await expect(undoSplit(writer.store, ADMIN, { fingerprint: power.fingerprint, key }, NOW)).rejects.toThrow(NotFound);
  await apply(writer);

  const part = await find(writer, `${LOGIN} ·`);
  await mergeGroups(writer.store, ADMIN, { fingerprint: part.fingerprint, into: power.fingerprint }, NOW);
  await addFailure(writer, 'alpha', 60, timedOut('rpi-1', 5), []);
  expect(await counts(writer)).toEqual([
    [KERNEL, 3],
    [LOGIN, 1],
    ['no power at <host>', 4],
  ]);
  // What was merged into a group is not split with it.
  const { parts, merged } = await trySplit(writer.store, ADMIN, power.fingerprint, compileSplit(BY_LAB));
  expect([parts.map(({ count }) => count), merged]).toEqual([[1], 3]);
  await undoSplit(writer.store, TRIAGER, { fingerprint: login.fingerprint, key }, NOW);
  await apply(writer);
  expect(await counts(writer)).toContainEqual([LOGIN, 4]);
});

test('parts of parts go four deep', async () => {
  const writer = await temporaryWriter();
  await addFailure(writer, 'alpha', 1, timedOut('rpi-1', 5), []);
  for (let depth = 0; depth < 4; depth++) {
    await split(writer, (await find(writer, 'login')).fingerprint, BY_LAB);
    await apply(writer);
  }
  const { fingerprint, title } = await find(writer, 'login');
  expect(title).toBe(`${LOGIN}${' · lab alpha'.repeat(4)}`);
  await expect(split(writer, fingerprint, BY_LAB)).rejects.toThrow(Conflict);
});

test('parts by device type follow what the type is called here', async () => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  await addFailure(writer, 'alpha', 1, { ...timedOut('x', 1), deviceType: 'rpi4' }, []);
  await addFailure(writer, 'beta', 2, { ...timedOut('x', 1), deviceType: 'bcm2711' }, []);
  const { fingerprint } = await find(writer, 'login');
  await split(writer, fingerprint, { by: 'DEVICE_TYPE', value: null });
  await split(writer, fingerprint, { by: 'DEVICE_TYPE', value: 'bcm2711' });
  await apply(writer);
  const two = [
    [`${LOGIN} · bcm2711`, 1],
    [`${LOGIN} · rpi4`, 1],
  ];
  expect(await counts(writer)).toEqual(two);
  const alias = { kind: 'DEVICE_TYPE' as const, source: '', name: 'bcm2711' };
  await addAlias(writer.store, ADMIN, { ...alias, alias: 'rpi4' }, NOW);
  await apply(writer);
  expect(await counts(writer)).toEqual([[`${LOGIN} · rpi4`, 2]]);
  // Nothing is called so here now, but an admin may still undo what was split by it.
  const seen = async (viewer: Viewer) =>
    (await getSplitsOf(writer.store, viewer, fingerprint)).map(({ value }) => value);
  expect([await seen(TRIAGER), await seen(ADMIN)]).toEqual([[null], [null, 'bcm2711']]);
  await removeAlias(writer.store, ADMIN, alias, NOW);
  await apply(writer);
  expect(await counts(writer)).toEqual(two);
});

const RULES: readonly Split[] = [BY_LAB, { by: 'SOURCE', value: 'beta' }, { by: 'DEVICE_TYPE', value: null }, RPI_1];
const JOBS = [timedOut('rpi-1', 1), timedOut('rpi-2', 9), noPower('pdu-1')];
const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('job' as const),
      number: fc.nat(4),
      lab: fc.constantFrom('alpha', 'beta'),
      type: fc.constantFrom('qemu', 'rpi'),
      job: fc.constantFrom(0, 0, 1, 1, 2),
    }),
  },
  {
    weight: 3,
    // The group itself, more often than a part of it.
    arbitrary: fc.record({
      kind: fc.constant('split' as const),
      rule: fc.nat(3),
      nested: fc.constantFrom(0, 3, 4, 4, 4),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('steps' as const), steps: fc.constantFrom(1, 3, 30) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

test('whatever is split, undone and written in whatever order, the tables are those of splits made before the first job', async () => {
  const shared = {
    lived: await temporaryWriter(['alpha', 'beta']),
    fresh: await temporaryWriter(['alpha', 'beta']),
  };
  const first = await temporaryWriter(['alpha']);
  await addFailure(first, 'alpha', 1, timedOut('rpi-1', 1), []);
  const login = await find(first, 'login');
  /** The group, or what a rule would make of it. */
  const target = (nested: number) => {
    const rule = RULES[nested];
    return rule
      ? namedPart(login, rule, rule.value ?? (nested === 0 ? 'alpha' : 'qemu')).fingerprint
      : login.fingerprint;
  };
  const empty = async ({ store }: Writer) => {
    await emptyStore(store);
    return createWriter(store, []);
  };
  const rulesOf = ({ store }: Writer) =>
    store.sql.all<{ fingerprint: string; split: string }>('SELECT fingerprint, split FROM group_rule ORDER BY id');
  const begin: Happening[] = [
    { kind: 'job', number: 0, lab: 'alpha', type: 'qemu', job: 0 },
    { kind: 'job', number: 1, lab: 'beta', type: 'qemu', job: 1 },
  ];
  const run = async (happenings: Happening[]) => {
    const lived = await empty(shared.lived);
    const jobs = new Map<string, (writer: Writer) => Promise<unknown>>();
    const undo = async (which: number) => {
      const kept = await rulesOf(lived);
      const { fingerprint, split: packed } = kept[which % kept.length] ?? {};
      if (fingerprint === undefined || packed === undefined) return;
      await undoSplit(lived.store, ADMIN, { fingerprint, key: splitKey(unpackSplit(packed)) }, NOW);
    };
    for (const one of [...begin, ...happenings]) {
      if (one.kind === 'steps') for (let i = 0; i < one.steps; i++) await splitStored(lived, 1);
      else if (one.kind === 'job') {
        const { number, lab, type, job } = one;
        const add = (writer: Writer) =>
          addFailure(writer, lab, number, { ...JOBS[job], deviceType: type }, number === 4 ? OOPS : []);
        await add(lived);
        jobs.set(`${lab}/${number}`, add);
      } else {
        const done =
          one.kind === 'split' ? split(lived, target(one.nested), RULES[one.rule] ?? BY_LAB) : undo(one.which);
        await done.catch((cause: unknown) => {
          if (!(cause instanceof NotFound || cause instanceof Conflict)) throw cause;
        });
      }
    }
    const fresh = await empty(shared.fresh);
    const kept = await rulesOf(lived);
    for (const { fingerprint, split: packed } of kept)
      await fresh.store.sql.run(
        "INSERT INTO group_rule (kind, fingerprint, split, at, login) VALUES ('SPLIT', ?, ?, 1, 'root')",
        ...[fingerprint, packed],
      );
    await splitAnew(
      fresh.store.sql,
      kept.map(({ fingerprint }) => fingerprint),
    );
    for (const add of jobs.values()) await add(fresh);
    await apply(lived, 2);
    const tables = await readable(lived.store, ['device']);
    expect(tables).toEqual(await readable(fresh.store, ['device']));
    await readEveryLog(lived);
    expect(await rebuild(lived, NOW)).toEqual([]);
    expect(await readable(lived.store, ['device'])).toEqual(tables);
  };
  await fc.assert(fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 16 }), run), {
    numRuns: inject('postgres') ? 4 : 20,
  });
}, 120_000);
