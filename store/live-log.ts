/** The newest lines of the logs of open jobs, in compressed pieces that end where lines end. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Sql } from './store.ts';

/** A piece that is smaller grows; a longer one is followed by the next. */
const SMALL_BYTES = 64 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Of one log; what is older is in the whole log once the job has finished. */
const KEPT_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

export type NumberedLine = { n: number; raw: string };
type Piece = { fromLine: number; bytes: number; body: Buffer };

/** Call inside a transaction. `lines`: whole ones, each with its end. Gives the number of lines known now. */
export async function appendLines(sql: Sql, jobId: number, lineCount: number, lines: Buffer): Promise<number> {
  if (lines.length === 0) return lineCount;
  const last = await newestPiece(sql, jobId);
  const grows = last !== undefined && last.bytes < SMALL_BYTES;
  if (grows) await sql.run('DELETE FROM live_piece WHERE job_id = ? AND from_line = ?', jobId, last.fromLine);
  let line = grows ? last.fromLine : lineCount;
  for (const piece of cutAtLines(grows ? Buffer.concat([zstdDecompressSync(last.body), lines]) : lines)) {
    const count = countLines(piece);
    await sql.run(
      'INSERT INTO live_piece (job_id, from_line, lines, bytes, body) VALUES (?, ?, ?, ?, ?)',
      ...[jobId, line, count, piece.length, zstdCompressSync(piece)],
    );
    line += count;
  }
  await dropOldest(sql, jobId);
  return line;
}

/** Call inside a transaction: the lines go, and what was told of the job. */
export async function dropLive(sql: Sql, jobId: number): Promise<void> {
  for (const table of ['live_piece', 'live_job']) await sql.run(`DELETE FROM ${table} WHERE job_id = ?`, jobId);
}

/** The last line with its end; null when none is kept. */
export async function lastLine(sql: Sql, jobId: number): Promise<Buffer | null> {
  const last = await newestPiece(sql, jobId);
  if (!last) return null;
  const text = zstdDecompressSync(last.body);
  return text.subarray(text.subarray(0, -1).lastIndexOf(NEWLINE) + 1);
}

/** At most so many lines and, but for the first, bytes from a line on, or from the first that is kept. */
export async function readLines(
  sql: Sql,
  jobId: number,
  { from, limit, mostBytes }: { from: number; limit: number; mostBytes: number },
): Promise<NumberedLine[]> {
  const pieces = await sql.all<{ fromLine: number; lines: number }>(
    'SELECT from_line AS "fromLine", lines FROM live_piece WHERE job_id = ? AND from_line + lines > ? ORDER BY from_line',
    jobId,
    from,
  );
  const found: NumberedLine[] = [];
  let bytes = 0;
  for (const { fromLine } of pieces) {
    const piece = await sql.get<Pick<Piece, 'body'>>(
      'SELECT body FROM live_piece WHERE job_id = ? AND from_line = ?',
      jobId,
      fromLine,
    );
    if (!piece) break;
    const texts = zstdDecompressSync(piece.body).toString('utf8').split('\n').slice(0, -1);
    for (const [i, raw] of texts.entries()) {
      if (fromLine + i < from) continue;
      bytes += raw.length;
      if (found.length === limit || (found.length > 0 && bytes > mostBytes)) return found;
      found.push({ n: fromLine + i, raw });
    }
  }
  return found;
}

async function newestPiece(sql: Sql, jobId: number): Promise<Piece | undefined> {
  return sql.get<Piece>(
    'SELECT from_line AS "fromLine", bytes, body FROM live_piece WHERE job_id = ? ORDER BY from_line DESC LIMIT 1',
    jobId,
  );
}

async function dropOldest(sql: Sql, jobId: number): Promise<void> {
  const pieces = await sql.all<Pick<Piece, 'fromLine' | 'bytes'>>(
    'SELECT from_line AS "fromLine", bytes FROM live_piece WHERE job_id = ? ORDER BY from_line DESC',
    jobId,
  );
  let kept = 0;
  for (const { fromLine, bytes } of pieces) {
    kept += bytes;
    if (kept <= KEPT_BYTES) continue;
    await sql.run('DELETE FROM live_piece WHERE job_id = ? AND from_line <= ?', jobId, fromLine);
    return;
  }
}

function* cutAtLines(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, Math.min(bytes.length, start + PIECE_BYTES) - 1);
    const end = newline < 0 ? bytes.length : newline + 1;
    yield bytes.subarray(start, end);
    start = end;
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
