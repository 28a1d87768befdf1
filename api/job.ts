import { namesSecret, redactDefinition } from '#analysis/redact.ts';
import { parseLogLine } from '#schema/lava-log.ts';
import { listAttempts } from '#store/attempts.ts';
import { InvalidInput } from '#store/error.ts';
import { getJob, type JobRow } from '#store/job.ts';
import type { JobFilter as StoreFilter } from '#store/job-filter.ts';
import { NEWEST } from '#store/job-order.ts';
import { getLogSlice } from '#store/log.ts';
import { getRemovedJob } from '#store/removed-job.ts';
import { countJobCases, listJobCases } from '#store/test-case.ts';
import { MAX_CASES, readPage, toConnection } from './connection.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import type { JobFilter, Resolvers, SyncTrigger } from './graphql/types.ts';
import { jobListOf } from './job-list.ts';
import { MAX_LOG_LINES } from './limits.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

/** The filter of the API as the store's. */
export function toJobFilter(filter: JobFilter | null | undefined): StoreFilter {
  if (filter?.build != null && filter.project == null)
    throw new InvalidInput('"build" needs "project": versions repeat between projects.');
  if (filter?.branch != null && filter.project == null)
    throw new InvalidInput('"branch" needs "project": names repeat between projects.');
  return { ...filter, ...toScope(filter?.scope) };
}

const seconds = (from: number | null, to: number | null) =>
  from === null || to === null ? null : Math.floor((to - from) / 1_000_000);

function url({ url: path, sourceUrl }: JobRow): string | null {
  if (path === null) return null;
  return /^[a-z]+:\/\//.test(path) ? path : `${sourceUrl}${path}`;
}

export const job: Pick<Resolvers, 'Query' | 'Job' | 'RemovedJob' | 'TestSuite' | 'JobConnection'> = {
  Query: {
    async job(_, { source, externalId }, { store, viewer, served }) {
      const found = await getJob(store, viewer, source, externalId);
      if (found) served.noteJob(found.slug);
      return found;
    },
    removedJob: (_, { source, externalId }, { store, viewer }) => getRemovedJob(store, viewer, source, externalId),
    async jobs(_, { filter, orderBy, ...args }, context) {
      const { store, now } = context;
      const bound = orderBy?.field === 'CHANGE_TIME' ? { changedBefore: await store.changeHorizon(now()) } : {};
      const wanted = { ...toJobFilter(filter), ...bound };
      return jobListOf(wanted, toSourceFilter(filter?.scope), args, context, orderBy ?? NEWEST);
    },
  },
  Job: {
    id: ({ slug, epoch, externalId }) => toNodeId('Job', slug, epoch, externalId),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    url,
    deviceType: async ({ deviceTypeId }, _, { loaders }) => (await loaders.deviceType.load(deviceTypeId)) ?? null,
    device: async ({ deviceId }, _, { loaders }) =>
      deviceId === null ? null : ((await loaders.device.load(deviceId)) ?? null),
    worker: async ({ workerId }, _, { loaders }) =>
      workerId === null ? null : ((await loaders.worker.load(workerId)) ?? null),
    submitTime: ({ submitAt }) => submitAt,
    startTime: ({ startAt }) => startAt,
    endTime: ({ endAt }) => endAt,
    queueSeconds: ({ submitAt, startAt }) => seconds(submitAt, startAt),
    runSeconds: ({ startAt, endAt }) => seconds(startAt, endAt),
    async metadata({ id }, _, { loaders }) {
      const entries = Object.entries((await loaders.jobText.load(id))?.metadata ?? {});
      return entries.map(([key, value]) => ({ key, value: namesSecret(key) ? '[redacted]' : value }));
    },
    build: async ({ buildId }, _, { loaders }) =>
      buildId === null ? null : ((await loaders.build.load(buildId)) ?? null),
    counts: ({ pass, fail, skip, unknown }) => ({ pass, fail, skip, unknown, total: pass + fail + skip + unknown }),
    attempts: (job, _, { store, viewer }) => listAttempts(store, viewer, job),
    suites: async ({ id }, _, { loaders }) => (await loaders.suites.load(id)) ?? [],
    async testCases({ id, slug }, { result, suite, ...args }, { store, viewer }) {
      const filter = { result, suite };
      const page = await listJobCases(store, viewer, id, filter, readPage(args, ['number', 'number'], MAX_CASES));
      return toConnection(
        page,
        (row) => [row.ord, row.position],
        { slugs: [slug] },
        () => countJobCases(store, viewer, id, filter),
      );
    },
    async definition({ id }, _, { loaders }) {
      const text = await loaders.jobText.load(id);
      return text ? redactDefinition(text.definition) : null;
    },
    async log({ id }, { fromLine, limit, level }, { store, viewer }) {
      const [from, count] = [fromLine ?? 0, limit ?? 500];
      if (from < 0 || count < 0 || count > MAX_LOG_LINES) {
        throw new InvalidInput(
          `Lines ${from} and ${count} more: ask from line 0 on, for at most ${MAX_LOG_LINES} lines at once.`,
        );
      }
      const slice = await getLogSlice(store, viewer, id, { from, limit: count, levels: level ?? null });
      return slice && { ...slice, lines: slice.lines.map(({ n, raw }) => ({ n, ...parseLogLine(raw) })) };
    },
    removed: ({ logRemovedAt, detailRemovedAt, resultsRemovedAt }) => ({
      logAt: logRemovedAt,
      detailAt: detailRemovedAt,
      resultsAt: resultsRemovedAt,
    }),
    provenance: (row) => ({
      firstSeenAt: row.firstSeenAt,
      via: row.via as SyncTrigger,
      lastVerifiedAt: row.changedAt,
      contentHash: row.digest.length === 0 ? null : row.digest.toString('hex'),
      revision: row.revision,
      goneAtSourceAt: row.goneAt,
      settled: row.settled,
    }),
  },
  RemovedJob: {
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    submitTime: ({ submitAt }) => submitAt,
  },
  TestSuite: {
    counts: ({ pass, fail, skip, unknown }) => ({ pass, fail, skip, unknown, total: pass + fail + skip + unknown }),
  },
  JobConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()).count,
    totalIsExact: async ({ count }) => (await count()).isExact,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
