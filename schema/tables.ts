/**
 * The tables, written once over a column kit. Layout and reasons: docs/decisions/0002-packed-store.md.
 *
 * `env` (device type, source, public or not) is the distribution column: every fact and rollup carries it, and what a
 * viewer may see is a set of environments. The order of a history is (`at`, `number`): the job's submit time in seconds
 * and its number on the source. Both are the source's and never change, so that no order of arrival can change a history.
 */
import { isNotNull, isNull, sql } from 'drizzle-orm';
import { defineAccessTables } from './access-tables.ts';
import { type Kit, kit } from './kit.sqlite.ts';
import { defineNotifyTables } from './notify-tables.ts';
import type { HistoryOrder, QuietHours } from './source-settings.ts';

/** What an audit found, for one kind of viewer. */
export type AuditView = {
  sourceCount: number;
  storeCount: number;
  missing: string[];
  changed: string[];
  goneAtSource: number;
};

/** What waits in the spool of an agent. */
export type AgentWaiting = { entries: number; bytes: number; limitBytes: number; isFull: boolean };

/** Days after a job's submission that what a source gave is kept; what is not named stays for ever. */
export type Retention = {
  logs?: number;
  /** Where cases lie in the log, their times and metadata. */
  detail?: number;
  /** Verdicts, measurements and histories of single tests. */
  results?: number;
  /** The job itself and its share of every sum. */
  rollups?: number;
};

export function defineTables(columns: Kit) {
  const {
    table,
    index,
    uniqueIndex,
    primaryKey,
    id,
    spreadId,
    spreadJob,
    spreadBy,
    spreadKey,
    tie,
    small,
    int,
    big,
    flag,
    micros,
    float,
    text,
    bytes,
    json,
  } = columns;
  const counts = () => ({
    pass: int().notNull().default(0),
    fail: int().notNull().default(0),
    skip: int().notNull().default(0),
    unknown: int().notNull().default(0),
  });
  const jobCounts = () => ({
    complete: int().notNull().default(0),
    incomplete: int().notNull().default(0),
    canceled: int().notNull().default(0),
    /** Not finished, or finished without a fate. */
    running: int().notNull().default(0),
    infrastructure: int().notNull().default(0),
  });

  const source = table(
    'source',
    {
      id: id(),
      slug: text().notNull(),
      name: text().notNull(),
      kind: text().notNull(),
      url: text().notNull(),
      visibility: text().$type<'PUBLIC' | 'INTERNAL' | 'RESTRICTED'>().notNull(),
      teams: json<string[]>().notNull(),
      /** Rises when its visibility or its teams change. */
      sightVersion: int().notNull().default(0),
      labels: json<Record<string, string>>().notNull(),
      /** Null when everything is kept. */
      retention: json<Retention>(),
      /** Jobs submitted before are not read; null when all are. */
      historySince: big(),
      /** False once it is no longer configured: its results stay. */
      configured: flag().notNull().default(true),
      /** Whether it is of added_source and not of the configuration. */
      added: flag().notNull().default(false),
      paused: flag().notNull().default(false),
      /** Seconds between two scheduled syncs. */
      periodSeconds: int().notNull(),
      maxConcurrent: int().notNull(),
      maxPerMinute: int().notNull(),
      epoch: int().notNull().default(0),
      bookmark: text(),
      /** Jobs of its history that are still to be read. */
      backlog: int().notNull().default(0),
      version: text(),
      capabilities: json<string[]>().notNull(),
      warnings: json<string[]>().notNull(),
      /** Login of the token; null for a visitor. */
      whoAmI: text(),
      /** When it was last asked what it is, and since when it has each of its capabilities without a break. */
      probedAt: micros(),
      capableSince: json<Record<string, number>>(),
      clockOffsetMs: float(),
      usedLastMinute: int().notNull().default(0),
      p95Ms: float(),
      /** See Usage of adapters/adapter.ts. */
      slowdown: float(),
      /** When it last counted the jobs that wait; null when it does not say. */
      queueReadAt: micros(),
      /** End of the last sync that read everything there was. */
      lastSuccessAt: micros(),
      lastErrorAt: micros(),
      lastErrorCode: text(),
      lastError: text(),
      nextSyncAt: micros(),
    },
    (t) => [uniqueIndex('source_slug').on(t.slug)],
  );

  /** Sources that people added to the store; one of the configuration wins over one of the same slug. */
  const addedSource = table('added_source', {
    slug: text().primaryKey(),
    name: text().notNull(),
    url: text().notNull(),
    visibility: text().$type<'PUBLIC' | 'INTERNAL' | 'RESTRICTED'>().notNull(),
    teams: json<string[]>().notNull(),
    maxConcurrent: int().notNull(),
    maxPerMinute: int().notNull(),
    /** Sealed (see store/vault.ts); null when it is read as a visitor. */
    token: bytes(),
    /** PEM of the authority that signed its certificate. */
    caPem: text(),
    /** Sealed as the token; null when it takes no callbacks. */
    callbackToken: bytes(),
    retention: json<Retention>(),
    quietHours: json<QuietHours>(),
    megabytesPerHour: int(),
    /** Which jobs of its past are read first: "newest" or "oldest". */
    history: text().$type<HistoryOrder>().notNull().default('newest'),
    at: micros().notNull(),
    login: text().notNull(),
  });
  /** Sources that are not to be read for now, wherever they are configured. */
  const sourcePause = table('source_pause', {
    slug: text().primaryKey(),
    at: micros().notNull(),
    login: text().notNull(),
  });
  /** What people asked to be done with a source, until an ingester takes it. */
  const sourceRequest = table(
    'source_request',
    {
      slug: text().notNull(),
      kind: text().$type<'SYNC' | 'HISTORY' | 'AUDIT'>().notNull(),
      at: micros().notNull(),
      login: text().notNull(),
    },
    (t) => [primaryKey({ columns: [t.slug, t.kind] })],
  );

  const syncRun = table(
    'sync_run',
    {
      id: id(),
      sourceId: int().notNull(),
      trigger: text().notNull(),
      state: text().$type<'running' | 'succeeded' | 'failed' | 'aborted'>().notNull(),
      startedAt: micros().notNull(),
      endedAt: micros(),
      requests: int().notNull().default(0),
      bytes: big().notNull().default(0),
      jobsRead: int().notNull().default(0),
      jobsWritten: int().notNull().default(0),
      /** Of these, the public ones: what a viewer without rights is told. */
      publicRead: int().notNull().default(0),
      publicWritten: int().notNull().default(0),
      rejected: int().notNull().default(0),
      errorCode: text(),
      error: text(),
    },
    (t) => [index('sync_run_source').on(t.sourceId, t.startedAt)],
  );

  /** What could not be understood, with its raw bytes. One row for the same bytes, however often they come. */
  const deadLetter = table(
    'dead_letter',
    {
      id: id(),
      sourceId: int().notNull(),
      hash: bytes().notNull(),
      /** When these bytes came first, and when last. */
      at: micros().notNull(),
      lastAt: micros().notNull().default(0),
      stage: text().notNull(),
      externalId: text(),
      path: text().notNull(),
      reason: text().notNull(),
      raw: bytes().notNull(),
      attempts: int().notNull().default(1),
      /** Set when the record was read well later. */
      resolvedAt: micros(),
    },
    (t) => [
      uniqueIndex('dead_letter_hash').on(t.sourceId, t.hash),
      index('dead_letter_open').on(t.sourceId, t.id).where(isNull(t.resolvedAt)),
    ],
  );

  const audit = table('audit', {
    sourceId: int().primaryKey(),
    checkedAt: micros().notNull(),
    sourceCount: int().notNull(),
    storeCount: int().notNull(),
    missing: json<string[]>().notNull(),
    changed: json<string[]>().notNull(),
    goneAtSource: int().notNull(),
    /** The same over public jobs alone. */
    publicView: json<AuditView>().notNull(),
  });

  /** The last audit by the day (UTC, since the epoch) that jobs were submitted on, public jobs and others apart. */
  const auditDay = table(
    'audit_day',
    {
      sourceId: int().notNull(),
      day: int().notNull(),
      isPublic: flag().notNull(),
      checkedAt: micros().notNull(),
      sourceCount: int().notNull(),
      storeCount: int().notNull(),
      missing: int().notNull(),
      changed: int().notNull(),
      repaired: int().notNull(),
      /** Stored and not listed; of these, the deleted and the hidden. */
      gone: int().notNull(),
      deleted: int().notNull(),
      hidden: int().notNull(),
    },
    (t) => [primaryKey({ columns: [t.sourceId, t.day, t.isPublic] })],
  );

  /** What a source was asked in ten minutes (since the epoch), by what it was asked for. */
  const requestSlot = table(
    'request_slot',
    {
      sourceId: int().notNull(),
      slot: int().notNull(),
      kind: text().notNull(),
      requests: int().notNull(),
      failed: int().notNull(),
      bytes: big().notNull(),
      waitedMs: big().notNull(),
      /** See store/request-slot.ts. */
      durations: json<Record<string, number>>().notNull(),
    },
    (t) => [primaryKey({ columns: [t.sourceId, t.slot, t.kind] })],
  );

  const worker = table(
    'worker',
    {
      id: id(),
      sourceId: int().notNull(),
      hostname: text().notNull(),
      state: text().notNull(),
      health: text().notNull(),
      description: text(),
      version: text(),
      jobLimit: big(),
      lastPingAt: micros(),
      goneAt: micros(),
    },
    (t) => [uniqueIndex('worker_name').on(t.sourceId, t.hostname)],
  );

  /** The empty name stands for "none": jobs of dynamic connections. */
  const deviceType = table('device_type', { id: id(), name: text().notNull() }, (t) => [
    uniqueIndex('device_type_name').on(t.name),
  ]);

  /** What a source says of a device type. */
  const sourceDeviceType = table(
    'source_device_type',
    {
      sourceId: int().notNull(),
      deviceTypeId: int().notNull(),
      aliases: json<string[]>().notNull(),
      architecture: text(),
      processor: text(),
      cpuModel: text(),
      coreCount: big(),
      description: text(),
      /** Jobs that wait for a board, private ones among them; null when it does not say. */
      queuedJobs: int(),
      goneAt: micros(),
    },
    (t) => [primaryKey({ columns: [t.sourceId, t.deviceTypeId] })],
  );

  const device = table(
    'device',
    {
      id: id(),
      sourceId: int().notNull(),
      hostname: text().notNull(),
      deviceTypeId: int().notNull(),
      ownDeviceTypeId: int().notNull().default(0),
      workerId: int(),
      /** '' until a snapshot has named it. */
      state: text().notNull(),
      health: text().notNull(),
      description: text(),
      deviceVersion: text(),
      tags: json<string[]>().notNull(),
      isPublic: flag().notNull(),
      goneAt: micros(),
    },
    (t) => [uniqueIndex('device_name').on(t.sourceId, t.hostname)],
  );

  const deviceHealth = table(
    'device_health',
    { deviceId: int().notNull(), at: micros().notNull(), health: text().notNull() },
    (t) => [primaryKey({ columns: [t.deviceId, t.at] })],
  );

  const env = table(
    'env',
    {
      id: id(),
      /** As it is called here, and as the source calls it: see store/type-alias.ts. */
      deviceTypeId: int().notNull(),
      ownDeviceTypeId: int().notNull().default(0),
      sourceId: int().notNull(),
      isPublic: flag().notNull(),
    },
    (t) => [uniqueIndex('env_key').on(t.ownDeviceTypeId, t.sourceId, t.isPublic)],
  );

  const project = table('project', { id: id(), slug: text().notNull(), name: text().notNull() }, (t) => [
    uniqueIndex('project_slug').on(t.slug),
  ]);
  /** The empty name stands for "no branch". */
  const branch = table('branch', { id: id(), projectId: int().notNull(), name: text().notNull() }, (t) => [
    uniqueIndex('branch_name').on(t.projectId, t.name),
  ]);
  const build = table(
    'build',
    {
      id: id(),
      projectId: int().notNull(),
      branchId: int().notNull(),
      version: text().notNull(),
      commit: text(),
      /** Its jobs are kept whole, and why. */
      pinnedAt: micros(),
      pinnedBecause: text(),
    },
    (t) => [uniqueIndex('build_version').on(t.projectId, t.version, t.branchId), index('build_branch').on(t.branchId)],
  );

  const submitter = table('submitter', { id: id(), name: text().notNull() }, (t) => [
    uniqueIndex('submitter_name').on(t.name),
  ]);
  const label = table(
    'label',
    { id: id(), hash: bytes().notNull(), key: text().notNull(), value: text().notNull() },
    (t) => [uniqueIndex('label_hash').on(t.hash)],
  );

  const job = table(
    'job',
    {
      id: spreadId(),
      envId: int().notNull(),
      sourceId: int().notNull(),
      epoch: int().notNull(),
      externalId: text().notNull(),
      /** Its place among jobs submitted in the same second: the source's number of it, or bits of a hash. */
      number: big().notNull().default(0),
      projectId: int(),
      branchId: int(),
      buildId: int(),
      deviceId: int(),
      workerId: int(),
      submitterId: int(),
      submitAt: micros().notNull(),
      startAt: micros(),
      endAt: micros(),
      /** Index into JobState, JobHealth, FailureClass of records.ts. */
      state: small().notNull(),
      health: small().notNull(),
      failureClass: small().notNull(),
      errorType: text(),
      errorMessage: text(),
      failureComment: text(),
      description: text(),
      priority: big(),
      healthCheck: flag().notNull(),
      tags: json<string[]>().notNull(),
      multinodeGroup: text(),
      role: text(),
      /** Without the source's own address where it begins with it. */
      url: text(),
      isPublic: flag().notNull(),
      attempt: int().notNull().default(1),
      ...counts(),
      /** Cases of the source's own suites: steps, not tests. */
      steps: int().notNull().default(0),
      /** Suite ids (varints) a job that failed by the lab's fault was to run and did not. */
      lostSuites: bytes(),
      logId: int(),
      /** Hash of all that the source said. Equal bytes are not written again. */
      digest: bytes().notNull(),
      firstSeenAt: micros().notNull(),
      via: text().notNull(),
      changedAt: micros().notNull(),
      revision: int().notNull().default(1),
      settled: flag().notNull(),
      goneAt: micros(),
      /** When retention deleted the log; where cases lie in it, their times and metadata; the single results. */
      logRemovedAt: micros(),
      detailRemovedAt: micros(),
      resultsRemovedAt: micros(),
    },
    (t) => [
      ...spreadKey(t.id, t.envId),
      uniqueIndex('job_external').on(t.sourceId, t.epoch, t.externalId, ...spreadBy(t.envId)),
      index('job_sight').on(t.sourceId, t.isPublic, t.submitAt, ...tie(t.id)),
      index('job_env').on(t.envId, t.submitAt, ...tie(t.id)),
      index('job_build').on(t.buildId, t.submitAt, ...tie(t.id)),
      index('job_device').on(t.deviceId, t.submitAt, ...tie(t.id)),
      index('job_changed').on(t.changedAt),
      index('job_log').on(t.logId).where(isNotNull(t.logId)),
      /** Jobs that have not finished, and those whose single results retention has deleted. */
      index('job_open').on(t.state, t.envId).where(sql`${t.state} <> 5`),
      index('job_without_results').on(t.buildId).where(isNotNull(t.resultsRemovedAt)),
    ],
  );

  /** A job that retention has deleted: it is not taken in again. */
  const jobTombstone = table(
    'job_tombstone',
    {
      sourceId: int().notNull(),
      epoch: int().notNull(),
      externalId: text().notNull(),
      envId: int().notNull(),
      submitAt: micros().notNull(),
      removedAt: micros().notNull(),
    },
    (t) => [primaryKey({ columns: [t.sourceId, t.epoch, t.externalId, ...spreadBy(t.envId)] })],
  );

  /**
   * When a job that could be seen went out of sight: of who sees private jobs, or of everybody else. One that is shown
   * again has none. Those of a source go when who may see it changes.
   */
  const jobGone = table(
    'job_gone',
    {
      id: id(),
      sourceId: int().notNull(),
      epoch: int().notNull(),
      externalId: text().notNull(),
      seesPrivate: flag().notNull(),
      at: micros().notNull(),
    },
    (t) => [
      uniqueIndex('job_gone_job').on(t.sourceId, t.epoch, t.externalId, t.seesPrivate),
      index('job_gone_at').on(t.sourceId, t.seesPrivate, t.at, ...tie(t.id)),
    ],
  );

  const jobLabel = table(
    'job_label',
    { labelId: int().notNull(), jobId: int().notNull(), envId: int().notNull() },
    (t) => [primaryKey({ columns: [t.labelId, t.jobId, ...spreadBy(t.envId)] })],
  );

  /** `month`: of the submission, counted since January 1970 (see monthOf). */
  const ofJob = () => ({ jobId: spreadJob(), envId: int().notNull(), month: int().notNull() });
  /** Packed text of a job: definition and metadata (see store/job-text.ts). */
  const jobText = table('job_text', { ...ofJob(), body: bytes().notNull() }, (t) =>
    spreadKey(t.jobId, t.envId, t.month),
  );

  /** A suite by its comparable name: "smoke", not "0_smoke". */
  const suite = table('suite', { id: id(), name: text().notNull() }, (t) => [uniqueIndex('suite_name').on(t.name)]);
  const testCase = table(
    'test_case',
    { id: id(), suiteId: int().notNull(), hash: bytes().notNull(), setName: text(), name: text().notNull() },
    (t) => [uniqueIndex('test_case_hash').on(t.suiteId, t.hash)],
  );
  /** The ordered cases of a suite run, stored once for all runs that have the same. */
  const shape = table(
    'shape',
    {
      id: id(),
      suiteId: int().notNull(),
      hash: bytes().notNull(),
      size: int().notNull(),
      /** See store/shape-codec.ts. */
      cases: bytes().notNull(),
      /** So many of its names are kept in it alone, because names of the suite do not repeat. */
      loose: int().notNull().default(0),
      /** Where its only run is, as long as it keeps names of its own. */
      envId: int(),
    },
    (t) => [
      uniqueIndex('shape_hash').on(t.hash),
      index('shape_suite').on(t.suiteId),
      index('shape_loose').on(t.envId, t.suiteId).where(isNotNull(t.envId)),
    ],
  );

  const suiteRun = table(
    'suite_run',
    {
      envId: int().notNull(),
      jobId: int().notNull(),
      /** Position of the suite in its job. */
      ord: int().notNull(),
      suiteId: int().notNull(),
      /** The job's index in the name ("0_smoke" is 0), null without one. */
      prefix: int(),
      externalId: big().notNull(),
      isSteps: flag().notNull(),
      shapeId: int().notNull(),
      ...counts(),
      /** What did not pass: see store/codec.ts. */
      verdicts: bytes().notNull(),
    },
    (t) => [primaryKey({ columns: [t.envId, t.jobId, t.ord] }), index('suite_run_shape').on(t.shapeId, t.envId)],
  );

  /** Columns of the cases of a job in frames, each from its first case in the job on: see store/detail.ts. */
  const jobDetail = table(
    'job_detail',
    { ...ofJob(), jobId: int().notNull(), first: int().notNull(), codec: small().notNull(), body: bytes().notNull() },
    (t) => [primaryKey({ columns: [t.jobId, t.first, ...spreadBy(t.envId), ...spreadBy(t.month)] })],
  );

  /** The runs of a suite in their order, each with the cases whose verdict differs from their run before. */
  const suiteHistory = table(
    'suite_history',
    {
      envId: int().notNull(),
      suiteId: int().notNull(),
      branchId: int().notNull(),
      at: big().notNull(),
      number: big().notNull(),
      jobId: int().notNull(),
      ord: int().notNull(),
      shapeId: int().notNull(),
      /** See store/changes.ts; null until a rebuild has found them. */
      changes: bytes(),
    },
    (t) => [primaryKey({ columns: [t.envId, t.suiteId, t.branchId, t.at, t.number, t.jobId, t.ord] })],
  );

  const buildSuite = table(
    'build_suite',
    {
      buildId: int().notNull(),
      suiteId: int().notNull(),
      envId: int().notNull(),
      ...counts(),
      runs: int().notNull().default(0),
      infrastructure: int().notNull().default(0),
    },
    (t) => [primaryKey({ columns: [t.buildId, t.suiteId, t.envId] })],
  );
  const buildEnv = table(
    'build_env',
    { buildId: int().notNull(), envId: int().notNull(), ...counts(), ...jobCounts() },
    (t) => [primaryKey({ columns: [t.buildId, t.envId] })],
  );
  /** Days (UTC, since the epoch) by the end of jobs; open jobs by their submission. */
  const envDay = table(
    'env_day',
    { envId: int().notNull(), day: int().notNull(), ...counts(), steps: int().notNull().default(0), ...jobCounts() },
    (t) => [primaryKey({ columns: [t.envId, t.day] })],
  );
  const projectDay = table(
    'project_day',
    { envId: int().notNull(), day: int().notNull(), projectId: int().notNull(), ...counts(), ...jobCounts() },
    (t) => [primaryKey({ columns: [t.envId, t.day, t.projectId] })],
  );
  const deviceDay = table(
    'device_day',
    {
      envId: int().notNull(),
      day: int().notNull(),
      deviceId: int().notNull(),
      jobs: int().notNull().default(0),
      infrastructure: int().notNull().default(0),
      busySeconds: big().notNull().default(0),
    },
    (t) => [primaryKey({ columns: [t.envId, t.day, t.deviceId] }), index('device_day_device').on(t.deviceId, t.day)],
  );
  const queueWeek = table(
    'queue_week',
    {
      envId: int().notNull(),
      /** Weeks (UTC) since the one of 1 January 1970; they begin on Mondays. */
      week: int().notNull(),
      /** Jobs by day and waiting time: see store/queue-week.ts. */
      waits: bytes().notNull(),
    },
    (t) => [primaryKey({ columns: [t.envId, t.week] })],
  );
  const flipDay = table(
    'flip_day',
    {
      envId: int().notNull(),
      day: int().notNull(),
      /** Cases and how often they turned to fail: see store/flip-day.ts. */
      flips: bytes().notNull(),
    },
    (t) => [primaryKey({ columns: [t.envId, t.day] })],
  );

  /** A log: its bytes lie in the log folder under the hash; here is where its lines are. */
  const log = table(
    'log',
    {
      id: id(),
      hash: bytes().notNull(),
      bytes: big().notNull(),
      lineCount: int().notNull(),
      truncated: flag().notNull(),
      /** Frames, levels and error lines: see store/log-index.ts. */
      lines: bytes().notNull(),
    },
    (t) => [uniqueIndex('log_hash').on(t.hash)],
  );

  /** Failures that are the same: found again by the fingerprint, which everything else of the row follows from. */
  const failureGroup = table(
    'failure_group',
    {
      id: id(),
      fingerprint: text().notNull(),
      /** Index into GROUP_KINDS, and FailureClass of records.ts. */
      kind: small().notNull(),
      failureClass: small().notNull(),
      title: text().notNull(),
      why: text().notNull(),
    },
    (t) => [uniqueIndex('failure_group_fingerprint').on(t.fingerprint)],
  );
  /** Jobs that failed in a way. Kept by what a page asks first: which groups an environment had since when. */
  const failureOccurrence = table(
    'failure_occurrence',
    {
      envId: int().notNull(),
      /** End of the job; its submission where it has none. */
      at: micros().notNull(),
      groupId: int().notNull(),
      jobId: int().notNull(),
      /** Where in the log; null where nothing says. */
      line: int(),
    },
    (t) => [
      primaryKey({ columns: [t.envId, t.at, t.groupId, t.jobId] }),
      index('failure_occurrence_group').on(t.groupId, t.envId, t.at),
      index('failure_occurrence_job').on(t.jobId),
    ],
  );
  /** What was read of a failed job when its log was at hand: groups follow from it without the log. */
  const jobFailure = table(
    'job_failure',
    {
      jobId: spreadJob(),
      envId: int().notNull(),
      /** JSON: see store/failure-facts.ts. */
      facts: text().notNull(),
    },
    (t) => spreadKey(t.jobId, t.envId),
  );

  /**
   * Rules by which a failure is known (see store/known-issue.ts). What is null does not matter to the rule; suite, name and
   * device type are globs.
   */
  const knownIssue = table('known_issue', {
    id: id(),
    title: text().notNull(),
    /** Of the tracker. */
    url: text(),
    source: text(),
    project: text(),
    deviceType: text(),
    suite: text(),
    name: text(),
    /** RE2: over the error message of a job, and over the lines of its log. */
    errorPattern: text(),
    logPattern: text(),
    /** Index into CULPRITS. */
    culprit: small(),
    /** Whether passes in between do not mean that it is fixed. */
    intermittent: flag().notNull(),
    /** Null: it holds until somebody ends it. */
    expiresAt: micros(),
    /** When it was said to be fixed. A failure that ends later opens it again, for whoever sees that failure. */
    fixedAt: micros(),
    at: micros().notNull(),
    login: text().notNull(),
    /** Grows with each change of what it matches. */
    revision: int().notNull().default(1),
    /** Last job it was held against, from the newest down, of the jobs that were stored before; null when all were. */
    doneTo: int(),
  });
  /** Failed jobs, and jobs with failed tests, that a known issue explains. */
  const knownIssueMatch = table(
    'known_issue_match',
    {
      envId: int().notNull(),
      /** End of the job; its submission where it has none. */
      at: micros().notNull(),
      issueId: int().notNull(),
      jobId: int().notNull(),
      /** Failed cases of the job that it explains; 0 where it explains the failure of the job. */
      cases: int().notNull(),
      /** Where in the log the pattern was found, and from which byte of the line on; null where there is none. */
      line: int(),
      byteOffset: int(),
    },
    (t) => [
      primaryKey({ columns: [t.envId, t.at, t.issueId, t.jobId] }),
      index('known_issue_match_issue').on(t.issueId, t.envId, t.at),
      index('known_issue_match_job').on(t.jobId),
    ],
  );

  /** How people want failures grouped, by fingerprints, so that it outlives the groups (see store/group-rule.ts). */
  const groupRule = table(
    'group_rule',
    {
      id: id(),
      kind: text().$type<'MERGE' | 'SPLIT'>().notNull(),
      /** The group whose failures go elsewhere. */
      fingerprint: text().notNull(),
      /** Merged into which group; null of a split. */
      target: text(),
      /** Split off by what: JSON, see store/group-rule.ts; null of a merge. */
      split: text(),
      at: micros().notNull(),
      login: text().notNull(),
    },
    (t) => [index('group_rule_fingerprint').on(t.fingerprint)],
  );
  /** What people say of a failure group. */
  const groupTriage = table('group_triage', {
    fingerprint: text().primaryKey(),
    state: text().$type<'BUG' | 'INFRASTRUCTURE' | 'FLAKY' | 'CODE' | 'IGNORED'>().notNull(),
    knownIssueId: int(),
    comment: text(),
    at: micros().notNull(),
    login: text().notNull(),
  });

  /** What people write to a job or to a result of it. */
  const note = table(
    'note',
    {
      jobId: int().notNull(),
      /** With the job its key: a number over all notes would tell of those to jobs that one may not see. */
      at: micros().notNull(),
      /** The case's number on its master; null of a note to the job. */
      caseId: big(),
      text: text().notNull(),
      login: text().notNull(),
    },
    (t) => [primaryKey({ columns: [t.jobId, t.at] })],
  );

  /** Results that people left out: see store/omission.ts. */
  const omission = table(
    'omission',
    {
      jobId: int().notNull(),
      /** The case's number on its master. */
      caseId: big().notNull(),
      /** What the master says: index into TestResult. */
      result: small().notNull(),
      reason: text().notNull(),
      at: micros().notNull(),
      login: text().notNull(),
    },
    (t) => [primaryKey({ columns: [t.jobId, t.caseId] })],
  );

  /** Names that mean the same: a device type of a source ('' for all of them), a submitter. */
  const nameAlias = table(
    'name_alias',
    {
      kind: text().$type<'DEVICE_TYPE' | 'SUBMITTER'>().notNull(),
      source: text().notNull(),
      name: text().notNull(),
      /** What it is called here. */
      alias: text().notNull(),
      at: micros().notNull(),
      login: text().notNull(),
    },
    (t) => [primaryKey({ columns: [t.kind, t.source, t.name] })],
  );

  /** What people did here. Nothing of it is changed or deleted. */
  const auditEvent = table(
    'audit_event',
    {
      id: id(),
      at: micros().notNull(),
      actor: text().notNull(),
      /** A verb and its object: "known-issue.save". */
      action: text().notNull(),
      /** What it was done to, as the API names it. */
      target: text().notNull(),
      /** JSON: as it was and as it is; null where there was or is nothing. */
      before: text(),
      after: text(),
      /** SHA-256 of this event and the hash before it (see store/audit-chain.ts); null of events from before there were hashes. */
      hash: bytes(),
    },
    (t) => [index('audit_event_target').on(t.target, t.id)],
  );

  /** Logs no job names any more: their files go next. */
  const logRemoval = table('log_removal', { hash: bytes().primaryKey() });

  /** Open jobs that somebody looks at, and what their sources last told of them (see store/live-job.ts). */
  const liveJob = table('live_job', {
    jobId: int().primaryKey(),
    sourceId: int().notNull(),
    /** When a server last said that somebody looks; null: nobody does. */
    watchedAt: micros(),
    /** When whoever reads the source last wrote here, and when the source last answered. */
    toldAt: micros(),
    asOf: micros(),
    /** As those of job. */
    state: small(),
    health: small(),
    startAt: micros(),
    /** How it is followed, and why not. */
    status: text(),
    reason: text(),
    lineCount: int().notNull().default(0),
  });
  /** The newest lines of their logs (see store/live-log.ts). */
  const livePiece = table(
    'live_piece',
    {
      jobId: int().notNull(),
      fromLine: int().notNull(),
      lines: int().notNull(),
      /** Before it was compressed. */
      bytes: int().notNull(),
      body: bytes().notNull(),
    },
    (t) => [primaryKey({ columns: [t.jobId, t.fromLine] })],
  );

  /** Which ingester reads a source, until when (see store/lease.ts). Unused where there is one ingester. */
  const lease = table('lease', {
    sourceId: int().primaryKey(),
    owner: text().notNull(),
    /** Grows with every change of owner. */
    term: int().notNull(),
    expiresAt: micros().notNull(),
  });
  /** Ingesters that are alive. */
  const ingester = table('ingester', { owner: text().primaryKey(), seenAt: micros().notNull() });

  /** The agent of a source, as it last called (see docs/decisions/0017-agent.md). */
  const agent = table('agent', {
    sourceId: int().primaryKey(),
    /** Its spool's own name. */
    stream: text().notNull(),
    /** Grows when another spool takes over. */
    term: int().notNull(),
    /** The last entry of the stream that is held here, read or not. */
    held: big().notNull(),
    /** By which a copy of the spool, that went on by itself, is told from the spool; null before the first entry. */
    heldHash: bytes(),
    /** Whether anything of it was read and deleted. */
    wasRead: flag().notNull().default(false),
    /** Grows when the agent is to read everything once more. */
    generation: int().notNull().default(0),
    heardAt: micros().notNull(),
    /** Our clock minus the agent's. */
    clockOffset: big().notNull(),
    /** What waits in its spool. */
    waiting: json<AgentWaiting>().notNull(),
    /** Of what waits in the inbox. */
    inboxBytes: big().notNull().default(0),
    /** The newest that it told of these, as they came. */
    probe: bytes(),
    fleet: bytes(),
  });
  /** What agents have pushed and nobody has read yet. */
  const inbox = table(
    'inbox',
    {
      sourceId: int().notNull(),
      term: int().notNull(),
      sequence: big().notNull(),
      kind: text().notNull(),
      size: int().notNull(),
      body: bytes().notNull(),
    },
    (t) => [primaryKey({ columns: [t.sourceId, t.term, t.sequence] })],
  );
  /** What an audit wants to know of a source that an agent reads, and what the agent has answered. */
  const agentQuestion = table('agent_question', {
    key: text().primaryKey(),
    sourceId: int().notNull(),
    askedAt: micros().notNull(),
    question: text().notNull(),
    answer: bytes(),
  });

  /** What the store remembers of itself: the mapping rules it was filled by, work that is due. */
  const storeState = table('store_state', { key: text().primaryKey(), value: text().notNull() });

  return {
    source,
    addedSource,
    sourcePause,
    sourceRequest,
    syncRun,
    deadLetter,
    audit,
    auditDay,
    requestSlot,
    worker,
    deviceType,
    sourceDeviceType,
    device,
    deviceHealth,
    env,
    project,
    branch,
    build,
    submitter,
    label,
    job,
    jobTombstone,
    jobGone,
    jobLabel,
    jobText,
    suite,
    testCase,
    shape,
    suiteRun,
    jobDetail,
    suiteHistory,
    buildSuite,
    buildEnv,
    envDay,
    projectDay,
    deviceDay,
    queueWeek,
    flipDay,
    failureGroup,
    failureOccurrence,
    jobFailure,
    knownIssue,
    knownIssueMatch,
    groupRule,
    groupTriage,
    note,
    omission,
    nameAlias,
    auditEvent,
    ...defineAccessTables(columns),
    ...defineNotifyTables(columns),
    log,
    logRemoval,
    liveJob,
    livePiece,
    lease,
    ingester,
    agent,
    inbox,
    agentQuestion,
    storeState,
  };
}

export const tables = defineTables(kit);
