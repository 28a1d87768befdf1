/** Sources and their sync runs, as the ingester writes them. */
import type { Micros, Probe, Rejected } from '#schema/records.ts';
import type { Retention } from '#schema/tables.ts';
import { digest } from './codec.ts';
import type { Sql } from './store.ts';
import { toStored } from './text.ts';
import type { SourceKey } from './write-job.ts';
import type { Writer } from './writer.ts';

/** A source as the configuration has it. */
export type SourceSettings = {
  slug: string;
  name: string;
  kind: string;
  url: string;
  visibility: 'PUBLIC' | 'INTERNAL' | 'RESTRICTED';
  teams: string[];
  labels: Record<string, string>;
  retention: Retention;
  /** Jobs submitted before are not read, nor missed; null when all are read. */
  historySince: Micros | null;
  paused: boolean;
  /** Whether it was added to the store and is not of the configuration. */
  added?: boolean;
  periodSeconds: number;
  maxConcurrent: number;
  maxPerMinute: number;
};

/** Makes the stored sources those of the configuration. What is no longer configured keeps its results. */
export async function saveSources(writer: Writer, sources: readonly SourceSettings[]): Promise<void> {
  await writer.transaction(async () => {
    const { sql } = writer.store;
    await sql.run('UPDATE source SET configured = 0 WHERE configured = 1');
    for (const source of sources) await insertSource(sql, source);
  });
}

/** Call inside a transaction. */
export async function insertSource(sql: Sql, source: SourceSettings): Promise<void> {
  await noteSight(sql, source);
  await sql.run(
    `INSERT INTO source (slug, name, kind, url, visibility, teams, labels, retention, history_since, paused, added, period_seconds, max_concurrent, max_per_minute, capabilities, warnings)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', '[]')
     ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, url = excluded.url, visibility = excluded.visibility,
       teams = excluded.teams, labels = excluded.labels, retention = excluded.retention, history_since = excluded.history_since, paused = excluded.paused, added = excluded.added,
       period_seconds = excluded.period_seconds, max_concurrent = excluded.max_concurrent, max_per_minute = excluded.max_per_minute, configured = 1`,
    source.slug,
    source.name,
    source.kind,
    source.url,
    source.visibility,
    JSON.stringify(source.teams),
    JSON.stringify(source.labels),
    retentionText(source.retention),
    source.historySince,
    source.paused ? 1 : 0,
    source.added ? 1 : 0,
    source.periodSeconds,
    source.maxConcurrent,
    source.maxPerMinute,
  );
}

/** Whoever reads on by a cursor begins anew where it changes who may see the source: of what has gone before nobody is told. */
async function noteSight(sql: Sql, { slug, visibility, teams }: SourceSettings): Promise<void> {
  const changed = await sql.get<{ id: number }>(
    `UPDATE source SET sight_version = sight_version + 1 WHERE slug = ? AND (visibility <> ? OR teams <> ?) RETURNING id`,
    ...[slug, visibility, JSON.stringify(teams)],
  );
  if (changed) await sql.run('DELETE FROM job_gone WHERE source_id = ?', changed.id);
}

export async function saveRetention(writer: Writer, sourceId: number, retention: Retention): Promise<void> {
  await writer.transaction(() =>
    writer.store.sql.run('UPDATE source SET retention = ? WHERE id = ?', retentionText(retention), sourceId),
  );
}

function retentionText(retention: Retention): string | null {
  return Object.keys(retention).length === 0 ? null : JSON.stringify(retention);
}

/** Sources that keep not everything for ever. What is no longer configured keeps what it has. */
export async function listRetentions(writer: Writer): Promise<{ id: number; slug: string; retention: Retention }[]> {
  const rows = await writer.store.sql.all<{ id: number; slug: string; retention: string }>(
    'SELECT id, slug, retention FROM source WHERE retention IS NOT NULL AND configured = 1 ORDER BY slug',
  );
  return rows.map((row) => ({ ...row, retention: JSON.parse(row.retention) as Retention }));
}

export type SyncState = SourceKey & {
  bookmark: string | null;
  lastSuccessAt: Micros | null;
  /** As SourceSettings.historySince. */
  historySince: Micros | null;
};

export async function getSyncState({ store }: Pick<Writer, 'store'>, slug: string): Promise<SyncState | null> {
  const row = await store.sql.get<SyncState>(
    'SELECT id, slug, epoch, url, bookmark, last_success_at AS "lastSuccessAt", history_since AS "historySince" FROM source WHERE slug = ?',
    slug,
  );
  return row ?? null;
}

/** `backlog`: jobs of the source's history that are still to be read. */
export async function saveBookmark(writer: Writer, sourceId: number, bookmark: string, backlog: number): Promise<void> {
  await writer.store.sql.run(
    'UPDATE source SET bookmark = ?, backlog = ? WHERE id = ? AND bookmark IS DISTINCT FROM ?',
    bookmark,
    backlog,
    sourceId,
    bookmark,
  );
}

/** Everything is read once more from the beginning; what is stored stays. */
export async function forgetBookmark(writer: Writer, slug: string): Promise<void> {
  await writer.transaction(() => writer.store.sql.run('UPDATE source SET bookmark = NULL WHERE slug = ?', slug));
}

/** Why a source is not read at all. */
export async function saveObstacle(
  writer: Writer,
  slug: string,
  { code, message }: { code: string; message: string },
  at: Micros,
): Promise<void> {
  await writer.transaction(() =>
    writer.store.sql.run(
      'UPDATE source SET last_error_at = COALESCE(last_error_at, ?), last_error_code = ?, last_error = ? WHERE slug = ?',
      at,
      code,
      message,
      slug,
    ),
  );
}

/** Call inside a transaction. A capability that was there before keeps the instant it was first found at. */
export async function saveProbe(writer: Writer, sourceId: number, probe: Probe, at: Micros): Promise<void> {
  const { sql } = writer.store;
  const row = await sql.get<{ since: string | null }>(
    'SELECT capable_since AS since FROM source WHERE id = ?',
    sourceId,
  );
  const before: Record<string, Micros> = row?.since ? JSON.parse(row.since) : {};
  const since = Object.fromEntries(probe.capabilities.map((name) => [name, before[name] ?? at]));
  await sql.run(
    `UPDATE source SET version = ?, who_am_i = ?, capabilities = ?, capable_since = ?, probed_at = ?, warnings = ?,
       clock_offset_ms = ? WHERE id = ?`,
    probe.version,
    probe.whoAmI,
    JSON.stringify(probe.capabilities),
    JSON.stringify(since),
    at,
    JSON.stringify(probe.warnings),
    probe.clockOffsetMs,
    sourceId,
  );
}

/** The numbers of a reset master belong to other jobs from here on. */
export async function openEpoch(writer: Writer, sourceId: number): Promise<void> {
  await writer.store.sql.run('UPDATE source SET epoch = epoch + 1, bookmark = NULL WHERE id = ?', sourceId);
}

export async function saveNextSync(writer: Writer, slug: string, at: Micros | null): Promise<void> {
  await writer.transaction(() => writer.store.sql.run('UPDATE source SET next_sync_at = ? WHERE slug = ?', at, slug));
}

/** Keeps what could not be understood. The same bytes again only count up. */
export async function quarantine(
  writer: Writer,
  sourceId: number,
  rejected: readonly Rejected[],
  at: Micros,
): Promise<void> {
  for (const { stage, externalId, path, reason, raw } of rejected) {
    await writer.store.sql.run(
      `INSERT INTO dead_letter (source_id, hash, at, last_at, stage, external_id, path, reason, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source_id, hash) DO UPDATE SET attempts = dead_letter.attempts + 1, last_at = excluded.last_at,
         resolved_at = NULL`,
      sourceId,
      digest(JSON.stringify([stage, externalId, path, raw])),
      at,
      at,
      stage,
      externalId === null ? null : toStored(externalId),
      toStored(path),
      toStored(reason),
      Buffer.from(raw),
    );
  }
}

/**
 * The job was read again: what was quarantined of it is understood now, unless it is quarantined once more. Call before
 * `quarantine`. Without results only its row was read.
 */
export async function resolveDeadLetters(
  writer: Writer,
  sourceId: number,
  { externalId, withResults }: { externalId: string; withResults: boolean },
  at: Micros,
): Promise<void> {
  await writer.store.sql.run(
    `UPDATE dead_letter SET resolved_at = ? WHERE source_id = ? AND external_id = ? AND resolved_at IS NULL
       AND (stage IN ('job', 'definition') OR (stage IN ('suite', 'case', 'log') AND ? = 1))`,
    at,
    sourceId,
    toStored(externalId),
    withResults ? 1 : 0,
  );
}

/** All boards, types and hosts were read again. Call before `quarantine`. */
export async function resolveFleetLetters(writer: Writer, sourceId: number, at: Micros): Promise<void> {
  await writer.store.sql.run(
    `UPDATE dead_letter SET resolved_at = ?
     WHERE source_id = ? AND resolved_at IS NULL AND stage IN ('worker', 'device', 'deviceType')`,
    at,
    sourceId,
  );
}

export type RunTotals = {
  requests: number;
  bytes: number;
  jobsRead: number;
  jobsWritten: number;
  /** Of these, the public ones. */
  publicRead: number;
  publicWritten: number;
  rejected: number;
};

export async function startRun(writer: Writer, sourceId: number, trigger: string, at: Micros): Promise<number> {
  return writer.transaction(async () => {
    await writer.store.sql.run(
      "UPDATE sync_run SET state = 'aborted', ended_at = ? WHERE source_id = ? AND state = 'running'",
      at,
      sourceId,
    );
    const row = await writer.store.sql.get<{ id: number }>(
      "INSERT INTO sync_run (source_id, trigger, state, started_at) VALUES (?, ?, 'running', ?) RETURNING id",
      sourceId,
      trigger,
      at,
    );
    if (!row) throw new Error('a sync run was not stored');
    return row.id;
  });
}

/** What a run that goes on has come to. Call inside a transaction. */
export async function saveProgress(writer: Writer, runId: number, totals: RunTotals): Promise<void> {
  await writer.store.sql.run(
    `UPDATE sync_run SET requests = ?, bytes = ?, jobs_read = ?, jobs_written = ?, public_read = ?, public_written = ?,
       rejected = ? WHERE id = ?`,
    totals.requests,
    totals.bytes,
    totals.jobsRead,
    totals.jobsWritten,
    totals.publicRead,
    totals.publicWritten,
    totals.rejected,
    runId,
  );
}

/** As Usage of adapters/adapter.ts. */
type Usage = { usedLastMinute: number; p95Ms: number | null; slowdown: number | null };

/** How the source answers now. Call inside a transaction. */
export async function saveUsage(writer: Writer, sourceId: number, usage: Usage): Promise<void> {
  await writer.store.sql.run(
    'UPDATE source SET used_last_minute = ?, p95_ms = ?, slowdown = ? WHERE id = ?',
    usage.usedLastMinute,
    usage.p95Ms,
    usage.slowdown,
    sourceId,
  );
}

export type RunEnd = RunTotals & {
  /** Whether everything was looked for; what reads single jobs tells nothing of how fresh the rest is. */
  isWhole: boolean;
  /** Until when the source is read; null where that is as before. */
  upTo: Micros | null;
  state: 'succeeded' | 'failed' | 'aborted';
  error: { code: string; message: string } | null;
  usage: Usage;
};

/** Closes the run and says on the source what it means. Old run records of the source are dropped. */
export async function endRun(writer: Writer, sourceId: number, runId: number, end: RunEnd, at: Micros): Promise<void> {
  await writer.transaction(async () => {
    const { sql } = writer.store;
    await saveProgress(writer, runId, end);
    await sql.run(
      'UPDATE sync_run SET state = ?, ended_at = ?, error_code = ?, error = ? WHERE id = ?',
      end.state,
      at,
      end.error?.code ?? null,
      end.error?.message ?? null,
      runId,
    );
    await saveUsage(writer, sourceId, end.usage);
    if (end.state === 'succeeded' && end.isWhole) {
      await sql.run(
        `UPDATE source SET last_success_at = ${end.upTo === null ? 'last_success_at' : '?'}, last_error_at = NULL,
           last_error_code = NULL, last_error = NULL WHERE id = ?`,
        ...(end.upTo === null ? [] : [end.upTo]),
        sourceId,
      );
    } else if (end.error) {
      await sql.run(
        'UPDATE source SET last_error_at = COALESCE(last_error_at, ?), last_error_code = ?, last_error = ? WHERE id = ?',
        at,
        end.error.code,
        end.error.message,
        sourceId,
      );
    }
    await sql.run(
      'DELETE FROM sync_run WHERE source_id = ? AND started_at < ? AND id NOT IN (SELECT id FROM sync_run WHERE source_id = ? ORDER BY started_at DESC LIMIT 1000)',
      sourceId,
      at - KEEP_RUNS,
      sourceId,
    );
  });
}

const KEEP_RUNS = 30 * 86_400_000_000;
