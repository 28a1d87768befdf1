/** What a source holds against what is stored, by ranges of numbers; what is missing or differs is read again. */
import type { Adapter, InventoryRow } from '#adapters/adapter.ts';
import { isDue } from '#adapters/due.ts';
import type { Micros } from '#schema/records.ts';
import { type AuditMemory, type AuditRound, readAuditMemory } from '#store/audit-memory.ts';
import { Conflict } from '#store/error.ts';
import {
  type AuditResult,
  type AuditRun,
  countJobsOf,
  type IdRange,
  listJobFates,
  listRemovedJobs,
  markGone,
  type StoredFate,
  saveAudit,
  saveAuditMemory,
  saveAuditRun,
} from '#store/write-audit.ts';
import { getSyncState, openEpoch, type SyncState } from '#store/write-source.ts';
import { endRound } from './audit-end.ts';
import { createRepairer, isSame, type RepairDeps, type Repairer } from './audit-repair.ts';
import {
  countAbsent,
  countAbsentOn,
  countListed,
  countListedOn,
  countSampled,
  dayOf,
  emptyTally,
  findingsOf,
  type Verdict,
  vanishing,
} from './audit-tally.ts';
import { saveAsked } from './sync.ts';

export type AuditDeps = RepairDeps & {
  slug: string;
  /** Share of the jobs that a round reads again whole, though their row is the same. */
  share?: number;
  /** What vanished is believed, however much it is, as far as another interface confirms it: a person says so. */
  believes?: boolean;
};

/** What a slice of a round works on. */
type Slice = {
  deps: AuditDeps;
  source: SyncState;
  memory: AuditMemory;
  round: AuditRound;
  repairer: Repairer;
  /** Asked after each page. */
  isEnough: () => boolean;
  /** Before the first page was asked for. */
  startedAt: Micros;
  /** Whether a job that seems the same is read again whole, to see. */
  isSampled: (job: StoredFate) => boolean;
};

const PAGE = 100;
/** Of all jobs about so many are read again whole in a round, and no more than one in so many. */
const SAMPLE = 50;
const SAMPLE_OF = 10;
/** One in so many of the jobs that were stored of late: results may have come after they were read. */
const LATE = 20;
const LATELY = 2 * 86_400_000_000;
/** Of more jobs that vanish in a round, the first are looked for. */
const ABSENT_KEPT = 10_000;
/** From slice to slice. In half of the time that a round has, slices go through all of it. */
export const SLICE_MS = 600_000;
const LEAST_PAGES = 10;
/** Longer than a sync waits for a log that cannot be read. */
const OVERDUE = 90_000_000_000;
const RESET =
  'Numbers belong to other jobs than before: the master was reset or restored. Its jobs are read as new ones.';

/** Once through all jobs, reading at most so many again: what was found, after repairs. */
export async function auditSource(deps: AuditDeps, { repairs }: { repairs: number }): Promise<AuditResult> {
  const { source, memory } = await begin(deps);
  const result = await goOn(await wholeRound(deps, source, memory, repairs));
  if (!result) throw new Error(`${source.slug}: an audit did not come to its end`);
  return result;
}

/** Compares without reading anything again; neither the next round nor marks come of it. */
export async function lookThrough(deps: AuditDeps): Promise<AuditResult> {
  const { source, memory } = await begin(deps);
  const slice = await wholeRound(deps, source, memory, 0);
  await compareAll(slice);
  const { round } = slice;
  for (const job of round.absent) {
    const isHidden = memory.absent[job.id]?.isHidden ?? false;
    countAbsentOn(round.days, job, { isDeleted: false, isHidden }, deps.now());
  }
  const publicView = findingsOf(round.public, vanishing(round.public));
  const result = { ...findingsOf(round.all, vanishing(round.all)), publicView };
  await deps.writer.transaction(() => saveAudit(deps.writer, source.id, result, round.days, deps.now()));
  await saveAsked(deps, source.id);
  return result;
}

/**
 * The next slice of the round, or the first of a new one when the last began `everyMs` ago: what was found at the end
 * of a round, null before. Ends early when something else wants the source.
 */
export async function auditSlice(
  deps: AuditDeps,
  { everyMs, isWanted }: { everyMs: number; isWanted: () => boolean },
): Promise<AuditResult | null> {
  const { source, memory } = await begin(deps);
  const startedAt = deps.now();
  if (!memory.round && memory.lastRoundAt !== null && !isDue(startedAt, memory.lastRoundAt, everyMs * 1000))
    return null;
  const round = memory.round ?? newRound(startedAt, pagesOf(await countJobsOf(deps.writer, source), everyMs));
  // A page is passed once all of it is repaired.
  const repairer = createRepairer(deps, 2 * PAGE);
  let read = 0;
  const isEnough = () => {
    read += 1;
    return read >= round.pages || repairer.left() < PAGE || isWanted();
  };
  const isSampled = await sampler(deps, source, startedAt);
  return goOn({ deps, source, memory, round, repairer, isEnough, startedAt, isSampled });
}

async function begin({ writer, slug }: AuditDeps): Promise<{ source: SyncState; memory: AuditMemory }> {
  const source = await getSyncState(writer, slug);
  if (!source) throw new Error(`source ${slug} is not in the store`);
  return { source, memory: await readAuditMemory(writer.store, source) };
}

function pagesOf(jobs: number, everyMs: number): number {
  const slices = everyMs / 2 / SLICE_MS;
  return Math.max(LEAST_PAGES, Math.ceil(jobs / PAGE / slices));
}

async function wholeRound(deps: AuditDeps, source: SyncState, memory: AuditMemory, repairs: number): Promise<Slice> {
  const startedAt = deps.now();
  const round = newRound(startedAt, 0);
  const repairer = createRepairer(deps, repairs);
  const isSampled = await sampler(deps, source, startedAt);
  return { deps, source, memory, round, repairer, isEnough: () => false, startedAt, isSampled };
}

function newRound(startedAt: Micros, pages: number): AuditRound {
  return {
    startedAt,
    after: null,
    first: null,
    pages,
    all: emptyTally(),
    public: emptyTally(),
    days: {},
    day: dayOf(startedAt),
    absent: [],
  };
}

async function goOn(slice: Slice): Promise<AuditResult | null> {
  const { deps, source, memory, round, startedAt } = slice;
  const { writer, adapter, now } = deps;
  const run = startRun(adapter, round, startedAt);
  try {
    const isWhole = await compareAll(slice);
    const result = isWhole ? await endRound(deps, source, memory, round) : null;
    await writer.transaction(async () => {
      if (!isWhole) await saveAuditMemory(writer, source.id, { ...memory, round });
      await saveAuditRun(writer, source.id, run(), now());
    });
    await saveAsked(deps, source.id);
    return result;
  } catch (cause) {
    if (!(cause instanceof Conflict)) throw cause;
    const result = { ...findingsOf(round.all, RESET), publicView: findingsOf(round.public, RESET) };
    await writer.transaction(async () => {
      await openEpoch(writer, source.id);
      await saveAudit(writer, source.id, result, {}, now());
    });
    return result;
  }
}

/** What the slice has cost so far. */
function startRun(adapter: Adapter, round: AuditRound, startedAt: Micros): () => AuditRun {
  const before = adapter.usage();
  const [repaired, publicRepaired] = [round.all.repaired, round.public.repaired];
  return () => ({
    startedAt,
    requests: adapter.usage().requests - before.requests,
    bytes: adapter.usage().bytes - before.bytes,
    repaired: round.all.repaired - repaired,
    publicRepaired: round.public.repaired - publicRepaired,
  });
}

/** From where the round is; false when it was enough before the end. */
async function compareAll(slice: Slice): Promise<boolean> {
  const { round, isEnough } = slice;
  const { adapter, now, signal } = slice.deps;
  for await (const page of adapter.inventory(round.after, { now, signal })) {
    const last = page.at(-1)?.externalId;
    if (last === undefined) continue;
    round.first ??= page[0]?.externalId ?? null;
    await compare(slice, page, { after: Number(round.after ?? 0), to: Number(last) });
    round.after = last;
    signal.throwIfAborted();
    if (isEnough()) return false;
  }
  await compare(slice, [], { after: Number(round.after ?? 0), to: null });
  return true;
}

async function compare(slice: Slice, page: readonly InventoryRow[], range: IdRange): Promise<void> {
  const { writer, now } = slice.deps;
  const { source, round } = slice;
  const stored = await listJobFates(writer, source, range);
  const removed = await listRemovedJobs(writer, source, range);
  for (const row of page) {
    const { externalId } = row;
    if (removed.has(externalId)) continue;
    const before = stored.get(externalId) ?? null;
    stored.delete(externalId);
    const isOlder = row.submitAt !== null && source.historySince !== null && row.submitAt < source.historySince;
    if (isOlder && !before) continue;
    const { mine, verdict, isRepaired, isSampled } = await judge(slice, row, before);
    const { isPublic } = mine ?? row;
    for (const tally of isPublic ? [round.all, round.public] : [round.all]) {
      countListed(tally, externalId, verdict, isRepaired);
      if (isSampled) countSampled(tally, isRepaired);
    }
    const submitAt = row.submitAt ?? mine?.submitAt;
    if (submitAt !== undefined) round.day = dayOf(submitAt);
    countListedOn(round.days, { day: round.day, isPublic }, verdict, isRepaired, now());
    if (mine && mine.goneAt !== null) await writer.transaction(() => markGone(writer, source, externalId, null, now()));
  }
  for (const [id, mine] of stored) noteAbsent(slice, id, mine);
}

async function judge(slice: Slice, row: InventoryRow, before: StoredFate | null) {
  const { deps, source, repairer, startedAt, isSampled } = slice;
  const isNewer = before !== null && before.changedAt >= startedAt;
  const isWhole =
    before !== null &&
    isSame(before, row) &&
    !isOverdue(before, startedAt, deps.adapter.waitsFor(source.bookmark, row.externalId));
  const verdict: Verdict = !before ? 'missing' : isNewer || isWhole ? 'same' : 'changed';
  const asIs = { mine: before, verdict, isRepaired: false, isSampled: false };
  const wanted = verdict !== 'same' || (before !== null && isSampled(before));
  if (!wanted || repairer.left() <= 0) return asIs;
  const read = await repairer.repair(source, row.externalId, before);
  if (!read) return asIs;
  const wasSame = verdict === 'same';
  return { mine: read.mine, verdict: 'same' as const, isRepaired: !wasSame || read.isWritten, isSampled: wasSame };
}

/** Chooses from the finished jobs that are kept whole. */
async function sampler(
  { writer, share: wanted }: AuditDeps,
  source: SyncState,
  startedAt: Micros,
): Promise<(job: StoredFate) => boolean> {
  const share = wanted ?? Math.min(1 / SAMPLE_OF, SAMPLE / Math.max(1, await countJobsOf(writer, source)));
  const lateShare = wanted ?? Math.max(share, 1 / LATE);
  return ({ state, settled, isThinned, goneAt, changedAt }) => {
    if (state !== 'FINISHED' || !settled || isThinned || goneAt !== null) return false;
    return Math.random() < (startedAt - changedAt < LATELY ? lateShare : share);
  };
}

/** A sync settles what it waits for within a day, with its log or without; what an audit has read it does not know. */
function isOverdue({ state, settled, changedAt }: StoredFate, now: Micros, isWaitedFor: boolean): boolean {
  return state === 'FINISHED' && !settled && (!isWaitedFor || now - changedAt > OVERDUE);
}

/** A job that was stored after its page was asked for is not on it. */
function noteAbsent({ deps, round, memory, startedAt }: Slice, id: string, mine: StoredFate): void {
  if (mine.firstSeenAt >= startedAt) return;
  const isOldest = round.first !== null && Number(id) < Number(round.first);
  const isNews = mine.goneAt === null && !isOldest && !(id in memory.absent);
  const of = { isDeleted: mine.goneAt !== null, isNews };
  countAbsent(round.all, of);
  if (mine.isPublic) countAbsent(round.public, of);
  const on = { day: dayOf(mine.submitAt), isPublic: mine.isPublic };
  if (mine.goneAt === null && round.absent.length < ABSENT_KEPT) round.absent.push({ id, ...on });
  else countAbsentOn(round.days, on, { ...of, isHidden: false }, deps.now());
}
