/** Lists are read in their order and end when the page is full, however many jobs there are. */
import { expect, test } from 'vitest';
import { ANONYMOUS, type Viewer } from '#schema/viewer.ts';
import { explainJobs, type JobFilter } from '#store/job.ts';
import { temporaryWriter } from './temporary.ts';

const ADMIN: Viewer = { kind: 'person', login: 'root', teams: [], role: 'admin' };
const newest = { field: 'SUBMIT_TIME', direction: 'DESC' } as const;

test.each<[string, Viewer, JobFilter]>([
  ['all', ANONYMOUS, {}],
  ['all, for an admin', ADMIN, {}],
  ['of a source', ANONYMOUS, { sources: { slugs: ['alpha'] } }],
  ['with failures', ANONYMOUS, { hasFailures: true }],
  ['of a board', ANONYMOUS, { deviceId: 1 }],
  ['of a build', ANONYMOUS, { buildId: 1 }],
])('jobs %s: nothing is sorted, on the first page and after a key', async (_, viewer, filter) => {
  const { store } = await temporaryWriter(['alpha', 'beta']);
  for (const after of [null, [1_780_000_000_000_000, 7]]) {
    const steps = await explainJobs(store, viewer, filter, { limit: 50, after, before: null, backward: false }, newest);

    expect(steps.filter((step) => /job\b/.test(step))[0]).toMatch(/USING INDEX job_(submit|device|build)/);
    expect(steps.join('\n')).not.toContain('TEMP B-TREE');
  }
});

test.each(['START_TIME', 'END_TIME'] as const)('jobs by %s: a page goes on in an index', async (field) => {
  const { store } = await temporaryWriter();
  for (const direction of ['ASC', 'DESC'] as const) {
    const page = { limit: 50, after: [1_780_000_000_000_000, 7], before: null, backward: false };
    const steps = await explainJobs(store, ANONYMOUS, {}, page, { field, direction });

    expect(steps[0]).toMatch(/^SEARCH job USING INDEX job_(start|end)_order \(<expr>[<>]\?\)$/);
    expect(steps.join('\n')).not.toContain('TEMP B-TREE');
  }
});
