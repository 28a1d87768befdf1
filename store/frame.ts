/** Rows of job_detail: the cases of a job in frames. A page reads the frames it lies in; a store of an earlier version has one a job. */
import type { Micros } from '#schema/records.ts';
import { compressDetail, type Detail, type Frame, unpackDetail } from './detail.ts';
import { selectEach } from './many-rows.ts';
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

const FRAME = `SELECT job_id AS "jobId", first, codec, body FROM job_detail
  WHERE job_id = ? AND env_id = ? AND month = ? AND first <= ? ORDER BY first DESC LIMIT 1`;

function placeOf({ id, envId, submitAt }: FramedJob, index: number): number[] {
  return [id, envId, monthOf(submitAt), index];
}

/** Columns of some cases of a frame, from case `first` of the job on. */
export type Piece = { first: number; detail: Detail };

/** The details of a job, a piece at a time; the last one is kept. */
export type JobDetails = {
  /** The kept piece, when the case `index` of the job is in it. */
  holding(index: number): Piece | null;
  /** The piece with the case: of its frame, what lies from `low` up to and with `high`. */
  read(index: number, low: number, high: number): Promise<Piece>;
};

/**
 * `whole`: all frames are read at once with the first, for a job that is gone through slowly while others may write it
 * anew.
 */
export function openDetails(sql: Sql, job: FramedJob, { whole = false } = {}): JobDetails {
  let frames: FrameRow[] | null = null;
  const find = async (index: number) => {
    if (!whole) return sql.get<FrameRow>(FRAME, ...placeOf(job, index));
    frames ??= await readFrames(sql, job);
    return frames.findLast(({ first }) => first <= index);
  };
  let kept: Piece | null = null;
  return {
    holding(index) {
      return kept && index >= kept.first && index < kept.first + kept.detail.externalId.length ? kept : null;
    },
    async read(index, low, high) {
      kept = pieceOf(await find(index), index, low, high);
      return kept;
    },
  };
}

function pieceOf(row: FrameRow | undefined, index: number, low: number, high: number): Piece {
  if (!row) throw new Error(`no details of case ${index}`);
  const first = Math.max(low, row.first);
  const detail = unpackDetail(row.codec, row.body, first - row.first, high + 1 - row.first);
  if (index >= first + detail.externalId.length) throw new Error(`no details of case ${index}`);
  return { first, detail };
}

/** Frames of single cases of many jobs, read at once; the function that is given back unpacks one case. */
export async function openSingles(
  sql: Sql,
  wanted: readonly { job: FramedJob; index: number }[],
): Promise<(job: FramedJob, index: number) => Piece> {
  const rows = await selectEach<FrameRow & { jobId: number }>(
    sql,
    FRAME,
    wanted.map(({ job, index }) => placeOf(job, index)),
  );
  const byJob = Map.groupBy(
    rows.sort((a, b) => a.first - b.first),
    ({ jobId }) => jobId,
  );
  return ({ id }, index) => {
    const row = byJob.get(id)?.findLast(({ first }) => first <= index);
    return pieceOf(row, index, index, index);
  };
}
