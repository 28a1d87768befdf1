/** What people did here, one event for each change: kept in the transaction that made it, never changed or deleted. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { chain, lockChain } from './audit-chain.ts';
import { type Key, type Page, type PageRequest, toPage } from './page.ts';
import type { Sql, Store, Value } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { isAdmin } from './visibility.ts';

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
  const event = {
    ...{ at, actor: toStored(actor), action, target: toStored(target) },
    ...{ before: json(before), after: json(after) },
  };
  const head = await lockChain(sql);
  const row = await sql.get<{ id: number }>(
    'INSERT INTO audit_event (at, actor, action, target, before, after) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
    ...Object.values(event),
  );
  if (!row) throw new Error(`no number for ${action} of ${target}`);
  await chain(sql, head, { id: row.id, ...event });
  return row.id;
}

export type AuditEventRow = AuditEvent & { id: number };

type Stored = Omit<AuditEventRow, 'before' | 'after'> & Record<'before' | 'after', string | null>;

/** The newest first; of one thing, where `target` names it. Null unless an admin asks. */
export async function listAuditEvents(
  store: Store,
  viewer: Viewer,
  target: string | null,
  page: PageRequest,
): Promise<Page<AuditEventRow> | null> {
  if (!isAdmin(viewer)) return null;
  const { after, before, backward, limit } = page;
  const clauses: [string, Value | undefined][] = [
    ['target = ?', target === null ? undefined : toStored(target)],
    ['id < ?', after?.[0]],
    ['id > ?', before?.[0]],
  ];
  const given = clauses.filter(([, value]) => value !== undefined);
  const rows = await store.sql.all<Stored>(
    `SELECT id, at, actor, action, target, before, after FROM audit_event
     ${given.length > 0 ? `WHERE ${given.map(([text]) => text).join(' AND ')}` : ''}
     ORDER BY id ${backward ? 'ASC' : 'DESC'} LIMIT ${limit + 1}`,
    ...given.map(([, value]) => value ?? null),
  );
  const json = (text: string | null): unknown => (text === null ? null : JSON.parse(fromStored(text)));
  return toPage(
    rows.map((row) => ({
      ...row,
      ...{ actor: fromStored(row.actor), target: fromStored(row.target) },
      ...{ before: json(row.before), after: json(row.after) },
    })),
    page,
  );
}

export function auditEventKey({ id }: AuditEventRow): Key {
  return [id];
}
