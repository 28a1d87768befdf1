import {
  countDevices,
  countDeviceTypes,
  countWorkers,
  type DeviceFilter,
  getDevice,
  listDevices,
  listDeviceTypes,
  listWorkers,
  type WorkerFilter,
} from '#store/fleet.ts';
import { readPage, toConnection } from './connection.ts';
import { coverageOf, toSourceFilter } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { jobListOf } from './job-list.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

export const fleet: Pick<
  Resolvers,
  'Query' | 'Device' | 'Worker' | 'DeviceType' | 'DeviceConnection' | 'WorkerConnection' | 'DeviceTypeConnection'
> = {
  Query: {
    async workers(_, { filter, ...args }, { store, viewer }) {
      const scope = toSourceFilter(filter?.scope);
      const wanted: WorkerFilter = { sources: scope, health: filter?.health, state: filter?.state };
      const page = await listWorkers(store, viewer, wanted, readPage(args, ['text', 'text']));
      return toConnection(
        page,
        (row) => [row.slug, row.hostname],
        scope,
        () => countWorkers(store, viewer, wanted),
      );
    },
    device: (_, { source, hostname }, { store, viewer }) => getDevice(store, viewer, source, hostname),
    async devices(_, { filter, ...args }, { store, viewer }) {
      const scope = toSourceFilter(filter?.scope);
      const wanted: DeviceFilter = { ...filter, sources: scope, deviceTypes: filter?.scope?.deviceTypes };
      const page = await listDevices(store, viewer, wanted, readPage(args, ['text', 'text']));
      return toConnection(
        page,
        (row) => [row.slug, row.hostname],
        scope,
        () => countDevices(store, viewer, wanted),
      );
    },
    async deviceTypes(_, { scope: narrowed, ...args }, { store, viewer }) {
      const scope = toSourceFilter(narrowed);
      const wanted = { sources: scope, deviceTypes: narrowed?.deviceTypes };
      const page = await listDeviceTypes(store, viewer, wanted, readPage(args, ['text']));
      return toConnection(
        page,
        (row) => [row.name],
        scope,
        () => countDeviceTypes(store, viewer, wanted),
      );
    },
  },
  Device: {
    id: ({ slug, hostname }) => toNodeId('Device', slug, hostname),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    deviceType: async ({ deviceTypeId }, _, { loaders }) =>
      required(await loaders.deviceType.load(deviceTypeId), 'device type'),
    ownDeviceType: ({ ownTypeName, deviceTypeName }) => (ownTypeName === deviceTypeName ? null : ownTypeName),
    worker: async ({ workerId }, _, { loaders }) =>
      workerId === null ? null : ((await loaders.worker.load(workerId)) ?? null),
    goneAtSourceAt: ({ goneAt }) => goneAt,
    infraFailureRate7d: async ({ id }, _, { loaders }) => (await loaders.deviceInfraRate.load(id)) ?? null,
    async healthTimeline({ id }, _, { loaders }) {
      const spans = (await loaders.deviceHealth.load(id)) ?? [];
      return spans.map(({ health, at }, i) => ({ health, from: at, until: spans[i + 1]?.at ?? null }));
    },
    jobs: ({ id, slug }, args, context) =>
      jobListOf({ deviceId: id, includeHealthChecks: true }, { slugs: [slug] }, args, context),
  },
  Worker: {
    id: ({ slug, hostname }) => toNodeId('Worker', slug, hostname),
    source: async ({ sourceId }, _, { loaders }) => required(await loaders.source.load(sourceId), 'source'),
    goneAtSourceAt: ({ goneAt }) => goneAt,
    deviceCount: async ({ id }, _, { loaders }) => (await loaders.workerLoad.load(id))?.deviceCount ?? 0,
    concurrentJobs: async ({ id }, _, { loaders }) => (await loaders.workerLoad.load(id))?.concurrentJobs ?? 0,
    infraFailureRate7d: async ({ id }, _, { loaders }) => (await loaders.workerInfraRate.load(id)) ?? null,
  },
  DeviceType: {
    id: ({ name }) => toNodeId('DeviceType', name),
    aliases: async ({ id }, _, { loaders }) => (await loaders.deviceTypeFacts.load(id))?.aliases ?? [],
    async sources({ id }, _, { loaders }) {
      const ids = (await loaders.deviceTypeFacts.load(id))?.sourceIds ?? [];
      const rows = await Promise.all(ids.map((sourceId) => loaders.source.load(sourceId)));
      return rows.filter((row) => row !== undefined);
    },
    deviceCount: async ({ id }, _, { loaders }) => (await loaders.deviceTypeFacts.load(id))?.deviceCount ?? 0,
    onlineCount: async ({ id }, _, { loaders }) => (await loaders.deviceTypeFacts.load(id))?.onlineCount ?? 0,
    queuedJobs: async ({ id }, _, { loaders }) => (await loaders.deviceTypeFacts.load(id))?.queuedJobs ?? 0,
  },
  DeviceConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  WorkerConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  DeviceTypeConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
