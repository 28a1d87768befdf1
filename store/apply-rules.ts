/** Mapping rules that have changed are applied to the jobs stored before: each moves to the build it tests now. */
import type { Micros } from '#schema/records.ts';
import { digest } from './codec.ts';
import { moveWithPin } from './pin.ts';
import { placeInBuild } from './place-in-build.ts';
import { metadataOf } from './remove-job.ts';
import { readState, saveState } from './state.ts';
import { addDerived, removeDerived, SELECT_JOB, type StoredJob, testRunsOf } from './stored-job.ts';
import type { Writer } from './writer.ts';

/** Jobs moved in one transaction, with the progress. */
const PAGE = 200;

type RulesState = { hash: string /** Id of the last job done; null when all are. */; doneTo: number | null };

/** How many jobs moved; a run that was cut short goes on where it ended. Jobs that come meanwhile have the new rules. */
export async function applyRules(writer: Writer, at: Micros, signal?: AbortSignal): Promise<number> {
  const { sql } = writer.store;
  const hash = digest(JSON.stringify(writer.rules)).toString('hex');
  const movePage = async (): Promise<{ moved: number; isLast: boolean }> => {
    const state = await readState<RulesState>(sql, 'rules');
    if (state?.hash === hash && state.doneTo === null) return { moved: 0, isLast: true };
    const jobs = await sql.all<StoredJob & { source: string }>(
      `SELECT j.*, s.slug AS source FROM (${SELECT_JOB} WHERE id > ? ORDER BY id LIMIT ${PAGE}) j
         JOIN source s ON s.id = j."sourceId" ORDER BY j.id`,
      state?.hash === hash ? state.doneTo : 0,
    );
    let moved = 0;
    for (const job of jobs) if (await move(writer, job, at)) moved += 1;
    const done = jobs.length < PAGE ? null : (jobs.at(-1)?.id ?? null);
    await saveState(sql, 'rules', { hash, doneTo: done } satisfies RulesState);
    return { moved, isLast: done === null };
  };
  let total = 0;
  while (!signal?.aborted) {
    const { moved, isLast } = await writer.transaction(movePage, { alone: true });
    total += moved;
    if (isLast) break;
  }
  return total;
}

async function move(writer: Writer, { source, ...job }: StoredJob & { source: string }, at: Micros): Promise<boolean> {
  const { sql } = writer.store;
  const place = await moveWithPin(writer, job, await placeInBuild(writer, source, await metadataOf(writer, job.id)));
  if (place.buildId === job.buildId) return false;
  const runs = await testRunsOf(sql, job);
  await removeDerived(writer, job, runs);
  await sql.run(
    'UPDATE job SET project_id = ?, branch_id = ?, build_id = ?, changed_at = ?, revision = revision + 1 WHERE id = ?',
    place.projectId,
    place.branchId,
    place.buildId,
    at,
    job.id,
  );
  await addDerived(writer, { ...job, ...place }, runs);
  return true;
}
