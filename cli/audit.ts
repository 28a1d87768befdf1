/** `basalt audit`: what the masters hold against what is stored. */
import { SourceError } from '#adapters/error.ts';
import { auditSource, lookThrough } from '#ingest/audit.ts';
import type { Held } from '#ingest/leases.ts';
import type { ScheduledSource } from '#ingest/schedule.ts';
import { StoreInUse } from '#store/error.ts';
import { lockIngest } from '#store/ingest-lock.ts';
import type { AuditResult } from '#store/write-audit.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-code.ts';
import { withLeases } from './held-sources.ts';
import { inSession, type Session } from './session.ts';

/** Of more gaps, the next audit repairs the rest. */
const REPAIRS = 5_000;

const ONLY_LOOKS = 'another Basalt reads the sources into this store and repairs what is wrong: this only looks';

export type AuditOptions = { repair: boolean; acceptDeletions?: boolean };

/** Repairs what it finds, unless that is another's to do: then it only looks. */
export async function audit(config: Config, slug: string | null, options: AuditOptions): Promise<number> {
  const { repair } = options;
  const unlock = repair ? lockUnlessInUse(config.store.url) : null;
  try {
    return await inSession(config, slug, (session) =>
      unlock ? repairAll(session, options) : inTurn(session, options, () => null),
    );
  } finally {
    unlock?.();
  }
}

function lockUnlessInUse(url: string): (() => void) | null {
  try {
    return lockIngest(url);
  } catch (cause) {
    if (!(cause instanceof StoreInUse)) throw cause;
    process.stderr.write(`${ONLY_LOOKS}\n`);
    return null;
  }
}

function repairAll(session: Session, options: AuditOptions): Promise<number> {
  return withLeases(session, (heldBy) =>
    inTurn(session, options, (slug) => {
      const held = heldBy(slug);
      if (!held) process.stderr.write(`${slug}: ${ONLY_LOOKS}\n`);
      return held;
    }),
  );
}

/** `heldBy`: null where it is only to look. */
async function inTurn(session: Session, options: AuditOptions, heldBy: (slug: string) => Held | null): Promise<number> {
  let code: number = EXIT.ok;
  for (const source of session.sources) {
    try {
      const result = await auditOne(session, source, heldBy(source.slug), options);
      tell(source.slug, result);
      if (hasFindings(result) && code === EXIT.ok) code = EXIT.findings;
    } catch (cause) {
      if (!(cause instanceof SourceError)) throw cause;
      process.stderr.write(`${cause.message}\n`);
      code = EXIT.source;
    }
  }
  return code;
}

function auditOne(
  { writer, signal, now }: Session,
  { adapter, slug }: ScheduledSource,
  held: Held | null,
  { acceptDeletions = false }: AuditOptions,
) {
  const deps = { writer, adapter, slug, now, signal, onFinished: () => undefined };
  if (!held) return lookThrough(deps);
  const guarded = {
    ...deps,
    believes: acceptDeletions,
    writer: held.writer,
    signal: AbortSignal.any([signal, held.signal]),
  };
  return auditSource(guarded, { repairs: REPAIRS });
}

function hasFindings({ missing, changed, repaired, alarm }: AuditResult): boolean {
  return missing.length + changed.length + repaired > 0 || alarm !== null;
}

function tell(slug: string, result: AuditResult): void {
  const { sourceCount, storeCount, missing, changed, goneAtSource, repaired, deleted, alarm } = result;
  const gone = deleted === 0 ? '' : `, ${deleted} of them deleted on the master`;
  const counts = `${atLeast(missing)} missing, ${atLeast(changed)} changed, ${goneAtSource} only here${gone}`;
  const again = repaired === 0 ? '' : `; ${repaired} were missing or changed and have been read again`;
  say(`${slug}: master ${sourceCount}, stored ${storeCount}: ${counts}${again}`);
  if (missing.length > 0) say(`  missing: ${missing.slice(0, 20).join(' ')}`);
  if (changed.length > 0) say(`  changed: ${changed.slice(0, 20).join(' ')}`);
  if (alarm !== null) say(`  ALARM: ${alarm}`);
}

/** No more than a hundred are named. */
function atLeast(ids: readonly string[]): string {
  return ids.length === 100 ? '100 or more' : String(ids.length);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
