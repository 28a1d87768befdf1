/** Quarantine: what of a source could not be understood, with its bytes. For the operator's own commands. */
import { NotFound } from './error.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import type { Writer } from './writer.ts';

export type DeadLetter = {
  id: number;
  source: string;
  at: number;
  stage: string;
  /** Of the job, the board or the worker it is about. */
  externalId: string | null;
  path: string;
  reason: string;
  bytes: number;
  attempts: number;
};

const COLUMNS = `d.id, s.slug AS source, d.at, d.stage, d.external_id AS "externalId", d.path, d.reason, length(d.raw) AS bytes, d.attempts
  FROM dead_letter d JOIN source s ON s.id = d.source_id`;
const OF_SOURCE = "d.resolved_at IS NULL AND (s.slug = ? OR ? = '')";

/** Oldest first, at most `limit`, of the source with the slug or of all; and how many there are. */
export async function listDeadLetters(
  { sql }: Store,
  slug: string | null,
  limit: number,
): Promise<{ letters: DeadLetter[]; count: number }> {
  const of = [toStored(slug ?? ''), toStored(slug ?? '')];
  const rows = await sql.all<DeadLetter>(`SELECT ${COLUMNS} WHERE ${OF_SOURCE} ORDER BY d.id LIMIT ?`, ...of, limit);
  const counted = await sql.get<{ n: number }>(
    `SELECT count(*) AS n FROM dead_letter d JOIN source s ON s.id = d.source_id WHERE ${OF_SOURCE}`,
    ...of,
  );
  return { letters: rows.map(toLetter), count: counted?.n ?? 0 };
}

/** With its bytes, as the source sent them but for secrets. @throws NotFound */
export async function getDeadLetter({ sql }: Store, id: number): Promise<DeadLetter & { raw: Buffer }> {
  const row = await sql.get<DeadLetter>(`SELECT ${COLUMNS} WHERE d.id = ?`, id);
  const body = await sql.get<{ raw: Buffer }>('SELECT raw FROM dead_letter WHERE id = ?', id);
  if (!row || !body) throw new NotFound(`there is no record ${id} in quarantine`);
  return { ...toLetter(row), raw: body.raw };
}

/** Jobs of a source of which something is in quarantine. */
export async function listQuarantinedJobs({ sql }: Store, slug: string): Promise<string[]> {
  const rows = await sql.all<{ externalId: string }>(
    `SELECT DISTINCT d.external_id AS "externalId" FROM dead_letter d JOIN source s ON s.id = d.source_id
     WHERE s.slug = ? AND d.resolved_at IS NULL AND d.external_id IS NOT NULL
       AND d.stage IN ('job', 'definition', 'suite', 'case', 'log') ORDER BY d.external_id`,
    toStored(slug),
  );
  return rows.map(({ externalId }) => fromStored(externalId));
}

/** Deletes it, bytes and all. @throws NotFound */
export async function discardDeadLetter(writer: Writer, id: number): Promise<DeadLetter> {
  return writer.transaction(async () => {
    const { raw: _, ...letter } = await getDeadLetter(writer.store, id);
    await writer.store.sql.run('DELETE FROM dead_letter WHERE id = ?', id);
    return letter;
  });
}

function toLetter(row: DeadLetter): DeadLetter {
  return {
    ...row,
    source: fromStored(row.source),
    externalId: row.externalId === null ? null : fromStored(row.externalId),
    path: fromStored(row.path),
    reason: fromStored(row.reason),
  };
}
