/** What the entries of an agent say. Basalt believes an agent no more than it believes a master: every bound is checked. */
import { z } from 'zod';
import {
  CaseRecord,
  DeviceRecord,
  DeviceTypeRecord,
  JobRecord,
  MAX_NAME,
  MAX_NUMBER,
  Micros,
  RequestKind,
  WorkerRecord,
} from '#schema/records.ts';

/** Of one entry once it is unpacked. */
export const MAX_RAW_BYTES = 32 * 1024 * 1024;

const name = z.string().min(1).max(MAX_NAME);
const int = z.int().min(-MAX_NUMBER).max(MAX_NUMBER);
const count = int.nonnegative();
const decimal = z.string().regex(/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/);
const web = z.url({ protocol: /^https?$/ });

const Case = CaseRecord.extend({
  externalId: count,
  setExternalId: int.nullable(),
  measurement: decimal.nullable(),
  startLogLine: int.nullable(),
  endLogLine: int.nullable(),
});
export const CasesMessage = z.object({ suite: count, cases: z.array(Case) });

const Job = JobRecord.extend({
  externalId: z.string().regex(/^[1-9]\d{0,14}$/),
  url: web.nullable(),
  submitter: z.string().max(MAX_NAME).nullable(),
  priority: int.nullable(),
  deviceType: z.string().max(MAX_NAME).nullable(),
  device: z.string().max(MAX_NAME).nullable(),
  plannedSuites: z.array(z.string().max(MAX_NAME)),
});
/** Ends a job: its log and cases came before it. */
export const JobMessage = z.object({
  job: Job,
  settled: z.boolean(),
  results: z
    .object({
      suites: z.array(z.object({ externalId: count, name, isSteps: z.boolean(), cases: count })),
      log: z.object({ truncated: z.boolean() }).nullable(),
    })
    .nullable(),
});

const Stage = z.enum(['job', 'suite', 'case', 'definition', 'log', 'worker', 'device', 'deviceType']);
export const RejectedMessage = z.object({
  stage: Stage,
  externalId: z.string().max(MAX_NAME).nullable(),
  path: z.string(),
  reason: z.string(),
  raw: z.string(),
});

/** Ends what the agent's adapter gave at once. */
export const DeltaMessage = z.object({
  jobs: count,
  rejected: count,
  left: count,
  settled: z.array(z.string().regex(/^[1-9]\d{0,14}$/)),
});

const SOURCE_ERRORS = [
  ...(['UNREACHABLE', 'TIMEOUT', 'RATE_LIMITED', 'SERVER_ERROR'] as const),
  ...(['UNAUTHORIZED', 'FORBIDDEN', 'UNSUPPORTED', 'BAD_PAYLOAD'] as const),
];
export const Failure = z.object({ code: z.enum(SOURCE_ERRORS), message: z.string() });
export type Failure = z.infer<typeof Failure>;

/** Once through what was new at `at`. */
export const RunMessage = z.object({
  at: Micros,
  /** Whether it went through all of that: otherwise it does not say that the source is well again. */
  isWhole: z.boolean(),
  /** Until when the source is read whole; null when this went through a part of it, or failed. */
  upTo: Micros.nullable(),
  /** Null while it goes well; what the source is ill of otherwise. */
  failure: Failure.nullable(),
  left: count,
  usage: z.object({ usedLastMinute: count, p95Ms: z.number().nullable(), slowdown: z.number().nullable() }),
  asked: z.array(
    z.object({
      kind: RequestKind,
      requests: count,
      failed: count,
      bytes: count,
      durationsMs: z.array(z.number().nonnegative()).max(100_000),
    }),
  ),
});
export type RunMessage = z.infer<typeof RunMessage>;

const Row = z.object({
  externalId: z.string().regex(/^[1-9]\d{0,14}$/),
  submitAt: Micros.nullable(),
  state: z.string(),
  health: z.string(),
  endAt: Micros.nullable(),
  isPublic: z.boolean(),
  remarks: JobRecord.pick({ description: true, priority: true, tags: true, failureComment: true }).optional(),
});
/** A page of the inventory; the last one is empty. */
export const InventoryMessage = z.object({ rows: z.array(Row) });
export const WhereaboutsMessage = z.object({ where: z.enum(['there', 'hidden', 'gone', 'unknown']) });

export const ProbeMessage = z.object({
  version: z.string().nullable(),
  whoAmI: z.string().nullable(),
  capabilities: z.array(z.string()),
  clockOffsetMs: z.number().nullable(),
  warnings: z.array(z.string()),
  jobCount: count.nullable(),
  marks: z.array(z.object({ externalId: z.string(), submitAt: Micros })),
});

export const FleetMessage = z.object({
  workers: z.array(WorkerRecord.extend({ hostname: name, jobLimit: int.nullable() })),
  deviceTypes: z.array(DeviceTypeRecord.extend({ name, coreCount: int.nullable() })),
  devices: z.array(
    DeviceRecord.extend({
      hostname: name,
      deviceType: z.string().max(MAX_NAME),
      worker: z.string().max(MAX_NAME).nullable(),
    }),
  ),
  /** How many jobs wait, by device type. */
  queue: z.array(z.tuple([name, count])).nullable(),
  rejected: z.array(RejectedMessage),
});
