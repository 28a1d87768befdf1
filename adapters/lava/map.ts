/** Wire rows to records. Pure: what cannot be understood comes back as a note beside what can. */

import type { z } from 'zod';
import type {
  CaseRecord,
  DeviceRecord,
  DeviceTypeRecord,
  JobHealth,
  JobRecord,
  JobState,
  Rejected,
  TestResult,
  WorkerRecord,
} from '#schema/records.ts';
import { type Definition, NO_DEFINITION, readCaseMetadata, readDefinition } from './definition.ts';
import type { CaseRow, DeviceRow, DeviceTypeRow, JobRow, WorkerRow } from './schema.ts';

const STATES: Record<JobRow['state'], JobState> = {
  Submitted: 'SUBMITTED',
  Scheduling: 'SCHEDULING',
  Scheduled: 'SCHEDULED',
  Running: 'RUNNING',
  Canceling: 'CANCELING',
  Finished: 'FINISHED',
};
const HEALTHS = new Map<string, JobHealth>([
  ['Unknown', 'UNKNOWN'],
  ['Complete', 'COMPLETE'],
  ['Incomplete', 'INCOMPLETE'],
  ['Canceled', 'CANCELED'],
]);
const RESULTS = new Map<string, TestResult>([
  ['pass', 'PASS'],
  ['fail', 'FAIL'],
  ['skip', 'SKIP'],
  ['unknown', 'UNKNOWN'],
]);
/** The suite in which a master reports its own steps. */
export const STEPS_SUITE = 'lava';

export type Note = Omit<Rejected, 'raw'>;

/** With the record they are about. */
export function keepNotes(notes: readonly Note[], row: object, redact: (text: string) => string): Rejected[] {
  return notes.map((note) => ({ ...note, raw: redact(JSON.stringify(row)) }));
}

export type JobSurroundings = {
  /** Address of the master. */
  base: string;
  tagName: (tag: number | string) => string;
  /** Whether a visitor without credentials sees these; for null, whether a visitor sees anything. */
  seesDeviceType: (name: string | null) => boolean;
  seesDevice: (hostname: string | null) => boolean;
};

export function toJobRecord(row: JobRow, around: JobSurroundings): { job: JobRecord; notes: Note[] } {
  const externalId = String(row.id);
  const notes: Note[] = [];
  let definition: Definition = NO_DEFINITION;
  try {
    definition = readDefinition(row.definition);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    notes.push({
      stage: 'definition',
      externalId,
      path: 'definition',
      reason: `the definition of job ${externalId} cannot be read (${why}): its metadata is missing and it is shown to admins only`,
    });
  }
  if (!HEALTHS.has(row.health)) {
    notes.push({
      stage: 'job',
      externalId,
      path: 'health',
      reason: `${JSON.stringify(row.health)} is no health Basalt knows: taken as UNKNOWN`,
    });
  }
  const deviceType = row.requested_device_type ?? null;
  const device = row.actual_device ?? null;
  const isPublic =
    row.viewing_groups.length === 0 &&
    definition.visibility === 'public' &&
    around.seesDeviceType(deviceType) &&
    around.seesDevice(device);
  const job: JobRecord = {
    externalId,
    url: `${around.base}scheduler/job/${externalId}`,
    ...toFate(row),
    description: row.description ?? null,
    submitter: row.submitter ?? null,
    priority: row.priority ?? null,
    healthCheck: row.health_check,
    deviceType,
    device,
    tags: row.tags.map(around.tagName),
    submitAt: row.submit_time,
    startAt: row.start_time ?? null,
    isPublic,
    multinodeGroup: definition.multinodeGroup,
    role: definition.role,
    definition: row.definition,
    metadata: definition.metadata,
    plannedSuites: definition.plannedSuites,
    failureComment: row.failure_comment ?? null,
    errorType: null,
    errorMessage: null,
  };
  return { job, notes };
}

/** How the job stands. */
function toFate(row: JobRow): Pick<JobRecord, 'state' | 'health' | 'endAt'> {
  return { state: STATES[row.state], health: HEALTHS.get(row.health) ?? 'UNKNOWN', endAt: row.end_time ?? null };
}

const DECIMAL = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** `set` is told by what has no number of it. */
export function toCaseRecord(
  row: CaseRow & { set?: string | null },
  jobId: string,
): { record: CaseRecord; notes: Note[] } {
  const notes: Note[] = [];
  const note = (path: string, reason: string) =>
    notes.push({ stage: 'case', externalId: jobId, path: `tests/${row.id}.${path}`, reason });
  const result = RESULTS.get(row.result);
  if (!result) note('result', `${JSON.stringify(row.result)} is no result Basalt knows: taken as UNKNOWN`);
  let measurement = row.measurement ?? null;
  if (measurement !== null && !DECIMAL.test(measurement)) {
    note('measurement', `${JSON.stringify(measurement)} is no number: the case is kept without it`);
    measurement = null;
  }
  const metadata = row.metadata ?? null;
  const setExternalId = row.test_set ?? null;
  const record: CaseRecord = {
    externalId: row.id,
    name: row.name,
    set: row.set !== undefined ? row.set : setExternalId === null ? null : setName(metadata),
    setExternalId,
    result: result ?? 'UNKNOWN',
    measurement,
    unit: row.unit ?? row.units ?? null,
    startLogLine: row.start_log_line ?? null,
    endLogLine: row.end_log_line ?? null,
    loggedAt: row.logged ?? null,
    metadata,
  };
  return { record, notes };
}

/** Sets have no endpoint: their name stands in the metadata of their cases. */
function setName(metadata: string | null): string | null {
  const line = metadata === null ? null : /^set: (.+)$/m.exec(metadata);
  if (!line?.[1]) return null;
  return /^[A-Za-z0-9_.-]+$/.test(line[1]) ? line[1] : (readCaseMetadata(line[0]).set ?? null);
}

/** Whose fault the master says it was, from the case lava/job. */
export function jobError(cases: Iterable<CaseRecord>): { errorType: string | null; errorMessage: string | null } {
  let last: CaseRecord | null = null;
  for (const c of cases) if (c.name === 'job' && c.result === 'FAIL') last = c;
  const metadata = last?.metadata ? readCaseMetadata(last.metadata) : {};
  return { errorType: metadata.error_type || null, errorMessage: metadata.error_msg || null };
}

export function toWorkerRecord(row: z.infer<typeof WorkerRow>): WorkerRecord {
  return {
    hostname: row.hostname,
    state: row.state,
    health: row.health,
    description: row.description ?? null,
    version: row.version ?? null,
    jobLimit: row.job_limit ?? null,
    lastPingAt: row.last_ping ?? null,
  };
}

export function toDeviceTypeRecord(row: z.infer<typeof DeviceTypeRow>, aliases: readonly string[]): DeviceTypeRecord {
  return {
    name: row.name,
    aliases: [...new Set([...(row.aliases ?? []), ...aliases])].sort(),
    architecture: row.architecture ?? null,
    processor: row.processor ?? null,
    cpuModel: row.cpu_model ?? null,
    coreCount: row.core_count ?? null,
    description: row.description ?? null,
  };
}

export function toDeviceRecord(row: z.infer<typeof DeviceRow>, around: JobSurroundings): DeviceRecord {
  return {
    hostname: row.hostname,
    deviceType: row.device_type,
    worker: row.worker_host ?? null,
    state: row.state,
    health: row.health,
    description: row.description ?? null,
    deviceVersion: row.device_version ?? null,
    tags: row.tags.map(around.tagName),
    isPublic: around.seesDevice(row.hostname),
  };
}
