/** A snapshot of a source's boards and hosts: what is absent is marked gone, nothing is deleted. */
import type { FleetSnapshot, Micros } from '#schema/records.ts';
import { toStored } from './text.ts';
import { TYPE_HERE } from './type-alias.ts';
import type { Writer } from './writer.ts';

/** Call inside a transaction. Rows that did not change are not written. */
export async function writeFleet(writer: Writer, sourceId: number, fleet: FleetSnapshot, at: Micros): Promise<void> {
  await writeWorkers(writer, sourceId, fleet, at);
  await writeDeviceTypes(writer, sourceId, fleet, at);
  await writeDevices(writer, sourceId, fleet, at);
  const readAt = fleet.queue === null ? null : at;
  await writer.store.sql.run('UPDATE source SET queue_read_at = ? WHERE id = ?', readAt, sourceId);
}

type Cell = string | number | null;

const WORKER = `UPDATE worker SET state = ?, health = ?, description = ?, version = ?, job_limit = ?, last_ping_at = ?, gone_at = NULL
  WHERE id = ? AND (state, health, description, version, job_limit, last_ping_at, gone_at) IS DISTINCT FROM (?, ?, ?, ?, ?, ?, NULL)`;

async function writeWorkers(
  { store, dictionary }: Writer,
  sourceId: number,
  fleet: FleetSnapshot,
  at: Micros,
): Promise<void> {
  const seen = new Set<number>();
  for (const worker of fleet.workers) {
    const id = await dictionary.id('worker', sourceId, worker.hostname);
    seen.add(id);
    const cells: Cell[] = [
      toStored(worker.state),
      toStored(worker.health),
      text(worker.description),
      text(worker.version),
      worker.jobLimit,
      worker.lastPingAt,
    ];
    await store.sql.run(WORKER, ...cells, id, ...cells);
  }
  await markGone(store.sql, 'worker', 'id', sourceId, seen, at);
}

const DEVICE_TYPE = `INSERT INTO source_device_type
    (source_id, device_type_id, aliases, architecture, processor, cpu_model, core_count, description, queued_jobs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (source_id, device_type_id) DO UPDATE SET aliases = excluded.aliases, architecture = excluded.architecture,
    processor = excluded.processor, cpu_model = excluded.cpu_model, core_count = excluded.core_count,
    description = excluded.description, queued_jobs = excluded.queued_jobs, gone_at = NULL
  WHERE (source_device_type.aliases, source_device_type.architecture, source_device_type.processor, source_device_type.cpu_model,
    source_device_type.core_count, source_device_type.description, source_device_type.queued_jobs,
    source_device_type.gone_at)
    IS DISTINCT FROM (excluded.aliases, excluded.architecture, excluded.processor, excluded.cpu_model, excluded.core_count, excluded.description,
      excluded.queued_jobs, NULL)`;

async function writeDeviceTypes(
  { store, dictionary }: Writer,
  sourceId: number,
  fleet: FleetSnapshot,
  at: Micros,
): Promise<void> {
  const seen = new Set<number>();
  for (const type of fleet.deviceTypes) {
    const id = await dictionary.id('deviceType', type.name);
    seen.add(id);
    await store.sql.run(
      DEVICE_TYPE,
      sourceId,
      id,
      JSON.stringify([...type.aliases].sort()),
      text(type.architecture),
      text(type.processor),
      text(type.cpuModel),
      type.coreCount,
      text(type.description),
      fleet.queue?.get(type.name) ?? null,
    );
  }
  await markGone(store.sql, 'source_device_type', 'device_type_id', sourceId, seen, at);
}

const DEVICE = `UPDATE device SET device_type_id = ${TYPE_HERE('?', 'device.source_id')}, own_device_type_id = ?, worker_id = ?, state = ?, health = ?, description = ?, device_version = ?,
    tags = ?, is_public = ?, gone_at = NULL
  WHERE id = ? AND (own_device_type_id, worker_id, state, health, description, device_version, tags, is_public, gone_at)
    IS DISTINCT FROM (?, ?, ?, ?, ?, ?, ?, ?, NULL)`;

async function writeDevices(
  { store, dictionary }: Writer,
  sourceId: number,
  fleet: FleetSnapshot,
  at: Micros,
): Promise<void> {
  const seen = new Set<number>();
  for (const device of fleet.devices) {
    const typeId = await dictionary.id('deviceType', device.deviceType);
    const id = await dictionary.device(sourceId, device.hostname, typeId, device.isPublic);
    seen.add(id);
    const cells: Cell[] = [
      typeId,
      device.worker === null ? null : await dictionary.id('worker', sourceId, device.worker),
      toStored(device.state),
      toStored(device.health),
      text(device.description),
      text(device.deviceVersion),
      JSON.stringify([...device.tags].sort()),
      device.isPublic ? 1 : 0,
    ];
    await store.sql.run(DEVICE, typeId, typeId, ...cells, id, ...cells);
    const last = await store.sql.get<{ health: string }>(
      'SELECT health FROM device_health WHERE device_id = ? ORDER BY at DESC LIMIT 1',
      id,
    );
    const health = toStored(device.health);
    if (last?.health !== health) {
      await store.sql.run(
        'INSERT INTO device_health (device_id, at, health) VALUES (?, ?, ?) ON CONFLICT (device_id, at) DO UPDATE SET health = excluded.health',
        id,
        at,
        health,
      );
    }
  }
  await markGone(store.sql, 'device', 'id', sourceId, seen, at);
}

type Sql = Writer['store']['sql'];

async function markGone(
  sql: Sql,
  table: string,
  key: string,
  sourceId: number,
  seen: Set<number>,
  at: Micros,
): Promise<void> {
  const rows = await sql.all<{ id: number }>(
    `SELECT ${key} AS id FROM ${table} WHERE source_id = ? AND gone_at IS NULL`,
    sourceId,
  );
  for (const { id } of rows) {
    if (!seen.has(id))
      await sql.run(`UPDATE ${table} SET gone_at = ? WHERE source_id = ? AND ${key} = ?`, at, sourceId, id);
  }
}

function text(value: string | null): string | null {
  return value === null ? null : toStored(value);
}
