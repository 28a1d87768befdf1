/** What people write to a job, or to a result of it. */
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { recordEvent } from './audit-event.ts';
import { Conflict, Forbidden, NotFound } from './error.ts';
import { getJobsById, type JobRow } from './job.ts';
import { selectIn } from './many-rows.ts';
import type { Store } from './store.ts';
import { getTestCase } from './test-case.ts';
import { fromStored, toStored } from './text.ts';
import { isAdmin, triagerOf } from './visibility.ts';

/** `caseId`: the case's number on its master; null of a note to the job. */
export type NoteRow = { job: JobRow; at: Micros; caseId: number | null; text: string; login: string };

/** Of a job: more than that is a discussion, and belongs into a tracker. */
const MOST = 100;

type Row = Omit<NoteRow, 'job'> & { jobId: number };

const SELECT = 'SELECT job_id AS "jobId", at, case_id AS "caseId", text, login FROM note';

/** By job, of those that the viewer may see; the oldest first. */
export async function getNotes(
  store: Store,
  viewer: Viewer,
  jobIds: readonly number[],
): Promise<Map<number, NoteRow[]>> {
  const rows = await selectIn<Row>(store.sql, `${SELECT} WHERE job_id`, [], jobIds);
  if (rows.length === 0) return new Map();
  const seen = await getJobsById(store, viewer, [...new Set(rows.map(({ jobId }) => jobId))]);
  rows.sort((a, b) => a.at - b.at);
  const notes = rows.flatMap(({ jobId, text, login, ...row }) => {
    const job = seen.get(jobId);
    return job ? [{ ...row, job, text: fromStored(text), login: fromStored(login) }] : [];
  });
  return Map.groupBy(notes, ({ job }) => job.id);
}

/** Who wrote it, as long as he may triage, and admins. */
export function mayRemoveNote(viewer: Viewer, { login }: Pick<NoteRow, 'login'>): boolean {
  return isAdmin(viewer) || (viewer.kind === 'person' && viewer.role !== 'viewer' && viewer.login === login);
}

/** @throws Forbidden, NotFound (no such job or result in sight), Conflict (the job has as many as it may) */
export async function addNote(
  store: Store,
  viewer: Viewer,
  { jobId, caseId, text }: { jobId: number; caseId: number | null; text: string },
  now: Micros,
): Promise<void> {
  const login = triagerOf(viewer);
  await store.transaction(async () => {
    const { slug, externalId } = await jobOf(store, viewer, jobId);
    if (caseId !== null && !(await getTestCase(store, viewer, jobId, caseId)))
      throw new NotFound('There is no such test result.');
    const there = await store.sql.get<{ n: number; last: Micros | null }>(
      'SELECT count(*) AS n, max(at) AS last FROM note WHERE job_id = ?',
      jobId,
    );
    if (there && there.n >= MOST) throw new Conflict(`A job has at most ${MOST} notes: this one has as many.`);
    const at = Math.max(now, (there?.last ?? 0) + 1);
    await store.sql.run(
      'INSERT INTO note (job_id, at, case_id, text, login) VALUES (?, ?, ?, ?, ?)',
      ...[jobId, at, caseId, toStored(text), toStored(login)],
    );
    await recordEvent(store.sql, {
      ...{ at, actor: login, action: 'note.add', target: `${slug}/${externalId}` },
      ...{ before: null, after: { text, result: caseId } },
    });
  });
}

/** @throws Forbidden, NotFound */
export async function removeNote(
  store: Store,
  viewer: Viewer,
  jobId: number,
  written: Micros,
  at: Micros,
): Promise<void> {
  const actor = triagerOf(viewer);
  await store.transaction(async () => {
    const { slug, externalId } = await jobOf(store, viewer, jobId);
    const note = (await getNotes(store, viewer, [jobId])).get(jobId)?.find((one) => one.at === written);
    if (!note) throw new NotFound('There is no such note.');
    if (!mayRemoveNote(viewer, note)) throw new Forbidden('Only who wrote a note, or an admin, may remove it.');
    await store.sql.run('DELETE FROM note WHERE job_id = ? AND at = ?', jobId, written);
    const { text, login, caseId } = note;
    await recordEvent(store.sql, {
      ...{ at, actor, action: 'note.remove', target: `${slug}/${externalId}` },
      ...{ before: { text, by: login, result: caseId }, after: null },
    });
  });
}

async function jobOf(store: Store, viewer: Viewer, jobId: number): Promise<JobRow> {
  const job = (await getJobsById(store, viewer, [jobId])).get(jobId);
  if (!job) throw new NotFound('There is no such job.');
  return job;
}
