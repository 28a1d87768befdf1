/**
 * Cases whose verdict at a run is not the one that held before it, by rising id: varints
 * `gap << 4 | result << 2 | previous`, gap counted from the id before.
 */
import { FAIL, type Verdict } from './codec.ts';
import { createReader, createWriter } from './varint.ts';

export type Change = { caseId: number; result: Verdict; previous: Verdict };

export function packChanges(changes: readonly Change[]): Buffer {
  const writer = createWriter(changes.length * 3);
  let last = 0;
  for (const { caseId, result, previous } of [...changes].sort((a, b) => a.caseId - b.caseId)) {
    writer.uint((caseId - last) * 16 + result * 4 + previous);
    last = caseId;
  }
  return Buffer.from(writer.finish());
}

export function unpackChanges(bytes: Uint8Array): Change[] {
  const changes: Change[] = [];
  eachChange(bytes, (caseId, result, previous) => changes.push({ caseId, result, previous }));
  return changes;
}

/** Calls back for each change, by rising id of the case. */
export function eachChange(
  bytes: Uint8Array,
  visit: (caseId: number, result: Verdict, previous: Verdict) => void,
): void {
  const reader = createReader(bytes);
  let caseId = 0;
  while (!reader.done) {
    const word = reader.uint();
    caseId += Math.floor(word / 16);
    visit(caseId, (word >> 2) & 3, word & 3);
  }
}

/** It fails, and the run before did not: what is counted as a flip. A skip between two failures hides the first. */
export function isFlip({ result }: Change): boolean {
  return result === FAIL;
}

/** The verdict that holds of a case when the run is reached was `from` and is `to` now. */
export type Turn = { caseId: number; from: Verdict; to: Verdict };

export function turned(changes: readonly Change[], turns: readonly Turn[]): Change[] {
  const byCase = new Map(changes.map((change) => [change.caseId, change]));
  for (const { caseId, from, to } of turns) {
    const result = byCase.get(caseId)?.result ?? from;
    if (result === to) byCase.delete(caseId);
    else byCase.set(caseId, { caseId, result, previous: to });
  }
  return [...byCase.values()];
}
