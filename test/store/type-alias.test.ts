/** Aliases of device types: when they are given, and whether they are taken back, leaves no trace. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { Viewer } from '#schema/viewer.ts';
import { explainStored } from '#store/explain-stored.ts';
import { hideJob } from '#store/hide-job.ts';
import { addAlias, removeAlias } from '#store/name-alias.ts';
import { rebuild } from '#store/rebuild.ts';
import { writeFleet } from '#store/write-fleet.ts';
import { getSyncState } from '#store/write-source.ts';
import { createWriter, type Writer } from '#store/writer.ts';
import { caseOf, changeOf, jobOf } from './arbitrary.ts';
import { emptyStore } from './empty.ts';
import { addIssue } from './known-issues.ts';
import { readable } from './readable.ts';
import { temporaryWriter, write } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', role: 'admin', teams: [] };
const NOW = 1_790_000_000_000_000;
const SOURCES = ['alpha', 'beta'];

type Job = { source: string; type: string; isPublic: boolean; isHidden: boolean; fails: boolean };
const job: fc.Arbitrary<Job> = fc.record({
  source: fc.constantFrom(...SOURCES),
  type: fc.constantFrom('rpi3', 'bcm2837-rpi-3-b', 'juno'),
  isPublic: fc.boolean(),
  isHidden: fc.boolean(),
  fails: fc.boolean(),
});
/** One of a lab wins over one of all; both are given and one is taken back. */
const ALIASES = [
  { kind: 'DEVICE_TYPE', source: '', name: 'bcm2837-rpi-3-b', alias: 'raspberry' },
  { kind: 'DEVICE_TYPE', source: 'alpha', name: 'bcm2837-rpi-3-b', alias: 'rpi3' },
  { kind: 'DEVICE_TYPE', source: 'beta', name: 'juno', alias: 'juno-r2' },
] as const;

async function put(writer: Writer, n: number, { source, type, isPublic, isHidden, fails }: Job): Promise<void> {
  const submitAt = NOW + n * 1_000_000;
  const record = jobOf({
    externalId: String(n + 1),
    deviceType: type,
    device: `${type}-01`,
    ...{ isPublic, submitAt, startAt: submitAt + 1, endAt: submitAt + 2 },
    metadata: { 'git-tree': 'mainline', 'git-describe': 'v1', 'git-branch': 'master' },
  });
  const cases = [caseOf({ externalId: n + 1, name: 'case', result: fails ? 'FAIL' : 'PASS' })];
  await write(writer, source, changeOf(record, [{ externalId: n + 1, name: '0_smoke', isSteps: false, cases }]));
  const state = await getSyncState(writer, source);
  if (isHidden && state) await writer.transaction(() => hideJob(writer, state, String(n + 1), NOW));
}

const BOARDS = `SELECT d.hostname, s.slug, h.name AS here, o.name AS own FROM device d JOIN source s ON s.id = d.source_id
  JOIN device_type h ON h.id = d.device_type_id JOIN device_type o ON o.id = d.own_device_type_id ORDER BY d.hostname, s.slug`;
const ENVS = `SELECT s.slug, e.is_public, h.name AS here, o.name AS own FROM env e JOIN source s ON s.id = e.source_id
  JOIN device_type h ON h.id = e.device_type_id JOIN device_type o ON o.id = e.own_device_type_id ORDER BY s.slug, o.name, e.is_public`;

async function contents({ store }: Writer) {
  return { ...(await readable(store)), boards: await store.sql.all(BOARDS), envs: await store.sql.all(ENVS) };
}

async function begin(writer: Writer): Promise<Writer> {
  await emptyStore(writer.store);
  await writer.store.sql.run('DELETE FROM name_alias');
  return createWriter(writer.store, []);
}

test('aliases given before, between or after jobs leave the same store; taken back, they leave none', {
  timeout: 300_000,
}, async () => {
  const shared = { one: await temporaryWriter(SOURCES), other: await temporaryWriter(SOURCES) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 8 }), { minLength: ALIASES.length, maxLength: ALIASES.length }),
      fc.subarray([...ALIASES]),
      async (jobs, places, takenBack) => {
        const one = await begin(shared.one);
        for (let n = 0; n <= jobs.length; n++) {
          for (const [i, alias] of ALIASES.entries())
            if (Math.min(places[i] ?? 0, jobs.length) === n) await addAlias(one.store, ADMIN, alias, NOW);
          const next = jobs[n];
          if (next) await put(one, n, next);
        }
        for (const alias of takenBack) await removeAlias(one.store, ADMIN, alias, NOW);

        const other = await begin(shared.other);
        for (const alias of ALIASES) if (!takenBack.includes(alias)) await addAlias(other.store, ADMIN, alias, NOW);
        for (const [n, next] of jobs.entries()) await put(other, n, next);

        const found = await contents(one);
        expect(found).toEqual(await contents(other));
        expect(await rebuild(one, NOW)).toEqual([]);
        expect(await contents(one)).toEqual(found);
      },
    ),
    { numRuns: inject('postgres') ? 15 : 60 },
  );
});

test('what is called otherwise than its alias says is found and mended', async () => {
  const writer = await temporaryWriter(SOURCES);
  const { sql } = writer.store;
  for (const [n, source] of SOURCES.entries())
    await put(writer, n, { source, type: 'juno', isPublic: true, isHidden: false, fails: true });
  await addAlias(writer.store, ADMIN, { kind: 'DEVICE_TYPE', source: '', name: 'juno', alias: 'arm-juno' }, NOW);
  await addIssue(writer, { deviceType: 'arm*', name: 'case' });
  const tables = await readable(writer.store);
  expect(await rebuild(writer, NOW)).toEqual([]);

  for (const table of ['env', 'device']) await sql.run(`UPDATE ${table} SET device_type_id = own_device_type_id`);
  await sql.run('DELETE FROM known_issue_match');
  expect(await rebuild(writer, NOW)).toEqual([
    { table: 'env', missing: 0, extra: 0, wrong: 2 },
    { table: 'device', missing: 0, extra: 0, wrong: 2 },
  ]);
  while (await explainStored(writer));
  expect(await readable(writer.store)).toEqual(tables);
  await sql.run('DELETE FROM name_alias');
  expect((await rebuild(writer, NOW)).map(({ table, wrong }) => [table, wrong])).toContainEqual(['env', 2]);
});

test('a board whose type changes on the master is called what that type is called here', async () => {
  const writer = await temporaryWriter();
  const board = { hostname: 'b1', worker: null, state: 'Idle', health: 'Good', description: null, deviceVersion: null };
  const fleet = (deviceType: string) => ({
    ...{ workers: [], deviceTypes: [], queue: null, rejected: [] },
    devices: [{ ...board, deviceType, tags: [], isPublic: true }],
  });
  const source = await getSyncState(writer, 'alpha');
  const look = async (type: string) => {
    await writer.transaction(() => writeFleet(writer, source?.id ?? 0, fleet(type), NOW));
    return (await writer.store.sql.get<{ here: string; own: string }>(BOARDS)) ?? null;
  };
  await addAlias(writer.store, ADMIN, ALIASES[0], NOW);

  expect(await look('juno')).toMatchObject({ here: 'juno', own: 'juno' });
  expect(await look('bcm2837-rpi-3-b')).toMatchObject({ here: 'raspberry', own: 'bcm2837-rpi-3-b' });
  await removeAlias(writer.store, ADMIN, ALIASES[0], NOW);
  expect(await look('bcm2837-rpi-3-b')).toMatchObject({ here: 'bcm2837-rpi-3-b' });
});
