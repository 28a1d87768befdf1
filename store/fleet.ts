/** Boards, hosts and kinds of boards. */
import { and, eq, getTableColumns, inArray, isNull, ne, or, sql } from 'drizzle-orm';
import { tables } from '#schema/tables.ts';
import type { Viewer } from '#schema/viewer.ts';
import { arrayHas } from './json-text.ts';
import { keyset, type Page, type PageRequest, toPage } from './page.ts';
import { type SourceFilter, sourceMatches } from './source.ts';
import type { Store } from './store.ts';
import { fromStored, toStored } from './text.ts';
import { deviceIsVisible, envIsVisible, type Sight, sightOf } from './visibility.ts';

const { source, device, worker, deviceType, deviceHealth, sourceDeviceType, env, job } = tables;

export type DeviceRow = typeof device.$inferSelect & {
  slug: string;
  deviceTypeName: string /** As its lab calls it. */;
  ownTypeName: string;
};
export type WorkerRow = typeof worker.$inferSelect & { slug: string };
export type DeviceTypeRow = typeof deviceType.$inferSelect;

export type DeviceFilter = {
  sources?: SourceFilter;
  deviceTypes?: readonly string[] | null;
  health?: readonly string[] | null;
  state?: readonly string[] | null;
  worker?: string | null;
  tag?: string | null;
  includeRetired?: boolean | null;
};

const OWN_TYPE = sql<string>`(SELECT name FROM device_type o WHERE o.id = ${device.ownDeviceTypeId})`;

function devices(store: Store) {
  return store.db
    .select({ ...getTableColumns(device), slug: source.slug, deviceTypeName: deviceType.name, ownTypeName: OWN_TYPE })
    .from(device)
    .innerJoin(source, eq(source.id, device.sourceId))
    .innerJoin(deviceType, eq(deviceType.id, device.deviceTypeId));
}

/** Here or by its lab. */
function isCalled(names: readonly string[]) {
  const stored = names.map(toStored);
  return or(inArray(deviceType.name, stored), inArray(OWN_TYPE, stored));
}

function deviceMatches(store: Store, sight: Sight, f: DeviceFilter) {
  return and(
    deviceIsVisible(sight),
    f.sources ? sourceMatches(sight, f.sources) : undefined,
    f.deviceTypes ? isCalled(f.deviceTypes) : undefined,
    f.health ? inArray(device.health, f.health.map(toStored)) : undefined,
    f.state ? inArray(device.state, f.state.map(toStored)) : undefined,
    f.worker == null
      ? undefined
      : inArray(
          device.workerId,
          store.db
            .select({ id: worker.id })
            .from(worker)
            .where(eq(worker.hostname, toStored(f.worker))),
        ),
    f.tag == null ? undefined : arrayHas(device.tags, f.tag),
    f.includeRetired || f.health?.includes('Retired')
      ? undefined
      : and(ne(device.health, 'Retired'), isNull(device.goneAt)),
  );
}

/** By lab and hostname. */
export async function listDevices(
  store: Store,
  viewer: Viewer,
  filter: DeviceFilter,
  page: PageRequest,
): Promise<Page<DeviceRow>> {
  const { where, orderBy } = keyset([sql`${source.slug}`, sql`${device.hostname}`], 'asc', page);
  const rows = await devices(store)
    .where(and(deviceMatches(store, await sightOf(store, viewer), filter), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toDevice), page);
}

export async function countDevices(store: Store, viewer: Viewer, filter: DeviceFilter): Promise<number> {
  const [row] = await store.db
    .select({ n: sql<number>`count(*)` })
    .from(device)
    .innerJoin(source, eq(source.id, device.sourceId))
    .innerJoin(deviceType, eq(deviceType.id, device.deviceTypeId))
    .where(deviceMatches(store, await sightOf(store, viewer), filter));
  return row?.n ?? 0;
}

export async function getDevicesById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, DeviceRow>> {
  const rows = await devices(store).where(
    and(deviceIsVisible(await sightOf(store, viewer)), inArray(device.id, [...ids])),
  );
  return new Map(rows.map((row) => [row.id, toDevice(row)]));
}

export async function getDevice(
  store: Store,
  viewer: Viewer,
  slug: string,
  hostname: string,
): Promise<DeviceRow | null> {
  const [row] = await devices(store).where(
    and(
      deviceIsVisible(await sightOf(store, viewer)),
      eq(source.slug, toStored(slug)),
      eq(device.hostname, toStored(hostname)),
    ),
  );
  return row ? toDevice(row) : null;
}

export async function listDeviceHealth(store: Store, viewer: Viewer, ids: readonly number[]) {
  const seen = await getDevicesById(store, viewer, ids);
  return store.db
    .select()
    .from(deviceHealth)
    .where(inArray(deviceHealth.deviceId, [...seen.keys()]))
    .orderBy(deviceHealth.deviceId, deviceHealth.at);
}

export type WorkerFilter = {
  sources?: SourceFilter;
  health?: readonly string[] | null;
  state?: readonly string[] | null;
};

function workers(store: Store) {
  return store.db
    .select({ ...getTableColumns(worker), slug: source.slug })
    .from(worker)
    .innerJoin(source, eq(source.id, worker.sourceId));
}

function workerMatches(sight: Sight, f: WorkerFilter) {
  return and(
    inArray(worker.sourceId, sight.sourceIds),
    f.sources ? sourceMatches(sight, f.sources) : undefined,
    f.health ? inArray(worker.health, f.health.map(toStored)) : undefined,
    f.state ? inArray(worker.state, f.state.map(toStored)) : undefined,
    isNull(worker.goneAt),
  );
}

export async function listWorkers(
  store: Store,
  viewer: Viewer,
  filter: WorkerFilter,
  page: PageRequest,
): Promise<Page<WorkerRow>> {
  const { where, orderBy } = keyset([sql`${source.slug}`, sql`${worker.hostname}`], 'asc', page);
  const rows = await workers(store)
    .where(and(workerMatches(await sightOf(store, viewer), filter), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toWorker), page);
}

export async function countWorkers(store: Store, viewer: Viewer, filter: WorkerFilter): Promise<number> {
  const [row] = await store.db
    .select({ n: sql<number>`count(*)` })
    .from(worker)
    .innerJoin(source, eq(source.id, worker.sourceId))
    .where(workerMatches(await sightOf(store, viewer), filter));
  return row?.n ?? 0;
}

export async function getWorkersById(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, WorkerRow>> {
  const { sourceIds } = await sightOf(store, viewer);
  const rows = await workers(store).where(and(inArray(worker.sourceId, sourceIds), inArray(worker.id, [...ids])));
  return new Map(rows.map((row) => [row.id, toWorker(row)]));
}

export async function getWorker(
  store: Store,
  viewer: Viewer,
  slug: string,
  hostname: string,
): Promise<WorkerRow | null> {
  const { sourceIds } = await sightOf(store, viewer);
  const [row] = await workers(store).where(
    and(inArray(worker.sourceId, sourceIds), eq(source.slug, toStored(slug)), eq(worker.hostname, toStored(hostname))),
  );
  return row ? toWorker(row) : null;
}

export type WorkerLoad = { deviceCount: number; concurrentJobs: number };

export async function getWorkerLoads(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, WorkerLoad>> {
  const sight = await sightOf(store, viewer);
  const rows = await store.db
    .select({
      id: device.workerId,
      deviceCount: sql<number>`count(*)`,
      concurrentJobs: sql<number>`sum(CASE WHEN ${device.state} = 'Running' THEN 1 ELSE 0 END)`,
    })
    .from(device)
    .where(
      and(
        deviceIsVisible(sight),
        inArray(device.workerId, [...ids]),
        isNull(device.goneAt),
        ne(device.health, 'Retired'),
      ),
    )
    .groupBy(device.workerId);
  return new Map(rows.flatMap((row) => (row.id === null ? [] : [[row.id, row] as const])));
}

/** Share of infrastructure failures since a day, by device or by worker; null without jobs. */
export async function getInfraRates(
  store: Store,
  viewer: Viewer,
  by: 'device' | 'worker',
  ids: readonly number[],
  sinceDay: number,
): Promise<Map<number, number>> {
  const sight = await sightOf(store, viewer);
  const key = by === 'device' ? sql`device_day.device_id` : sql`device.worker_id`;
  const rows = await store.db
    .select({
      id: sql<number>`${key}`,
      jobs: sql<number>`sum(device_day.jobs)`,
      infra: sql<number>`sum(device_day.infrastructure)`,
    })
    .from(tables.deviceDay)
    .innerJoin(device, eq(device.id, tables.deviceDay.deviceId))
    .innerJoin(env, eq(env.id, tables.deviceDay.envId))
    .where(and(deviceIsVisible(sight), envIsVisible(sight), inArray(key, [...ids]), sql`device_day.day >= ${sinceDay}`))
    .groupBy(key);
  return new Map(rows.filter((row) => row.jobs > 0).map((row) => [row.id, row.infra / row.jobs]));
}

function visibleTypes(
  store: Store,
  sight: Sight,
  f: { sources?: SourceFilter; deviceTypes?: readonly string[] | null },
) {
  const publicOnly = sight.seesPrivate ? sql`` : sql`AND d.is_public = 1`;
  const offered = store.db
    .select({ id: source.id })
    .from(source)
    .where(sourceMatches(sight, f.sources ?? {}));
  return and(
    ne(deviceType.name, ''),
    sql`${deviceType.id} IN (SELECT d.device_type_id FROM device d WHERE d.source_id IN (${offered}) AND d.gone_at IS NULL ${publicOnly})`,
    f.deviceTypes ? inArray(deviceType.name, f.deviceTypes.map(toStored)) : undefined,
  );
}

type TypeFilter = { sources?: SourceFilter; deviceTypes?: readonly string[] | null };

/** Kinds of which at least one visible board is listed. */
export async function listDeviceTypes(
  store: Store,
  viewer: Viewer,
  filter: TypeFilter,
  page: PageRequest,
): Promise<Page<DeviceTypeRow>> {
  const { where, orderBy } = keyset([sql`${deviceType.name}`], 'asc', page);
  const rows = await store.db
    .select()
    .from(deviceType)
    .where(and(visibleTypes(store, await sightOf(store, viewer), filter), where))
    .orderBy(...orderBy)
    .limit(page.limit + 1);
  return toPage(rows.map(toType), page);
}

export async function countDeviceTypes(store: Store, viewer: Viewer, filter: TypeFilter): Promise<number> {
  const [row] = await store.db
    .select({ n: sql<number>`count(*)` })
    .from(deviceType)
    .where(visibleTypes(store, await sightOf(store, viewer), filter));
  return row?.n ?? 0;
}

/** By number, as facts of visible jobs and boards refer to them. */
export async function getDeviceTypesById(
  store: Store,
  _viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, DeviceTypeRow>> {
  const rows = await store.db
    .select()
    .from(deviceType)
    .where(and(inArray(deviceType.id, [...ids]), ne(deviceType.name, '')));
  return new Map(rows.map((row) => [row.id, toType(row)]));
}

export type DeviceTypeFacts = {
  sourceIds: number[];
  aliases: string[];
  deviceCount: number;
  onlineCount: number;
  queuedJobs: number;
};

export async function getDeviceTypeFacts(
  store: Store,
  viewer: Viewer,
  ids: readonly number[],
): Promise<Map<number, DeviceTypeFacts>> {
  const sight = await sightOf(store, viewer);
  const boards = await store.db
    .select({ id: device.deviceTypeId, sourceId: device.sourceId, health: device.health, worker: worker.state })
    .from(device)
    .leftJoin(worker, eq(worker.id, device.workerId))
    .where(
      and(
        deviceIsVisible(sight),
        inArray(device.deviceTypeId, [...ids]),
        isNull(device.goneAt),
        ne(device.health, 'Retired'),
      ),
    );
  const said = await store.db
    .select({ id: sourceDeviceType.deviceTypeId, aliases: sourceDeviceType.aliases })
    .from(sourceDeviceType)
    .where(and(inArray(sourceDeviceType.deviceTypeId, [...ids]), inArray(sourceDeviceType.sourceId, sight.sourceIds)));
  const queued = await store.db
    .select({ id: env.deviceTypeId, n: sql<number>`count(*)` })
    .from(job)
    .innerJoin(env, eq(env.id, job.envId))
    .where(and(jobIsWaiting, envIsVisible(sight), inArray(env.deviceTypeId, [...ids])))
    .groupBy(env.deviceTypeId);
  const boardsOf = Map.groupBy(boards, (row) => row.id);
  const saidOf = Map.groupBy(said, (row) => row.id);
  const queuedOf = new Map(queued.map((row) => [row.id, row.n]));
  return new Map(
    ids.map((id) => {
      const own = boardsOf.get(id) ?? [];
      const facts = {
        sourceIds: [...new Set(own.map((b) => b.sourceId))],
        aliases: [...new Set((saidOf.get(id) ?? []).flatMap((s) => s.aliases))].sort(),
        deviceCount: own.length,
        onlineCount: own.filter((b) => ['Good', 'Unknown'].includes(b.health) && b.worker === 'Online').length,
        queuedJobs: queuedOf.get(id) ?? 0,
      };
      return [id, facts];
    }),
  );
}

/** In the words of the index of open jobs. */
const jobIsWaiting = sql`${job.state} <> 5 AND ${job.state} = 0`;

function toDevice(row: DeviceRow): DeviceRow {
  return {
    ...row,
    hostname: fromStored(row.hostname),
    description: fromNullable(row.description),
    deviceVersion: fromNullable(row.deviceVersion),
    deviceTypeName: fromStored(row.deviceTypeName),
    ownTypeName: fromStored(row.ownTypeName),
  };
}

function toWorker(row: WorkerRow): WorkerRow {
  return {
    ...row,
    hostname: fromStored(row.hostname),
    description: fromNullable(row.description),
    version: fromNullable(row.version),
  };
}

function toType(row: DeviceTypeRow): DeviceTypeRow {
  return { ...row, name: fromStored(row.name) };
}

function fromNullable(text: string | null): string | null {
  return text === null ? null : fromStored(text);
}
