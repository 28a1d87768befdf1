/**
 * Which ingester reads which source, where several share a PostgreSQL store. A lease ends by itself when its owner does
 * not renew it; its term grows with every owner, and a write for the source holds the row (see `guard`), so that whoever
 * has lost a lease without knowing it can write nothing more. Times are the database server's.
 */
import { LeaseLost } from './error.ts';
import type { Sql } from './store.ts';
import type { Writer } from './writer.ts';

export type Lease = { sourceId: number; slug: string; owner: string; term: number };

const NOW = 'CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)';

/** Tells that the ingester is alive, and how many are. `ttl` in milliseconds. */
export async function reportAlive(sql: Sql, owner: string, ttl: number): Promise<number> {
  await sql.run(
    `INSERT INTO ingester (owner, seen_at) VALUES (?, ${NOW}) ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at`,
    owner,
  );
  await sql.run(`DELETE FROM ingester WHERE seen_at < ${NOW} - 86400000000`);
  const row = await sql.get<{ n: number }>(
    `SELECT count(*) AS n FROM ingester WHERE abs(seen_at - ${NOW}) < CAST(? AS BIGINT)`,
    ttl * 1000,
  );
  return Math.max(1, row?.n ?? 1);
}

/** An ingester or a command holds a source now. */
export async function isAnyoneReading(sql: Sql): Promise<boolean> {
  return (await sql.get(`SELECT 1 FROM lease WHERE expires_at > ${NOW} LIMIT 1`)) !== undefined;
}

export async function reportGone(sql: Sql, owner: string): Promise<void> {
  await sql.run('DELETE FROM ingester WHERE owner = ?', owner);
}

/**
 * Takes at most `limit` of the sources that nobody holds, for `ttl` milliseconds. What the owner holds without knowing is
 * taken anew; a lease that would last for longer than any was given is left from before the server's clock was put back.
 */
export async function claimLeases(
  sql: Sql,
  owner: string,
  slugs: readonly string[],
  limit: number,
  ttl: number,
): Promise<Lease[]> {
  if (slugs.length === 0 || limit <= 0) return [];
  const marks = slugs.map(() => '?').join(', ');
  await sql.run(
    `INSERT INTO lease (source_id, owner, term, expires_at) SELECT id, '', 0, 0 FROM source WHERE slug IN (${marks})
     ON CONFLICT (source_id) DO NOTHING`,
    ...slugs,
  );
  return sql.all<Lease>(
    `UPDATE lease SET owner = ?, term = lease.term + 1, expires_at = ${NOW} + CAST(? AS BIGINT)
     FROM (SELECT l.source_id, s.slug FROM lease l JOIN source s ON s.id = l.source_id
       WHERE (l.expires_at < ${NOW} OR l.expires_at > ${NOW} + CAST(? AS BIGINT) OR l.owner = ?) AND s.slug IN (${marks}) ORDER BY l.expires_at, l.source_id LIMIT ?
       FOR UPDATE OF l SKIP LOCKED) free
     WHERE lease.source_id = free.source_id
     RETURNING lease.source_id AS "sourceId", free.slug, lease.owner, lease.term`,
    owner,
    ttl * 1000,
    ttl * 2000,
    owner,
    ...slugs,
    limit,
  );
}

/** Those of the leases that are still the owner's, held for `ttl` milliseconds more. */
export async function renewLeases(sql: Sql, leases: readonly Lease[], ttl: number): Promise<Lease[]> {
  const kept: Lease[] = [];
  for (const lease of leases) {
    const row = await sql.get(
      `UPDATE lease SET expires_at = ${NOW} + CAST(? AS BIGINT) WHERE source_id = ? AND owner = ? AND term = ?
       RETURNING source_id`,
      ttl * 1000,
      lease.sourceId,
      lease.owner,
      lease.term,
    );
    if (row) kept.push(lease);
  }
  return kept;
}

export async function releaseLease(sql: Sql, { sourceId, owner, term }: Lease): Promise<void> {
  await sql.run(
    'UPDATE lease SET expires_at = 0 WHERE source_id = ? AND owner = ? AND term = ?',
    sourceId,
    owner,
    term,
  );
}

/**
 * A writer whose every transaction fails with LeaseLost once the lease is another's, and holds it until it has ended:
 * nobody can take it meanwhile, and it can still be renewed.
 */
export function guard(writer: Writer, { sourceId, slug, owner, term }: Lease): Writer {
  const { sql } = writer.store;
  return {
    ...writer,
    transaction: (body, options) =>
      writer.transaction(async () => {
        const held = await sql.get(
          'SELECT 1 FROM lease WHERE source_id = ? AND owner = ? AND term = ? FOR KEY SHARE',
          sourceId,
          owner,
          term,
        );
        if (!held) throw new LeaseLost(`${slug}: another ingester has taken over`);
        return body();
      }, options),
  };
}
