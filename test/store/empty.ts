import type { Store } from '#store/store.ts';

const TABLES = [
  ...['job_tombstone', 'job', 'job_text', 'job_label', 'job_detail', 'suite_run', 'suite_history', 'flip_day'],
  ...['job_gone', 'env_day', 'project_day', 'build_env', 'build_suite', 'device_day', 'queue_week', 'store_state'],
  ...[
    'failure_occurrence',
    'job_failure',
    'failure_group',
    'group_rule',
    'known_issue_match',
    'known_issue',
    'omission',
  ],
  ...['shape', 'test_case', 'suite', 'env', 'device', 'device_type', 'build', 'branch', 'project', 'label'],
];

/** Everything but the sources goes. A writer made before remembers what is gone. */
export async function emptyStore(store: Store): Promise<void> {
  for (const table of TABLES) await store.sql.run(`DELETE FROM ${table}`);
}
