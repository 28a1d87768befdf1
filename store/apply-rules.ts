/** Mapping rules that have changed are applied to the jobs stored before: each moves to the build it tests now. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Micros } from '#schema/records.ts';
import type { Viewer } from '#schema/viewer.ts';
import { digest } from './codec.ts';
import { explainJob, readHits } from './explain-job.ts';
import { readKeptRules } from './mapping-rules.ts';
import { moveWithPin } from './pin.ts';
import { placeInBuild } from './place-in-build.ts';
import { metadataOf } from './remove-job.ts';
import { readState, saveState } from './state.ts';
import type { Sql, Store } from './store.ts';
import { addDerived, removeDerived, SELECT_JOB, type StoredJob, testRunsOf } from './stored-job.ts';
import { adminOf } from './visibility.ts';
import type { Writer } from './writer.ts';

/** Jobs looked at in one transaction, with the progress; fewer when they take long: others wait to write meanwhile. */
const PAGE = 200;
const PAGE_MS = 200;
/** Between two of them, so that connections that ask again and again come in. */
const REST_MS = 50;

type RulesState = {
  hash: string;
  /** Id of the last job done; null when all are. */
  doneTo: number | null;
  /** Of the rules kept in the store. */
  revision?: number;
  progress?: RulesProgress;
};

export type RulesProgress = {
  /** Jobs there were when it began, looked at since, and moved of these. */
  jobs: number;
  done: number;
  moved: number;
};

const STATE = 'rules';

/** How many jobs moved; a run that was cut short goes on where it ended. Jobs that come meanwhile have the new rules. */
export async function applyRules(writer: Writer, now: () => Micros, signal?: AbortSignal): Promise<number> {
  const { sql } = writer.store;
  const movePage = async (): Promise<{ moved: number; isLast: boolean }> => {
    const { rules, revision } = await writer.rules();
    const hash = digest(JSON.stringify(rules)).toString('hex');
    const state = await readState<RulesState>(sql, STATE);
    const isSame = state?.hash === hash;
    if (isSame && state.doneTo === null) {
      if ((state.revision ?? 0) !== revision) await saveState(sql, STATE, { ...state, revision } satisfies RulesState);
      return { moved: 0, isLast: true };
    }
    const jobs = await sql.all<StoredJob & { source: string }>(
      `SELECT j.*, s.slug AS source FROM (${SELECT_JOB} WHERE id > ? ORDER BY id LIMIT ${PAGE}) j
         JOIN source s ON s.id = j."sourceId" ORDER BY j.id`,
      isSame ? state.doneTo : 0,
    );
    const before = (isSame && state.progress) || { jobs: await countJobs(sql), done: 0, moved: 0 };
    const until = performance.now() + PAGE_MS;
    const at = now();
    let [done, moved] = [0, 0];
    for (const job of jobs) {
      if (await move(writer, job, at)) moved += 1;
      done += 1;
      if (performance.now() > until) break;
    }
    const isLast = done === jobs.length && jobs.length < PAGE;
    const progress = { ...before, done: before.done + done, moved: before.moved + moved };
    const doneTo = isLast ? null : (jobs[done - 1]?.id ?? null);
    await saveState(sql, STATE, { hash, doneTo, revision, progress } satisfies RulesState);
    return { moved, isLast };
  };
  let total = 0;
  while (!signal?.aborted) {
    const { moved, isLast } = await writer.transaction(movePage, { alone: true });
    total += moved;
    if (isLast) break;
    await wait(REST_MS);
  }
  return total;
}

/** Whether rules kept in the store have changed since they were applied, or applying rules was cut short. */
export async function areRulesDue({ sql }: Store): Promise<boolean> {
  const state = await readState<RulesState>(sql, STATE);
  return state?.doneTo !== null || (state.revision ?? 0) !== (await readKeptRules(sql)).revision;
}

/**
 * How far the rules in force have been applied; null when they never were since there are figures of it.
 * @throws Forbidden for everybody but an admin: private jobs are counted.
 */
export async function getRulesProgress(
  store: Store,
  viewer: Viewer,
): Promise<(RulesProgress & { isDone: boolean }) | null> {
  adminOf(viewer);
  const state = await readState<RulesState>(store.sql, STATE);
  const { revision } = await readKeptRules(store.sql);
  if (state && (state.revision ?? 0) !== revision)
    return { jobs: await countJobs(store.sql), done: 0, moved: 0, isDone: false };
  return state?.progress ? { ...state.progress, isDone: state.doneTo === null } : null;
}

async function countJobs(sql: Sql): Promise<number> {
  return (await sql.get<{ n: number }>('SELECT count(*) AS n FROM job'))?.n ?? 0;
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
  await explainJob(writer, job.id, await readHits(sql, job.id));
  return true;
}
