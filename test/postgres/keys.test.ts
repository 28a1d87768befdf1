/** Every key of a table that is spread over machines contains the environment: without it no cluster takes the table. */
import { expect, test } from 'vitest';
import { temporaryWriter } from '../store/temporary.ts';

/** Spread by `env_id`. */
const SPREAD = [
  ...['job', 'job_text', 'job_detail', 'job_label', 'job_tombstone', 'suite_run', 'suite_history'],
  ...['build_suite', 'build_env', 'env_day', 'project_day', 'device_day', 'queue_week', 'flip_day'],
  ...['failure_occurrence', 'job_failure', 'known_issue_match'],
];
/** On every machine whole: names, and what sources say of themselves. */
const EVERYWHERE = [
  ...['source', 'worker', 'device_type', 'source_device_type', 'device', 'device_health', 'env', 'project', 'branch'],
  ...['build', 'submitter', 'label', 'suite', 'test_case', 'shape', 'log', 'failure_group'],
];
/** On one machine: what the ingesters keep of their own work, and what people want, look at and decide. */
const ONE_PLACE = [
  'sync_run',
  'dead_letter',
  'audit',
  'audit_day',
  'request_slot',
  'job_gone',
  'log_removal',
  'lease',
  'ingester',
  'store_state',
  'added_source',
  'source_pause',
  'source_request',
  'live_job',
  'live_piece',
  'agent',
  'inbox',
  'agent_question',
  'known_issue',
  'group_rule',
  'group_triage',
  'note',
  'omission',
  'name_alias',
  'audit_event',
  'account',
  'session',
  'api_token',
  'feed_subscription',
  'mail_address',
  'told_entry',
  'delivery',
  '__drizzle_migrations',
];

test('from the catalog', async () => {
  const { sql } = (await temporaryWriter()).store;
  const tables = await sql.all<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
       AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  );
  expect(tables.map(({ name }) => name).sort()).toEqual([...SPREAD, ...EVERYWHERE, ...ONE_PLACE].sort());

  const keys = await sql.all<{ table: string; key: string; columns: string }>(
    `SELECT t.relname AS table, x.relname AS key, string_agg(a.attname, ',' ORDER BY k.place) AS columns
     FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
     CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, place)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
     WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
     GROUP BY t.relname, x.relname`,
  );
  const ofSpread = keys.filter(({ table }) => SPREAD.includes(table));
  expect(new Set(ofSpread.map(({ table }) => table))).toEqual(new Set(SPREAD));
  expect(ofSpread.filter(({ columns }) => !columns.split(',').includes('env_id'))).toEqual([]);
});
