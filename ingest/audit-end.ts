/**
 * The end of a round: what is absent is looked for by other means. What is hidden is private from here on; what is gone,
 * and was absent in two rounds, is marked as deleted.
 */
import type { Whereabouts } from '#adapters/adapter.ts';
import { SourceError } from '#adapters/error.ts';
import type { Micros } from '#schema/records.ts';
import type { Absence, AuditMemory, AuditRound } from '#store/audit-memory.ts';
import { hideJob } from '#store/hide-job.ts';
import { type AuditResult, markGone, saveAudit, saveAuditMemory } from '#store/write-audit.ts';
import type { SourceKey } from '#store/write-job.ts';
import type { RepairDeps } from './audit-repair.ts';
import { countAbsentOn, findingsOf, forgetAbsent, vanishing } from './audit-tally.ts';

/** So many jobs are looked for at the end of a round; the next one goes on with the others. */
const LOOKED_FOR = 200;
/** Two rounds that miss a job lie so far apart. */
const ABSENT_MICROS = 6 * 3_600_000_000;
const OTHERS_ASKED =
  'The master answers to another user, or is of another version, than in the round before: what it does not list any more is counted anew.';

/** @throws SourceError when the source does not say what it is: nothing is concluded then. */
export async function endRound(
  deps: RepairDeps & { believes?: boolean },
  source: SourceKey,
  memory: AuditMemory,
  round: AuditRound,
): Promise<AuditResult> {
  const { writer, adapter, now, signal } = deps;
  const { whoAmI, version } = await adapter.probe({ now, signal });
  const isOther = memory.asked !== null && (memory.asked.whoAmI !== whoAmI || memory.asked.version !== version);
  const alarms = isOther
    ? { all: OTHERS_ASKED, public: OTHERS_ASKED }
    : deps.believes
      ? { all: null, public: null }
      : { all: vanishing(round.all), public: vanishing(round.public) };
  const isCalm = alarms.all === null && alarms.public === null;
  const askedFrom = now();
  const absent = isOther ? {} : absences(memory, round, isCalm, askedFrom);
  const found = isOther ? new Map<string, Whereabouts>() : await lookForAbsent(deps, round, absent);
  const isOld = (id: string) => isDue(memory.absent[id], askedFrom);
  const gone = [...found].flatMap(([id, where]) => (isCalm && where === 'gone' && isOld(id) ? [id] : []));
  for (const { id, isPublic } of round.absent)
    if (isPublic && found.get(id) === 'hidden') await writer.transaction(() => hideJob(writer, source, id, now()));
  for (const { id, isPublic, day } of round.absent) {
    const isDeleted = gone.includes(id);
    const isHidden = found.get(id) === 'hidden' || (absent[id]?.isHidden ?? false);
    const isPrivateNow = isPublic && found.get(id) === 'hidden';
    countAbsentOn(round.days, { day, isPublic: isPublic && !isPrivateNow }, { isDeleted, isHidden }, now());
    if (isPrivateNow) forgetAbsent(round.public);
    if (!isDeleted) continue;
    round.all.deleted += 1;
    if (isPublic) round.public.deleted += 1;
    delete absent[id];
  }
  const result = { ...findingsOf(round.all, alarms.all), publicView: findingsOf(round.public, alarms.public) };
  await writer.transaction(async () => {
    const at = now();
    for (const id of gone) await markGone(writer, source, id, at, at);
    await saveAudit(writer, source.id, result, round.days, at);
    const { epoch } = memory;
    const asked = { whoAmI, version };
    await saveAuditMemory(writer, source.id, { epoch, asked, round: null, lastRoundAt: round.startedAt, absent });
  });
  return result;
}

/** What is absent now: since when, and when it was looked for. What vanished with many others is not believed. */
function absences(memory: AuditMemory, { absent }: AuditRound, isCalm: boolean, at: number): Record<string, Absence> {
  const known = absent.flatMap(({ id }): [string, Absence][] => {
    const before = memory.absent[id] ?? (isCalm ? { since: at, askedAt: null } : null);
    return before ? [[id, before]] : [];
  });
  return Object.fromEntries(known);
}

const isDue = (absence: Absence | undefined, at: Micros) =>
  absence !== undefined && at - absence.since >= ABSENT_MICROS;

/**
 * What the source says of the absent, those that were not asked for longest first: of public ones at once, for it may
 * have hidden them; of others when it is time.
 */
async function lookForAbsent(
  { adapter, now, signal }: RepairDeps,
  round: AuditRound,
  absent: Record<string, Absence>,
): Promise<Map<string, Whereabouts>> {
  const askedAt = (id: string) => absent[id]?.askedAt ?? 0;
  const wanted = round.absent
    .filter(({ id, isPublic }) => isDue(absent[id], now()) || (isPublic && askedAt(id) === 0))
    .toSorted((a, b) => askedAt(a.id) - askedAt(b.id))
    .slice(0, LOOKED_FOR);
  const found = new Map<string, Whereabouts>();
  for (const { id } of wanted) {
    try {
      const where = await adapter.lookFor(id, { now, signal });
      found.set(id, where);
      if (absent[id]) absent[id] = { ...absent[id], askedAt: now(), isHidden: where === 'hidden' };
    } catch (cause) {
      if (!(cause instanceof SourceError) || signal.aborted) throw cause;
      break;
    }
  }
  return found;
}
