/** What audits of a source know from one to the next. */
import type { Micros } from '#schema/records.ts';
import type { AuditView } from '#schema/tables.ts';
import { selectIn } from './many-rows.ts';
import { readState } from './state.ts';
import type { Store } from './store.ts';

/** What was done in an audit, and what it means. */
export type AuditNotes = {
  /** Why nothing can be said of jobs that are not listed any more, in words; null when all is well. */
  alarm: string | null;
  /** Jobs that were missing or differed, and were read again. */
  repaired: number;
  /** Jobs that seemed the same, and were read again whole to see; of these, those whose results or log differed. */
  sampled: number;
  altered: number;
  /** Jobs that the master has deleted: two ways of asking agree. */
  deleted: number;
};

/** Of what a viewer sees: the numbers, and what they mean. */
export type AuditFindings = AuditView & AuditNotes;

export type Tally = {
  sourceCount: number;
  storeCount: number;
  missing: number;
  changed: number;
  /** The first of them, by number. */
  missingIds: string[];
  changedIds: string[];
  repaired: number;
  sampled: number;
  altered: number;
  /** Stored and not listed. */
  gone: number;
  /** Of these, those marked as deleted. */
  deleted: number;
  /**
   * Of these, those that the round before still saw; without those before every job that is listed, for so the oldest go
   * where a master keeps its jobs for a time.
   */
  vanished: number;
};

export type DayCount = (typeof DAY_COUNTS)[number];
export const DAY_COUNTS = [
  ...(['sourceCount', 'storeCount', 'missing', 'changed', 'repaired'] as const),
  /** Stored and not listed; of these, the deleted and the hidden. */
  ...(['gone', 'deleted', 'hidden'] as const),
];
/** What is not named is 0. */
export type DayTally = Partial<Record<DayCount, number>> & { checkedAt: Micros };
/** By day (UTC, since the epoch) of submission, public jobs and others apart: "20000 1", "20000 0". */
export type AuditDays = Record<string, DayTally>;

/** Once through the numbers of a source, in slices. */
export type AuditRound = {
  startedAt: Micros;
  /** The number of the last job that was compared. */
  after: string | null;
  /** The number of the first job that is listed. */
  first: string | null;
  /** Pages of the list in a slice. */
  pages: number;
  all: Tally;
  public: Tally;
  days: AuditDays;
  /** Of the job that was compared last: the next is counted on it when its own cannot be read. */
  day: number;
  /** Not listed and not marked; not counted by day before the end. */
  absent: { id: string; isPublic: boolean; day: number }[];
};

/** `isHidden`: so it was told when it was looked for last. */
export type Absence = { since: Micros; askedAt: Micros | null; isHidden?: boolean };

export type AuditMemory = {
  /** Numbers of other epochs are other jobs. */
  epoch: number;
  /** Who asked whom in the last round: what another sees is not compared with it. */
  asked: { whoAmI: string | null; version: string | null } | null;
  /** Null between two rounds. */
  round: AuditRound | null;
  /** When the last round began. */
  lastRoundAt: Micros | null;
  /** Jobs that the last round did not see and that are not marked, by number. */
  absent: Record<string, Absence>;
};

export const auditKey = (sourceId: number) => `audit ${sourceId}`;
export const notesKey = (sourceId: number) => `audit notes ${sourceId}`;

export async function readAuditMemory(
  { sql }: Pick<Store, 'sql'>,
  source: { id: number; epoch: number },
): Promise<AuditMemory> {
  const memory = await readState<AuditMemory>(sql, auditKey(source.id));
  if (memory && memory.epoch === source.epoch) return memory;
  return { epoch: source.epoch, asked: memory?.asked ?? null, round: null, lastRoundAt: null, absent: {} };
}

export async function readAuditNotes(
  { sql }: Pick<Store, 'sql'>,
  sourceIds: readonly number[],
): Promise<Map<number, { all: AuditNotes; public: AuditNotes }>> {
  const keys = new Map(sourceIds.map((id) => [notesKey(id), id]));
  const rows = await selectIn<{ key: string; value: string }>(
    sql,
    'SELECT key, value FROM store_state WHERE key',
    [],
    [...keys.keys()],
  );
  return new Map(rows.map(({ key, value }) => [keys.get(key) ?? 0, JSON.parse(value)]));
}
