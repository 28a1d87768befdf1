/** Lists are read in their order and end when the page is full, however many jobs there are. */
import { expect, test } from 'vitest';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { explainJobs } from '#store/job.ts';
import { explainGone } from '#store/job-changes.ts';
import type { JobFilter } from '#store/job-filter.ts';
import type { Writer } from '#store/writer.ts';
import { changeOf, jobOf } from './arbitrary.ts';
import { grow } from './grow.ts';
import { temporaryWriter, write } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };

async function someJobs(): Promise<Writer> {
  const writer = await temporaryWriter(['alpha', 'beta']);
  for (const slug of ['alpha', 'beta']) await write(writer, slug, changeOf(jobOf(), []));
  await grow(writer, 2_000);
  return writer;
}

/** The steps that choose the jobs, without those that read the rows of the page. */
function choosing(steps: readonly string[]): string[] {
  const end = steps.indexOf('SCAN looked');
  expect(end, steps.join('\n')).toBeGreaterThan(0);
  return steps.slice(0, end);
}

test.each<[string, Viewer, JobFilter, string, number]>([
  ['all', ANONYMOUS, {}, 'COVERING INDEX job_sight (source_id=? AND is_public=?', 2],
  ['all, for an admin', ADMIN, {}, 'COVERING INDEX job_sight (source_id=? AND is_public=?', 4],
  [
    'of a source',
    ANONYMOUS,
    { sources: { slugs: ['alpha'] } },
    'COVERING INDEX job_sight (source_id=? AND is_public=?',
    1,
  ],
  ['of a kind of boards', ANONYMOUS, { deviceTypes: ['qemu'] }, 'COVERING INDEX job_env (env_id=?', 2],
  ['with failures', ANONYMOUS, { hasFailures: true }, 'COVERING INDEX job_sight (source_id=? AND is_public=?', 2],
  ['of a board', ANONYMOUS, { deviceId: 1 }, 'INDEX job_device (device_id=?', 1],
  ['of boards with a name', ANONYMOUS, { device: 'qemu-01' }, 'INDEX job_device (device_id=?', 2],
  ['of a build', ANONYMOUS, { buildId: 1 }, 'INDEX job_build (build_id=?', 1],
  ['of a named build', ANONYMOUS, { project: 'mainline', build: 'v1' }, 'INDEX job_build (build_id=?', 1],
])(
  'jobs %s are read from an index in their order, on the first page and after a key',
  async (_, viewer, filter, index, pieces) => {
    const { store } = await someJobs();
    for (const statistics of [false, true]) {
      if (statistics) await store.sql.run('ANALYZE');
      for (const after of [null, [1_780_000_000_000_001, 7]]) {
        const steps = await explainJobs(store, viewer, filter, { limit: 50, after, before: null, backward: false });

        expect(choosing(steps).filter((step) => step.startsWith(`SEARCH job USING ${index}`))).toHaveLength(pieces);
        expect(choosing(steps).join('\n')).not.toMatch(/TEMP B-TREE|SCAN job\b/);
        expect(steps[0]).toBe('SEARCH job USING INTEGER PRIMARY KEY (rowid=?)');
      }
    }
  },
);

test.each(['START_TIME', 'END_TIME', 'CHANGE_TIME'] as const)(
  'jobs by %s: a page goes on in an index',
  async (field) => {
    const { store } = await someJobs();
    for (const direction of ['ASC', 'DESC'] as const) {
      const page = { limit: 50, after: [1_780_000_000_000_000, 7], before: null, backward: false };
      const steps = choosing(await explainJobs(store, ANONYMOUS, {}, page, { field, direction }));

      expect(steps.join('\n')).toMatch(
        /SEARCH job USING INDEX job_(start_order \(<expr>|end_order \(<expr>|changed \(changed_at)[<>]\?\)/,
      );
      expect(steps.join('\n')).not.toContain('TEMP B-TREE');
    }
  },
);

test('what has gone is read from an index in its order, of each source in sight and of no other, on any page', async () => {
  const { store } = await someJobs();
  for (const statistics of [false, true]) {
    if (statistics) await store.sql.run('ANALYZE');
    for (const after of [null, [1, 0, 7], [1, 1, 7]] as const) {
      const steps = choosing(await explainGone(store, ANONYMOUS, after));

      expect(
        steps.filter((step) =>
          /^SEARCH job_gone USING COVERING INDEX job_gone_at \(source_id=\? AND sees_private=\? AND at>\? AND at<\?\)/.test(
            step,
          ),
        ),
        steps.join('\n'),
      ).toHaveLength(2);
      expect(steps.join('\n')).not.toMatch(/TEMP B-TREE|SCAN job_gone/);
    }
  }
});
