/** What a filter on jobs means, each condition on a row of the table `job` alone. */
import { and, eq, gte, inArray, isNotNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { FailureClass, JobHealth, JobState, Micros } from '#schema/records.ts';
import { FailureClass as FailureClasses, JobHealth as JobHealths, JobState as JobStates } from '#schema/records.ts';
import { tables } from '#schema/tables.ts';
import { labelHash } from './dictionary.ts';
import { arrayHas } from './json-text.ts';
import type { SourceFilter } from './source.ts';
import type { Store } from './store.ts';
import { isSubmittedBy } from './submitter-alias.ts';
import { splitSuiteName } from './suite-run.ts';
import { toStored } from './text.ts';

const { job, device, worker, build, branch, project } = tables;

export type JobFilter = {
  sources?: SourceFilter;
  deviceTypes?: readonly string[] | null;
  since?: Micros | null;
  until?: Micros | null;
  includeHealthChecks?: boolean | null;
  state?: readonly JobState[] | null;
  health?: readonly JobHealth[] | null;
  failureClass?: readonly FailureClass[] | null;
  submitter?: readonly string[] | null;
  device?: string | null;
  worker?: string | null;
  description?: string | null;
  metadata?: readonly { key: string; value: string }[] | null;
  tags?: readonly string[] | null;
  project?: string | null;
  build?: string | null;
  branch?: string | null;
  updatedSince?: Micros | null;
  /** For the order by changes: see Store.changeHorizon. */
  changedBefore?: Micros;
  /** Finished jobs that ended then or later; one without an end ended when it was submitted, as the daily sums have it. */
  endedSince?: Micros | null;
  hasFailures?: boolean | null;
  /** Jobs that ran this suite, by its name with or without the job's index. */
  suite?: string | null;
  /** By numbers of the store, for callers inside it. */
  deviceId?: number;
  buildId?: number;
  id?: number;
};

/** Conditions that hold of an instant of submission: what an index in that order can be read between. */
export function submittedWithin({ since, until }: JobFilter): SQL | undefined {
  return and(since == null ? undefined : gte(job.submitAt, since), until == null ? undefined : lt(job.submitAt, until));
}

/** Conditions that hold of the instant at which the copy changed. */
export function changedWithin({ updatedSince, changedBefore }: JobFilter): SQL | undefined {
  return and(
    updatedSince == null ? undefined : gte(job.changedAt, updatedSince),
    changedBefore === undefined ? undefined : lt(job.changedAt, changedBefore),
  );
}

/** All other conditions that are looked at job by job; sources and device types are a matter of job-order.ts. */
export function jobMatches(store: Store, f: JobFilter): SQL | undefined {
  const { db } = store;
  const indexes = <T>(options: readonly T[], wanted: readonly T[]) => wanted.map((w) => options.indexOf(w));
  return and(
    f.includeHealthChecks ? undefined : eq(job.healthCheck, false),
    f.state ? inArray(job.state, indexes(JobStates.options, f.state)) : undefined,
    f.health ? inArray(job.health, indexes(JobHealths.options, f.health)) : undefined,
    f.failureClass ? inArray(job.failureClass, indexes(FailureClasses.options, f.failureClass)) : undefined,
    f.submitter ? isSubmittedBy(f.submitter) : undefined,
    f.device == null ? undefined : inArray(job.deviceId, devicesNamed(store, f.device)),
    f.worker == null
      ? undefined
      : inArray(
          job.workerId,
          db
            .select({ id: worker.id })
            .from(worker)
            .where(eq(worker.hostname, toStored(f.worker))),
        ),
    f.description ? sql`instr(lower(${job.description}), lower(${toStored(f.description)})) > 0` : undefined,
    ...(f.metadata ?? []).map((label) => sql`${job.id} IN (${jobsLabelled(label)})`),
    ...(f.tags ?? []).map((tag) => arrayHas(job.tags, tag)),
    f.project == null
      ? undefined
      : inArray(
          job.projectId,
          db
            .select({ id: project.id })
            .from(project)
            .where(eq(project.slug, toStored(f.project))),
        ),
    f.build == null
      ? undefined
      : inArray(
          job.buildId,
          db
            .select({ id: build.id })
            .from(build)
            .where(eq(build.version, toStored(f.build))),
        ),
    f.branch == null
      ? undefined
      : inArray(
          job.branchId,
          db
            .select({ id: branch.id })
            .from(branch)
            .where(eq(branch.name, toStored(f.branch))),
        ),
    changedWithin(f),
    f.endedSince == null
      ? undefined
      : and(
          eq(job.state, JobStates.options.indexOf('FINISHED')),
          sql`coalesce(${job.endAt}, ${job.submitAt}) >= ${f.endedSince}`,
        ),
    f.hasFailures == null ? undefined : f.hasFailures ? ne(job.fail, 0) : eq(job.fail, 0),
    f.suite == null
      ? undefined
      : sql`EXISTS (SELECT 1 FROM suite_run r JOIN suite s ON s.id = r.suite_id WHERE r.env_id = ${job.envId} AND r.job_id = ${job.id}
          AND s.name IN (${toStored(f.suite)}, ${toStored(splitSuiteName(f.suite).name)}))`,
    f.deviceId === undefined ? undefined : eq(job.deviceId, f.deviceId),
    f.buildId === undefined ? undefined : and(isNotNull(job.buildId), eq(job.buildId, f.buildId)),
  );
}

export function devicesNamed(store: Store, hostname: string) {
  return store.db
    .select({ id: device.id })
    .from(device)
    .where(eq(device.hostname, toStored(hostname)));
}

/** A query for the ids of the jobs whose metadata have the entry. */
export function jobsLabelled({ key, value }: { key: string; value: string }): SQL {
  return sql`SELECT job_label.job_id AS id FROM job_label JOIN label ON label.id = job_label.label_id
    WHERE label.hash = ${labelHash(key, value)}`;
}
