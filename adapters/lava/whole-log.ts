/**
 * Masters from 2019.06 to 2023.07 that have compressed an old log (`jobs compress`) serve only as many bytes of it as the
 * compressed file has, without saying how many. From a later line on they serve it whole.
 */
import { Pieces } from '../pieces.ts';
import type { Log } from './client.ts';

/** `lastLine`: of those that the job's cases name. `readFrom`: the log from a line on; null when it has none. */
export async function wholeLog(
  log: Log,
  lastLine: number,
  readFrom: (line: number) => Promise<Log | null>,
): Promise<Log> {
  const { lines, tail } = log.bytes;
  if (log.brokeOff || (log.isCounted && tail === 0 && lastLine < lines)) return log;
  const rest = await readFrom(lines);
  if (!rest || !goesOn(log.bytes, tail, rest.bytes)) return log;
  const bytes = new Pieces();
  let left = log.bytes.length - tail;
  for (const piece of log.bytes) {
    bytes.add(piece.subarray(0, left));
    left -= Math.min(left, piece.length);
  }
  for (const piece of rest.bytes) bytes.add(piece);
  return { ...rest, bytes };
}

/** Whether the rest begins where the log was cut; a server that does not know `start` begins anew. */
function goesOn(log: Pieces, tail: number, rest: Pieces): boolean {
  let end = Buffer.alloc(0);
  for (const piece of log) end = tail === 0 ? end : Buffer.concat([end, piece]).subarray(-tail);
  const [head = end] = rest;
  const isAnew = rest.beginning(200) === log.beginning(200);
  return !isAnew && head.subarray(0, end.length).equals(end.subarray(0, head.length));
}
