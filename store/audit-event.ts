/** What people did here, one event for each change: kept in the transaction that made it, never changed or deleted. */
import type { Micros } from '#schema/records.ts';
import type { Sql } from './store.ts';
import { toStored } from './text.ts';

export type AuditEvent = {
  at: Micros;
  actor: string;
  /** A thing and a verb: "known-issue.save". */
  action: string;
  /** What it was done to, as the API names it. */
  target: string;
  /** As it was and as it is; null where there was or is nothing. No secret. */
  before: unknown;
  after: unknown;
};

/** Call inside the transaction of the change. */
export async function recordEvent(sql: Sql, { at, actor, action, target, before, after }: AuditEvent): Promise<void> {
  const json = (value: unknown) => (value === null ? null : toStored(JSON.stringify(value)));
  await sql.run(
    'INSERT INTO audit_event (at, actor, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?)',
    ...[at, toStored(actor), action, toStored(target), json(before), json(after)],
  );
}
