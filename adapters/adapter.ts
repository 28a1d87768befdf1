import type { Asked, FleetSnapshot, JobChange, JobRecord, Micros, Probe, Rejected, Remarks } from '#schema/records.ts';
import type { SourceError } from './error.ts';

/**
 * A step of the walk through a source. `bookmark` is opaque to everyone but the adapter and is saved in the same
 * transaction as the changes: too early loses data, too late only repeats it.
 */
export type Delta = {
  changes: JobChange[];
  rejected: Rejected[];
  bookmark: string;
  /** Numbers of finished jobs of which nothing came since they were read: they count as final. */
  settled?: string[];
  /** Jobs of the source's history that are still to be read. */
  left?: number;
  /** The history rests: there is more of it than was read. */
  rests?: true;
  /** Until when the source was read whole by whoever reads it for us; null: it never was. Without it, that is now. */
  upTo?: Micros | null;
};

/** `rejected`: what of it could not be understood. */
export type ReadJob = { change: JobChange; rejected: Rejected[] };

/** What the caller must say: the adapter itself knows neither clock nor store. */
export type ReadContext = {
  now: () => Micros;
  signal: AbortSignal;
  /** Whether what is not urgent waits: the history of a source. */
  rests?: () => boolean;
};

/** Reads one source. Never writes to it; throws SourceError when the source is ill. */
export interface Adapter {
  /** Version, identity, abilities and clock, found by asking. */
  probe(context: ReadContext): Promise<Probe>;
  /** Every worker, device type and device. */
  snapshot(context: ReadContext): Promise<FleetSnapshot>;
  /**
   * What changed since the bookmark (null: from the beginning). Ends when the source has no more. What is new comes first,
   * and in between; a history of many jobs is read from the newest down, or as the source's settings say. With `only`, no more is asked than these jobs
   * need; the bookmark goes on as ever.
   */
  changes(bookmark: string | null, context: ReadContext, only?: readonly string[]): AsyncIterable<Delta>;
  /** Of these ids, those that `changes` would have something to read for. Asks nothing. */
  unread(bookmark: string | null, externalIds: readonly string[]): string[];
  /** Whether `changes` will look at the job once more by itself, before it counts as final. Asks nothing. */
  waitsFor(bookmark: string | null, externalId: string): boolean;
  /**
   * Hears of jobs that end until the connection does; null when the source, as last probed, tells nothing by itself.
   * What is heard is a hint, and none is repeated: whoever has heard nothing for a while reads.
   * @throws SourceError when nothing can be heard; it is worth trying again when that is retryable.
   */
  listen(ears: Ears, signal: AbortSignal): Promise<void> | null;
  /**
   * Open jobs as they are now, and what their logs have beyond the lines that are known. Jobs that the source does not
   * name are left out. Null when this source cannot be followed.
   */
  tail(known: readonly KnownLog[], context: ReadContext): Promise<Tail[]> | null;
  /** One job as it is now, with results when it has finished; null when the source has none of that id. */
  job(externalId: string, context: ReadContext): Promise<ReadJob | null>;
  /** Ids and fates of the jobs after an id (null: all) that the token sees, in the order of their numbers: cheap, for audits. */
  inventory(after: string | null, context: ReadContext): AsyncIterable<InventoryRow[]>;
  /** What another interface than the lists says of a job that they do not name. */
  lookFor(externalId: string, context: ReadContext): Promise<Whereabouts>;
  /** What was asked so far. */
  usage(): Usage;
  /** What was asked since the last time, by what for; told again when `save` fails. */
  drain(save: (asked: Asked[]) => Promise<void>): Promise<void>;
}

export type Ears = {
  onOpen: () => void;
  onFinished: (externalId: string) => void;
  /** Something came that was not understood, or was too long. */
  onNoise: () => void;
};

/** `lineCount` lines are known of the log of a job; `lastLine`: the last of them with its end, null without any. */
export type KnownLog = { externalId: string; lineCount: number; lastLine: Buffer | null };

/** `lines`: whole ones, each with its end; `problem`: why the log could not be read. */
export type Tail = { job: JobRecord; lines: Buffer; problem: SourceError | null };

export type InventoryRow = {
  externalId: string;
  /** Null where the record is not understood. */
  submitAt: Micros | null;
  state: string;
  health: string;
  endAt: Micros | null;
  /** As JobRecord.isPublic. */
  isPublic: boolean;
  /** What people write on a job after its end, which no list tells of; absent where the row was not understood. */
  remarks?: Remarks;
};

export function remarksOf({ description, priority, tags, failureComment }: JobRecord): Remarks {
  return { description, priority, tags, failureComment };
}

/** `hidden`: it is there, and not for this token; `unknown`: the source has no second way to tell. */
export type Whereabouts = 'there' | 'hidden' | 'gone' | 'unknown';

/** `requests` and `bytes` are without those of `tail`. */
export type Usage = {
  requests: number;
  bytes: number;
  usedLastMinute: number;
  /** Whether the next request has to wait for the budget. */
  isUsedUp: boolean;
  p95Ms: number | null;
  /** How many times its usual time the source takes, which is asked less for it; null while it is not slow. */
  slowdown: number | null;
};
