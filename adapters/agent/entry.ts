/** Records to entries of a spool: the agent's half. Everything is compressed at once, a log a megabyte at a time. */
import { zstdCompressSync } from 'node:zlib';
import { type EntryKind, MAX_ENTRY_BYTES } from '#schema/agent-batch.ts';
import type { CaseRecord, FleetSnapshot, JobChange, Rejected } from '#schema/records.ts';
import type { Delta } from '../adapter.ts';
import { MAX_RAW_BYTES } from './message.ts';

/** An entry that has no place yet. */
export type NewEntry = { kind: EntryKind; body: Buffer };

const PIECE_BYTES = 1024 * 1024;

export function entryOf(kind: EntryKind, message: object): NewEntry {
  const raw = Buffer.from(JSON.stringify(message));
  if (raw.length > MAX_RAW_BYTES) throw new TooLarge(raw.length);
  return entryOfBytes(kind, raw);
}

export function fleetEntry({ queue, ...fleet }: FleetSnapshot): NewEntry {
  return entryOf('fleet', { ...fleet, queue: queue && [...queue] });
}

function entryOfBytes(kind: EntryKind, raw: Uint8Array): NewEntry {
  const body = zstdCompressSync(raw);
  if (body.length > MAX_ENTRY_BYTES) throw new TooLarge(raw.length);
  return { kind, body };
}

class TooLarge extends Error {
  constructor(bytes: number) {
    super(`${bytes} bytes in one record`);
  }
}

/** Nothing when the delta says nothing but where the reader is. The entry `delta` ends it: what is before is one with it. */
export function* entriesOf({ changes, rejected, left, settled = [] }: Delta): Generator<NewEntry> {
  if (changes.length === 0 && rejected.length === 0 && settled.length === 0) return;
  const aside = [...rejected];
  let jobs = 0;
  for (const change of changes) {
    const entries = jobEntries(change, aside);
    yield* entries;
    jobs += entries.length > 0 ? 1 : 0;
  }
  for (const one of aside) yield entryOf('rejected', withinBounds(one));
  yield entryOf('delta', { jobs, rejected: aside.length, left: left ?? 0, settled });
}

/** A job that is too large to be sent is told of. */
function jobEntries(change: JobChange, aside: Rejected[]): NewEntry[] {
  try {
    return [...partsOf(change)];
  } catch (cause) {
    if (!(cause instanceof TooLarge)) throw cause;
    const { externalId } = change.job;
    const reason = `job ${externalId} has ${cause.message}, more than an agent sends: it is not stored`;
    aside.push({ stage: 'job', externalId, path: `jobs/${externalId}/`, reason, raw: '' });
    return [];
  }
}

function* partsOf({ job, results, settled }: JobChange): Generator<NewEntry> {
  for (const bytes of results?.log?.bytes ?? []) {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      yield entryOfBytes('log', bytes.subarray(at, at + PIECE_BYTES));
  }
  for (const [suite, { cases }] of (results?.suites ?? []).entries())
    for (const some of inPieces(cases)) yield entryOf('cases', { suite, cases: some });
  const heads = results && {
    suites: results.suites.map(({ cases, ...head }) => ({ ...head, cases: cases.length })),
    log: results.log && { truncated: results.log.truncated },
  };
  yield entryOf('job', { job, settled, results: heads });
}

function* inPieces(cases: Iterable<CaseRecord>): Generator<CaseRecord[]> {
  let piece: CaseRecord[] = [];
  let size = 0;
  for (const one of cases) {
    piece.push(one);
    size += 200 + (one.metadata?.length ?? 0);
    if (size < PIECE_BYTES) continue;
    yield piece;
    [piece, size] = [[], 0];
  }
  if (piece.length > 0) yield piece;
}

function withinBounds(one: Rejected): Rejected {
  return { ...one, raw: one.raw.slice(0, PIECE_BYTES) };
}
