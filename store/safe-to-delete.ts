/** Jobs that a source may delete: finished, whole here, and equal in the last audit. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Micros } from '#schema/records.ts';
import { type AuditNotes, readAuditMemory, readAuditNotes } from './audit-memory.ts';
import { logPath, readLogFrames } from './log-file.ts';
import { unpackLogIndex } from './log-index.ts';
import type { Store } from './store.ts';
import { FINISHED } from './stored-job.ts';
import { fromStored } from './text.ts';

export type SafeJob = { externalId: string; endAt: Micros; results: number; logBytes: number };

const AT_ONCE = 200;

type SourceKey = { id: number; epoch: number };
type Audit = { checkedAt: Micros; missing: string; changed: string };

/** Why nothing of the source may be deleted, in words; null when the last audit speaks for its copy. */
export async function whyNothingIsSafe(store: Store, source: SourceKey): Promise<string | null> {
  const audit = await lastAudit(store, source.id);
  if (!audit) return 'not audited yet';
  const notes: AuditNotes | undefined = (await readAuditNotes(store, [source.id])).get(source.id)?.all;
  if (notes?.alarm) return `the last audit was alarmed: ${notes.alarm}`;
  const isEqual = audit.missing === '[]' && audit.changed === '[]';
  return isEqual ? null : 'the last audit has left gaps';
}

async function lastAudit({ sql }: Store, sourceId: number): Promise<Audit | undefined> {
  return sql.get<Audit>('SELECT checked_at AS "checkedAt", missing, changed FROM audit WHERE source_id = ?', sourceId);
}

type Row = {
  id: number;
  externalId: string;
  endAt: Micros;
  results: number;
  hash: Buffer;
  bytes: number;
  lines: Buffer;
};

const CANDIDATES = `SELECT j.id, j.external_id AS "externalId", j.end_at AS "endAt",
    j.pass + j.fail + j.skip + j.unknown + j.steps AS results, l.hash, l.bytes, l.lines
  FROM job j JOIN log l ON l.id = j.log_id
  WHERE j.source_id = ? AND j.epoch = ? AND j.id > ? AND j.state = ${FINISHED} AND j.settled = 1 AND j.end_at < ?
    AND j.changed_at <= ? AND j.gone_at IS NULL AND l.truncated = 0
    AND j.log_removed_at IS NULL AND j.detail_removed_at IS NULL AND j.results_removed_at IS NULL
    AND j.pass + j.fail + j.skip + j.unknown + j.steps > 0
  ORDER BY j.id LIMIT ${AT_ONCE}`;

/**
 * Jobs that ended before an instant and may go, each with its log read back from the disk, in the order in
 * which they were stored. Those that anything is left to
 * say against are not among them: results that may still come, a part in quarantine, a part that retention has deleted.
 */
export async function* listSafeToDelete(store: Store, source: SourceKey, endedBefore: Micros): AsyncGenerator<SafeJob> {
  const audit = await lastAudit(store, source.id);
  if (!audit) return;
  const { absent } = await readAuditMemory(store, source);
  const doubted = new Set([...Object.keys(absent), ...(await listQuarantined(store, source.id))]);
  let after = 0;
  while (true) {
    const rows = await store.sql.all<Row>(CANDIDATES, source.id, source.epoch, after, endedBefore, audit.checkedAt);
    for (const { id, hash: logHash, lines, bytes, ...row } of rows) {
      after = id;
      const externalId = fromStored(row.externalId);
      if (doubted.has(externalId) || !isLogWhole(store.logDir, logHash, lines)) continue;
      yield { externalId, endAt: row.endAt, results: row.results, logBytes: bytes };
    }
    if (rows.length < AT_ONCE) return;
  }
}

/** Jobs of which something was not understood. */
async function listQuarantined({ sql }: Store, sourceId: number): Promise<string[]> {
  const rows = await sql.all<{ externalId: string }>(
    'SELECT DISTINCT external_id AS "externalId" FROM dead_letter WHERE source_id = ? AND external_id IS NOT NULL AND resolved_at IS NULL',
    sourceId,
  );
  return rows.map(({ externalId }) => fromStored(externalId));
}

function isLogWhole(dir: string, logHash: Buffer, lines: Buffer): boolean {
  if (!existsSync(logPath(dir, logHash))) return false;
  try {
    const read = createHash('sha256');
    for (const frame of readLogFrames(dir, logHash, unpackLogIndex(lines))) read.update(frame);
    return read.digest().equals(logHash);
  } catch (cause) {
    // A file that is cut short or no log any more does not unpack.
    if (cause instanceof Error && 'code' in cause && /^Z(STD|_)/.test(String(cause.code))) return false;
    throw cause;
  }
}
