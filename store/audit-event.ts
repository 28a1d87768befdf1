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

/** Call inside the transaction of the change. Gives the number of the event. */
export async function recordEvent(sql: Sql, { at, actor, action, target, before, after }: AuditEvent): Promise<number> {
  const json = (value: unknown) => (value === null ? null : toStored(JSON.stringify(value)));
  const row = await sql.get<{ id: number }>(
    'INSERT INTO audit_event (at, actor, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
    ...[at, toStored(actor), action, toStored(target), json(before), json(after)],
  );
  if (!row) throw new Error(`no number for ${action} of ${target}`);
  return row.id;
}
