/**
 * The normalized records that adapters emit and the store keeps. Declarations only.
 *
 * Times are integers: microseconds since 1970-01-01T00:00:00Z, because LAVA gives six decimals.
 * Names are the source's own; identity is (source, epoch, externalId).
 */
import { z } from 'zod';

/** A name is found by an index, and no index takes a longer one. LAVA's own names end at 200 characters. */
export const MAX_NAME = 256;
/** Ids and line numbers lie between minus this and this: their differences are still exact. */
export const MAX_NUMBER = 2 ** 51;

export const JobState = z.enum(['SUBMITTED', 'SCHEDULING', 'SCHEDULED', 'RUNNING', 'CANCELING', 'FINISHED']);
export type JobState = z.infer<typeof JobState>;

/** The job's fate. Never added up with test results. */
export const JobHealth = z.enum(['UNKNOWN', 'COMPLETE', 'INCOMPLETE', 'CANCELED']);
export type JobHealth = z.infer<typeof JobHealth>;

/** From LAVA's error_type: tells the lab's fault from the code's. */
export const FailureClass = z.enum([
  'NONE',
  'TEST',
  'JOB',
  'INFRASTRUCTURE',
  'CONFIGURATION',
  'BUG',
  'TIMEOUT',
  'CANCELED',
  'UNCLASSIFIED',
]);
export type FailureClass = z.infer<typeof FailureClass>;

export const TestResult = z.enum(['PASS', 'FAIL', 'SKIP', 'UNKNOWN']);
export type TestResult = z.infer<typeof TestResult>;

/** What a sync came of. */
/** `BACKFILL`: by schedule, of a source that was never read whole; `LIVE`: somebody looked at a job when it ended. */
export type SyncTrigger = 'SCHEDULE' | 'EVENT' | 'CALLBACK' | 'MANUAL' | 'BACKFILL' | 'LIVE';

/** Microseconds since the epoch, UTC. */
export const Micros = z.int();
export type Micros = z.infer<typeof Micros>;

/** One result as the source gave it. Order inside a suite is the source's; a name may occur more than once. */
export const CaseRecord = z.object({
  /** The source's own id of the case, unique on the source. */
  externalId: z.int().nonnegative(),
  name: z.string(),
  set: z.string().nullable(),
  setExternalId: z.int().nullable(),
  result: TestResult,
  /** Decimal text exactly as the source gave it ("1.5000000000"), or null. */
  measurement: z.string().nullable(),
  /** Free text; "" and null are two things on LAVA and both are kept. */
  unit: z.string().nullable(),
  startLogLine: z.int().nullable(),
  endLogLine: z.int().nullable(),
  loggedAt: Micros.nullable(),
  /** The raw metadata text (YAML on LAVA), or null. */
  metadata: z.string().nullable(),
});
export type CaseRecord = z.infer<typeof CaseRecord>;

/** In order. Of a large job it is no array: going through it unpacks its cases, a batch at a time. */
export type CaseList = Iterable<CaseRecord> & { readonly length: number };

export type SuiteRecord = {
  externalId: number;
  /** The source's own name: "lava", "0_smoke". */
  name: string;
  /** The source's own account of the job's steps ("lava"), not tests: never counted among results. */
  isSteps: boolean;
  cases: CaseList;
};

/** Everything a finished job left behind, read as one consistent whole. */
export type JobResults = {
  suites: SuiteRecord[];
  /** The log's bytes as the source served them, in pieces of any size; null when the source has none (any more). */
  log: { bytes: Iterable<Uint8Array>; truncated: boolean } | null;
};

export const JobRecord = z.object({
  externalId: z.string().min(1),
  /** Page of the job on the source. */
  url: z.string().nullable(),
  state: JobState,
  health: JobHealth,
  description: z.string().nullable(),
  submitter: z.string().nullable(),
  priority: z.int().nullable(),
  healthCheck: z.boolean(),
  /** Requested device type; null for dynamic connections. */
  deviceType: z.string().nullable(),
  /** Hostname of the board that ran it. */
  device: z.string().nullable(),
  tags: z.array(z.string()),
  submitAt: Micros,
  startAt: Micros.nullable(),
  endAt: Micros.nullable(),
  /** Whether a visitor without credentials may see the job on the source itself. Unknown means false. */
  isPublic: z.boolean(),
  multinodeGroup: z.string().nullable(),
  role: z.string().nullable(),
  /** The job definition as text, unredacted; the API redacts it. */
  definition: z.string(),
  /** Flat metadata of the definition; nested keys joined by dots. */
  metadata: z.record(z.string(), z.string()),
  /** Names of the test suites the definition asks for, without the job's index: what a job that never ran was to run. */
  plannedSuites: z.array(z.string()),
  failureComment: z.string().nullable(),
  errorType: z.string().nullable(),
  errorMessage: z.string().nullable(),
});
export type JobRecord = z.infer<typeof JobRecord>;

/** What people change of a job after its end. */
export type Remarks = Pick<JobRecord, 'description' | 'priority' | 'tags' | 'failureComment'>;

/** One change: a job as it is now, with its results once it has finished. */
export type JobChange = {
  job: JobRecord;
  /** null while the job has not finished. */
  results: JobResults | null;
  /** False while results may still arrive: the job is read again before it counts as final. */
  settled: boolean;
};

export const WorkerRecord = z.object({
  hostname: z.string().min(1),
  state: z.string(),
  health: z.string(),
  description: z.string().nullable(),
  version: z.string().nullable(),
  jobLimit: z.int().nullable(),
  lastPingAt: Micros.nullable(),
});
export type WorkerRecord = z.infer<typeof WorkerRecord>;

export const DeviceTypeRecord = z.object({
  name: z.string().min(1),
  aliases: z.array(z.string()),
  architecture: z.string().nullable(),
  processor: z.string().nullable(),
  cpuModel: z.string().nullable(),
  coreCount: z.int().nullable(),
  description: z.string().nullable(),
});
export type DeviceTypeRecord = z.infer<typeof DeviceTypeRecord>;

export const DeviceRecord = z.object({
  hostname: z.string().min(1),
  deviceType: z.string(),
  worker: z.string().nullable(),
  state: z.string(),
  health: z.string(),
  description: z.string().nullable(),
  deviceVersion: z.string().nullable(),
  tags: z.array(z.string()),
  /** Whether a visitor without credentials may see the device on the source itself. */
  isPublic: z.boolean(),
});
export type DeviceRecord = z.infer<typeof DeviceRecord>;

/** How an open job that somebody looks at is followed; else why it is not. */
export const LiveStatus = z.enum(['FOLLOWED', 'QUIET_HOURS', 'BUDGET', 'SLOW', 'FAILING', 'UNABLE', 'GONE', 'ENDED']);
export type LiveStatus = z.infer<typeof LiveStatus>;

/** What a source is: asked once in a while, and again when its version changes. */
export type Probe = {
  version: string | null;
  /** Login the token belongs to; null when reading anonymously. */
  whoAmI: string | null;
  /** Abilities found by asking: "rest-v0.2", "nested-visibility" ... */
  capabilities: string[];
  /** Source clock minus ours, milliseconds, from the Date header; null when it sends none. */
  clockOffsetMs: number | null;
  /** Warnings in the operator's words, e.g. a superuser's token. */
  warnings: string[];
  /** Jobs that the token sees; null when the source does not count them. */
  jobCount: number | null;
  /** Jobs by which the source is known again, whatever its address is: its first and a late one. */
  marks: { externalId: string; submitAt: Micros }[];
};

/**
 * What a source is asked for: lists of jobs, results, logs, boards and hosts, what it is, audits, a line for events, jobs
 * that somebody looks at.
 */
export const RequestKind = z.enum(['LIST', 'RESULTS', 'LOG', 'FLEET', 'PROBE', 'AUDIT', 'EVENTS', 'LIVE']);
export type RequestKind = z.infer<typeof RequestKind>;

/** What a source was asked of one kind, tries that failed among it. */
export type Asked = {
  kind: RequestKind;
  requests: number;
  /** No answer, or a refusal. */
  failed: number;
  /** Of bodies received. */
  bytes: number;
  /** How long each answer took to its last byte, or to its failure; waits for our own budget are none of it. */
  durationsMs: number[];
  /** When, if that was long before it is told. */
  at?: Micros;
};

/** All of the source's boards and hosts. A snapshot: what is absent is gone. */
export type FleetSnapshot = {
  workers: WorkerRecord[];
  deviceTypes: DeviceTypeRecord[];
  devices: DeviceRecord[];
  /** Jobs that wait for a board by device type, private ones among them; null when the source does not say. */
  queue: ReadonlyMap<string, number> | null;
  rejected: Rejected[];
};

/** A record that could not be understood: kept with its raw bytes, the rest goes on. */
export type Rejected = {
  stage: 'job' | 'suite' | 'case' | 'definition' | 'log' | 'worker' | 'device' | 'deviceType';
  /** The source's id of the job or the name of the thing, where known. */
  externalId: string | null;
  /** Where in the answer: "results[3].state". */
  path: string;
  /** What is wrong and what to do, in one sentence. */
  reason: string;
  /** The raw bytes of the record, secrets redacted. */
  raw: string;
};
