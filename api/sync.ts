/** How the copy of a source does: its runs, its audits, what it is asked and what it is spared. */
import { countAuditDays, listAuditDays } from '#store/audit-day.ts';
import { InvalidInput } from '#store/error.ts';
import { countRequests, listSyncRuns, type SyncRunFilter } from '#store/sync-run.ts';
import { listSyncSlots } from '#store/sync-timeline.ts';
import { readPage, toConnection } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { SyncRunFilter as Filter, Resolvers, SyncTrigger } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';
import { once } from './once.ts';
import { required } from './required.ts';

const HOUR = 3_600_000_000;
/** So far back the timeline goes, and what was asked is kept. */
const TIMELINE_HOURS = 168;
const ASKED_HOURS = 192;
const STATES = ['running', 'succeeded', 'failed', 'aborted'] as const;

const isState = (text: string): text is (typeof STATES)[number] => STATES.some((state) => state === text);

function toRunFilter(filter: Filter | null | undefined): SyncRunFilter {
  const states = filter?.states?.map((state) => {
    if (isState(state)) return state;
    throw new InvalidInput(`"${state}" is no state of a run: ${STATES.join(', ')}.`);
  });
  return { ...filter, states };
}

function hoursOf(hours: number | null | undefined, most: number): number {
  const wanted = hours ?? 24;
  if (wanted >= 1 && wanted <= most) return wanted;
  throw new InvalidInput(`"hours" is ${wanted}: ask for 1 to ${most}.`);
}

const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

type Nouns =
  | 'Source'
  | 'SourceQueue'
  | 'QueuedDeviceType'
  | 'RequestBudget'
  | 'SyncRun'
  | 'SyncRunConnection'
  | 'AuditDay'
  | 'AuditDayConnection';

export const sync: Pick<Resolvers, Nouns> = {
  Source: {
    budget: (row) => row,
    queue: async ({ id }, _, { loaders }) => (await loaders.sourceQueue.load(id)) ?? null,
    reconciliation: async ({ id }, _, { loaders }) => (await loaders.audit.load(id)) ?? null,
    async auditDays({ id, slug }, { filter, ...args }, { store, viewer }) {
      const page = await listAuditDays(
        store,
        viewer,
        id,
        { isOdd: filter?.isOdd ?? false },
        readPage(args, ['number']),
      );
      const count = once(() => countAuditDays(store, viewer, id));
      return toConnection(page, ({ day }) => [day], { slugs: [slug] }, count);
    },
    async syncRuns({ id, slug }, { filter, ...args }, { store, viewer }) {
      const page = await listSyncRuns(store, viewer, id, toRunFilter(filter), readPage(args, ['number', 'id']));
      return toConnection(
        page,
        (run) => [run.startedAt, run.id],
        { slugs: [slug] },
        async () => null,
      );
    },
    syncTimeline: ({ id }, { hours }, { store, viewer, now }) =>
      listSyncSlots(store, viewer, id, hoursOf(hours, TIMELINE_HOURS), now()),
  },
  SourceQueue: {
    deviceTypes: ({ types }) => types,
  },
  QueuedDeviceType: {
    deviceType: async ({ deviceTypeId }, _, { loaders }) =>
      required(await loaders.deviceType.load(deviceTypeId), 'device type'),
  },
  RequestBudget: {
    requestsLast24h: ({ id }, _, { store, viewer, now }) => countRequests(store, viewer, id, now() - 24 * HOUR),
    asked: ({ id }, { hours }, { loaders }) => loaders.asked.load({ id, hours: hoursOf(hours, ASKED_HOURS) }),
    // Null as all that counts private jobs among others.
    spared: ({ usedLastMinute, slug }, _, { served }) => (usedLastMinute === null ? null : served.of(slug)),
  },
  SyncRun: {
    id: ({ slug, startedAt }) => toNodeId('SyncRun', slug, startedAt),
    trigger: ({ trigger }) => trigger as SyncTrigger,
  },
  SyncRunConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  AuditDay: {
    date: ({ day }) => dateOf(day),
    goneAtSource: ({ gone }) => gone,
  },
  AuditDayConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()).count,
    oddCount: async ({ count }) => (await count()).odd,
    firstDate: async ({ count }) => {
      const { first } = await count();
      return first === null ? null : dateOf(first);
    },
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
