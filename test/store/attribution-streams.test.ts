/** Where else a suite ran around a failure. */
import { expect, test } from 'vitest';
import { listStreams } from '#store/attribution-streams.ts';
import { getSubjectJobs } from '#store/attribution-subject.ts';
import { listEnvironments } from '#store/environment.ts';
import { getJob } from '#store/job.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { temporaryWriter, write } from './temporary.ts';

const START = 1_780_000_000_000_000;
const HOUR = 3_600_000_000;
const EVERYTHING = { kind: 'everything' } as const;

type Run = { lab?: string; type?: string; project?: string; branch?: string; suite?: string; hours?: number };

async function streamsAround(first: Run, others: readonly Run[]): Promise<string[]> {
  const writer = await temporaryWriter(['alpha', 'beta']);
  const { store } = writer;
  for (const [i, run] of [first, ...others].entries()) {
    const { lab = 'alpha', type = 'qemu', project = 'p', branch = 'main', suite = '0_smoke', hours = 0 } = run;
    const at = START + hours * HOUR;
    const metadata = { 'git-tree': project, 'git-describe': `v${i}`, 'git-branch': branch };
    const name = { name: suite, isSteps: false, cases: [caseOf('boot')] };
    const record = jobOf({ externalId: String(i), deviceType: type, device: `${type}-${lab}`, metadata, submitAt: at });
    await write(writer, lab, changeOf({ ...record, startAt: at, endAt: at + 1 }, [{ externalId: i, ...name }]));
  }
  const { id = 0 } = (await getJob(store, EVERYTHING, first.lab ?? 'alpha', '0')) ?? {};
  const job = (await getSubjectJobs(store, EVERYTHING, [id])).get(id);
  if (!job) throw new Error('the job is not stored');
  const suites = await store.sql.all<{ id: number }>(`SELECT id FROM suite WHERE name = 'smoke'`);
  const environments = await listEnvironments(store, EVERYTHING, {});
  const span = { from: START / 1_000_000 - 100 * 3_600, until: START / 1_000_000 + 100 * 3_600 };
  const streams = await listStreams(store, environments, job, suites[0]?.id ?? 0, span);
  const branches = await store.sql.all<{ id: number; name: string }>(
    'SELECT b.id, p.slug || b.name AS name FROM branch b JOIN project p ON p.id = b.project_id',
  );
  return streams.map(({ envId, branchId }) => {
    const of = environments.find((row) => row.id === envId);
    return `${of?.slug} ${of?.deviceType} ${branches.find((row) => row.id === branchId)?.name}`;
  });
}

function caseOf(name: string) {
  return {
    ...{ name, set: null, result: 'FAIL' as const, externalId: 1, setExternalId: null, measurement: null, unit: '' },
    ...{ startLogLine: null, endLogLine: null, loggedAt: null, metadata: null },
  };
}

test('its branch comes first, then its project; on each its device type', async () => {
  const found = await streamsAround({}, [
    { lab: 'beta', type: 'arm', project: 'other' },
    { lab: 'beta', type: 'arm', branch: 'next' },
    { lab: 'beta', branch: 'next' },
    { lab: 'beta', type: 'arm' },
    { lab: 'beta' },
    { project: 'other' },
  ]);

  expect(found).toEqual([
    ...['alpha qemu pmain', 'beta qemu pmain', 'beta arm pmain'],
    ...['beta qemu pnext', 'beta arm pnext'],
    ...['alpha qemu othermain', 'beta arm othermain'],
  ]);
});

test('what did not run then, and other suites, are left out', async () => {
  const found = await streamsAround({}, [
    { branch: 'old', hours: -101 },
    { branch: 'new', hours: 101 },
    { branch: 'near', hours: -99 },
    { branch: 'else', suite: '0_ltp' },
    { lab: 'beta', hours: -101 },
  ]);

  expect(found).toEqual(['alpha qemu pmain', 'alpha qemu pnear']);
});

test('of an environment the newest branches are looked at, and its own whatever its age', async () => {
  const found = await streamsAround(
    {},
    Array.from({ length: 40 }, (_, i) => ({ branch: `b${i}` })),
  );

  expect(found[0]).toBe('alpha qemu pmain');
  expect(found.slice(1)).toEqual(Array.from({ length: 16 }, (_, i) => `alpha qemu pb${39 - i}`));
});
