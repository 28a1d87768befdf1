/** Rows of job_detail: the cases of a job in frames. A page reads the frames it lies in; a store of an earlier version has one a job. */
import type { Micros } from '#schema/records.ts';
import { compressDetail, type Detail, type Frame, unpackDetail } from './detail.ts';
import type { Sql } from './store.ts';
import { monthOf } from './stored-job.ts';

export type FrameRow = { first: number; codec: number; body: Buffer };

type FramedJob = { id: number; envId: number; submitAt: Micros };

export async function insertFrames(
  sql: Sql,
  { jobId, envId, month }: { jobId: number; envId: number; month: number },
  frames: readonly Frame[],
): Promise<void> {
  for (const { first, block } of frames) {
    const { codec, body } = compressDetail(block);
    await sql.run(
      'INSERT INTO job_detail (job_id, env_id, month, first, codec, body) VALUES (?, ?, ?, ?, ?, ?)',
      ...[jobId, envId, month, first, codec, body],
    );
  }
}

/** All frames of a job, in order. */
export async function readFrames(sql: Sql, { id, envId, submitAt }: FramedJob): Promise<FrameRow[]> {
  return sql.all(
    'SELECT first, codec, body FROM job_detail WHERE job_id = ? AND env_id = ? AND month = ? ORDER BY first',
    ...[id, envId, monthOf(submitAt)],
  );
}

/** The frame with the case `index` of the job. */
export async function readFrame(
  sql: Sql,
  { id, envId, submitAt }: FramedJob,
  index: number,
): Promise<{ first: number; detail: Detail } | null> {
  const row = await sql.get<FrameRow>(
    `SELECT first, codec, body FROM job_detail WHERE job_id = ? AND env_id = ? AND month = ? AND first <= ?
     ORDER BY first DESC LIMIT 1`,
    ...[id, envId, monthOf(submitAt), index],
  );
  return row ? { first: row.first, detail: unpackDetail(row.codec, row.body) } : null;
}
