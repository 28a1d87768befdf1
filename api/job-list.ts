/** A page of jobs as a connection: the same for all jobs, those of a build and those of a board. */
import { countJobs, jobKey, listJobs } from '#store/job.ts';
import type { JobFilter } from '#store/job-filter.ts';
import { type JobOrder, LOOKED_AT, NEWEST } from '#store/job-order.ts';
import type { SourceFilter } from '#store/source.ts';
import { goingOnAt, type JobList, type PageArguments, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { once } from './once.ts';

export async function jobListOf(
  filter: JobFilter,
  scope: SourceFilter,
  args: PageArguments,
  { store, viewer }: Context,
  order: JobOrder = NEWEST,
): Promise<JobList> {
  const page = await listJobs(store, viewer, filter, readPage(args, ['number', 'id']), order, { atMost: LOOKED_AT });
  const count = once(() => countJobs(store, viewer, filter));
  return goingOnAt(
    toConnection(page, (row) => jobKey(row, order.field), scope, count),
    page.stoppedAt,
    args,
  );
}
