/** The same as test/store/plan.test.ts says of SQLite: lists of jobs are merged from an index and sort nothing. */
import { expect, test } from 'vitest';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { explainJobs } from '#store/job.ts';
import type { JobFilter } from '#store/job-filter.ts';
import { changeOf, jobOf } from '../store/arbitrary.ts';
import { grow } from '../store/grow.ts';
import { temporaryWriter, write } from '../store/temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };

test.each<[string, Viewer, JobFilter, string]>([
  ['all', ANONYMOUS, {}, 'job_sight'],
  ['all, for an admin', ADMIN, {}, 'job_sight'],
  ['of a source', ANONYMOUS, { sources: { slugs: ['alpha'] } }, 'job_sight'],
  ['of a kind of boards', ANONYMOUS, { deviceTypes: ['qemu'] }, 'job_env'],
  ['with failures', ANONYMOUS, { hasFailures: true }, 'job_sight'],
  ['of a board', ANONYMOUS, { deviceId: 1 }, 'job_device'],
])('jobs %s are read backward from an index and never sorted', async (_, viewer, filter, index) => {
  const writer = await temporaryWriter(['alpha', 'beta']);
  for (const slug of ['alpha', 'beta']) await write(writer, slug, changeOf(jobOf(), []));
  await grow(writer, 5_000);
  await writer.store.sql.run('ANALYZE');
  for (const after of [null, [1_780_000_000_000_001, 7]]) {
    const steps = await explainJobs(writer.store, viewer, filter, { limit: 50, after, before: null, backward: false });
    const choosing = steps.slice(steps.findIndex((step) => step.includes('Subquery Scan on looked'))).join('\n');

    expect(choosing).toMatch(new RegExp(`Index (Only )?Scan Backward using ${index} on`));
    expect(choosing).not.toMatch(/Sort {2}|Seq Scan on job\b/);
  }
});
