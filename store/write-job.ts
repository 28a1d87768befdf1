/** One job into the store, atomically: row, texts, suite runs, details, histories, rollups. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { failureClass, isInfrastructure } from '#analysis/failure-class.ts';
import {
  FailureClass,
  type JobChange,
  JobHealth,
  type JobRecord,
  type JobResults,
  JobState,
  type Micros,
} from '#schema/records.ts';
import { createDigest } from './codec.ts';
import { createFrames, type Frame } from './detail.ts';
import { isRemoved, takeOver } from './earlier-epoch.ts';
import { Conflict } from './error.ts';
import { explainJob, readHits, rulesForLog } from './explain-job.ts';
import { type FailureFacts, readFacts, stepOf } from './failure-facts.ts';
import { insertFrames } from './frame.ts';
import { orderNumber } from './history.ts';
import type { StoredRule } from './issue-rules.ts';
import { hideFromPublic, showToPublic } from './job-gone.ts';
import { packJobText } from './job-text.ts';
import { leaveOutAgain } from './leave-out.ts';
import { logPath, writeLogFile } from './log-file.ts';
import { packLogIndex } from './log-index.ts';
import { insertRows } from './many-rows.ts';
import type { PackedLog } from './pack-log.ts';
import { moveWithPin } from './pin.ts';
import { placeInBuild } from './place-in-build.ts';
import { HOLD_LOG, releaseLog, retract } from './remove-job.ts';
import { type LogFindings, searchPackedLog } from './search-log.ts';
import type { Sql } from './store.ts';
import { addDerived, FINISHED, monthOf, packIds, SELECT_JOB, type StoredJob } from './stored-job.ts';
import { insertRuns, type PackedSuite, packSuite } from './suite-run.ts';
import { toStored } from './text.ts';
import { putFailures } from './write-failures.ts';
import type { Writer } from './writer.ts';

export type SourceKey = { id: number; slug: string; epoch: number; url: string };

export type WriteOutcome = 'written' | 'unchanged';

/** A job packed outside the transaction: hashing, compressing and the log's file take no lock. */
export type PackedJob = {
  change: JobChange;
  log: PackedLog | null;
  suites: readonly PackedSuite[];
  detail: readonly Frame[];
  failure: FailureFacts;
  /** What was found in its log of the rules of known issues, as they were then. */
  searched: { rules: readonly StoredRule[]; findings: LogFindings };
  digest: Buffer;
};

/** Packs the job and puts its log on disk. */
export function packJob(writer: Writer, change: JobChange): PackedJob {
  const results = change.results;
  const log = results?.log ? writeLogFile(writer.store.logDir, results.log.bytes) : null;
  const found = results?.suites ?? [];
  const frames = createFrames(found);
  const suites = found.map((suite) => packSuite(suite, (one) => frames.add(suite.name, one)));
  const detail = frames.done();
  const said = createDigest();
  said.add(JSON.stringify([change.job, log?.hash.toString('hex') ?? null, results?.log?.truncated ?? false]));
  for (const { suite, shapeHash, verdicts } of suites) {
    said.add(JSON.stringify([suite.externalId, suite.name, suite.isSteps]));
    said.add(shapeHash);
    said.add(verdicts);
  }
  for (const { block } of detail) said.add(block);
  const failure = { step: stepOf(failureClass(change.job), found), faults: log?.faults ?? [] };
  return {
    change,
    log,
    suites,
    detail,
    failure,
    searched: searchFor(writer, change.job, suites, log),
    digest: said.done(),
  };
}

/**
 * Call inside a transaction. Writing the same again changes nothing; a job that has finished does not go back.
 * @throws Conflict when the number belongs to another job now: the master was reset or restored.
 */
export async function writeJob(
  writer: Writer,
  source: SourceKey,
  packed: PackedJob,
  at: Micros,
  via: string,
): Promise<WriteOutcome> {
  const { sql } = writer.store;
  const { job, results, settled } = packed.change;
  const find = () =>
    sql.get<StoredJob>(
      `${SELECT_JOB} WHERE source_id = ? AND epoch = ? AND external_id = ?`,
      source.id,
      source.epoch,
      toStored(job.externalId),
    );
  let old = await find();
  const isTakenOver = !old && source.epoch > 0 && (await takeOver(sql, source, job, at));
  if (isTakenOver) old = await find();
  let known: FailureFacts | null = null;
  let hits: LogFindings = new Map();
  if (old) {
    if (old.submitAt !== job.submitAt) {
      throw new Conflict(`${source.slug}: job ${job.externalId} was submitted at another time than the stored one`);
    }
    if (old.state === FINISHED && job.state !== 'FINISHED') return 'unchanged';
    if (packed.digest.equals(old.digest)) {
      // What was final and is the same is final, whoever reads it again and how soon.
      if (old.settled === 1 || !settled) return 'unchanged';
      await sql.run('UPDATE job SET settled = 1, changed_at = ? WHERE id = ?', at, old.id);
      return 'written';
    }
    known = await readFacts(sql, old.id);
    hits = await readHits(sql, old.id);
    await retract(writer, old);
  } else if (await isRemoved(sql, source, job)) return 'unchanged';

  const { dictionary } = writer;
  const deviceTypeId = await dictionary.id('deviceType', job.deviceType ?? '');
  const envId = await dictionary.id('env', deviceTypeId, source.id, job.isPublic ? 1 : 0);
  const placed = await placeInBuild(writer, source.slug, job.metadata);
  const build = old ? await moveWithPin(writer, old, placed) : placed;
  const deviceId =
    job.device === null ? null : await dictionary.device(source.id, job.device, deviceTypeId, job.isPublic);
  const workerId = old?.workerId ?? (deviceId === null ? null : await workerOf(writer, deviceId));
  const failure = failureClass(job);
  const { suites } = packed;
  // A master that has deleted its log since, or gives less of it, takes ours from nobody.
  const logIsKept = packed.log && results?.log?.truncated && (await hasMoreLog(sql, old, packed.log.bytes));
  const newLog = logIsKept ? null : packed.log;
  const totals = { pass: 0, fail: 0, skip: 0, unknown: 0, steps: 0 };
  for (const { suite, counts } of suites) {
    if (suite.isSteps) totals.steps += suite.cases.length;
    else for (const key of ['pass', 'fail', 'skip', 'unknown'] as const) totals[key] += counts[key];
  }
  const derivedFrom: Omit<StoredJob, 'id'> = {
    sourceId: source.id,
    number: orderNumber(job.externalId),
    envId,
    projectId: build?.projectId ?? null,
    branchId: build?.branchId ?? null,
    buildId: build?.buildId ?? null,
    deviceId,
    workerId,
    submitAt: job.submitAt,
    startAt: job.startAt,
    endAt: job.endAt,
    state: JobState.options.indexOf(job.state),
    health: JobHealth.options.indexOf(job.health),
    failureClass: FailureClass.options.indexOf(failure),
    ...totals,
    lostSuites: isInfrastructure(failure) ? packIds(await lost(writer, job, suites)) : null,
    digest: packed.digest,
    settled: settled ? 1 : 0,
    isPublic: job.isPublic ? 1 : 0,
    logId: newLog && results?.log ? await ensureLog(writer, newLog, results.log) : (old?.logId ?? null),
    logRemovedAt: newLog ? null : (old?.logRemovedAt ?? null),
    resultsRemovedAt: null,
  };
  const row: Row = {
    env_id: envId,
    source_id: source.id,
    epoch: source.epoch,
    external_id: toStored(job.externalId),
    number: derivedFrom.number,
    project_id: derivedFrom.projectId,
    branch_id: derivedFrom.branchId,
    build_id: derivedFrom.buildId,
    device_id: deviceId,
    worker_id: workerId,
    submitter_id: job.submitter === null ? null : await dictionary.id('submitter', job.submitter),
    submit_at: job.submitAt,
    start_at: job.startAt,
    end_at: job.endAt,
    state: derivedFrom.state,
    health: derivedFrom.health,
    failure_class: derivedFrom.failureClass,
    error_type: stored(job.errorType),
    error_message: stored(job.errorMessage),
    failure_comment: stored(job.failureComment),
    description: stored(job.description),
    priority: job.priority,
    health_check: job.healthCheck ? 1 : 0,
    tags: JSON.stringify(job.tags),
    multinode_group: stored(job.multinodeGroup),
    role: stored(job.role),
    url: stored(job.url?.startsWith(source.url) ? job.url.slice(source.url.length) : job.url),
    is_public: derivedFrom.isPublic,
    ...totals,
    lost_suites: derivedFrom.lostSuites,
    log_id: derivedFrom.logId,
    digest: packed.digest,
    changed_at: at,
    settled: derivedFrom.settled,
    gone_at: null,
    log_removed_at: derivedFrom.logRemovedAt,
    detail_removed_at: null,
    results_removed_at: null,
  };
  if (old && old.isPublic !== derivedFrom.isPublic) {
    if (job.isPublic) await showToPublic(writer.store, old.id);
    else if (!isTakenOver) await hideFromPublic(writer.store, old.id, at);
  }
  const jobId = old
    ? await updateRow(writer, old.id, row)
    : await insertRow(writer, { ...row, first_seen_at: at, via });
  if (!old) writer.freshTexts.add('job', [jobId]);
  if (old && old.logId !== derivedFrom.logId) await releaseLog(sql, old.logId);
  const place = { jobId, envId, month: monthOf(job.submitAt) };
  await writer.store.prepareMonth(place.month);
  await sql.run(
    'INSERT INTO job_text (job_id, env_id, month, body) VALUES (?, ?, ?, ?)',
    ...Object.values(place),
    packJobText({ definition: job.definition, metadata: job.metadata, plannedSuites: job.plannedSuites }),
  );
  const faults = newLog ? packed.failure.faults : (known?.faults ?? []);
  const { submitAt, endAt, failureClass: ofClass } = derivedFrom;
  await putFailures(
    writer,
    {
      ...{ id: jobId, envId, submitAt, endAt, failureClass: ofClass },
      ...{ errorType: stored(job.errorType), errorMessage: stored(job.errorMessage), device: stored(job.device) },
    },
    { step: packed.failure.step, faults },
  );
  const labels: number[] = [];
  for (const [key, value] of Object.entries(job.metadata)) labels.push(await dictionary.label(key, value));
  await insertRows(
    sql,
    'INSERT INTO job_label (label_id, job_id, env_id)',
    labels.map((id) => [id, jobId, envId]),
    'ON CONFLICT DO NOTHING',
  );
  const runs = await insertRuns(writer, { jobId, envId }, suites);
  if (suites.length > 0) await insertFrames(sql, place, packed.detail);
  await addDerived(writer, { ...derivedFrom, id: jobId }, runs);
  if (old) await leaveOutAgain(writer, jobId, at);
  if (newLog) hits = packed.searched.rules === (await writer.issues.current()) ? packed.searched.findings : new Map();
  await explainJob(writer, jobId, hits);
  return 'written';
}

/** Call inside a transaction. What is stored of the job was found to be final; a job that is not stored stays so. */
export async function settleJob(writer: Writer, source: SourceKey, externalId: string, at: Micros): Promise<void> {
  await writer.store.sql.run(
    `UPDATE job SET settled = 1, changed_at = ?
     WHERE source_id = ? AND epoch = ? AND external_id = ? AND state = ? AND settled = 0`,
    ...[at, source.id, source.epoch, toStored(externalId), FINISHED],
  );
}

/** Read beside the transaction: what a rule that is newer wants is looked for in it. */
function searchFor(
  { store, issues }: Writer,
  job: JobRecord,
  suites: readonly PackedSuite[],
  log: PackedLog | null,
): PackedJob['searched'] {
  const rules = issues.known();
  const failing = suites.reduce((n, { suite, counts }) => n + (suite.isSteps ? 0 : counts.fail), 0);
  return { rules, findings: log ? searchPackedLog(store, log, rulesForLog(rules, job, failing)) : new Map() };
}

type Log = NonNullable<JobResults['log']>;

type Row = Record<string, string | number | Uint8Array | null>;

async function workerOf(writer: Writer, deviceId: number): Promise<number | null> {
  const row = await writer.store.sql.get<{ id: number | null }>(
    'SELECT worker_id AS id FROM device WHERE id = ?',
    deviceId,
  );
  return row?.id ?? null;
}

async function lost(writer: Writer, job: JobRecord, ran: readonly PackedSuite[]): Promise<number[]> {
  const seen = new Set(ran.map(({ name }) => name));
  const missing = [...new Set(job.plannedSuites)].filter((name) => !seen.has(name));
  const ids: number[] = [];
  for (const name of missing) ids.push(await writer.dictionary.id('suite', name));
  return ids;
}

/** Whether the log that is stored is whole, or at least longer than one that breaks off. */
async function hasMoreLog(sql: Sql, old: StoredJob | undefined, bytes: number): Promise<boolean> {
  const more = await sql.get(
    'SELECT id FROM log WHERE id = ? AND (truncated = 0 OR bytes > ?)',
    old?.logId ?? null,
    bytes,
  );
  return more !== undefined;
}

async function ensureLog(writer: Writer, log: PackedLog, { bytes, truncated }: Log): Promise<number> {
  const { sql, logDir } = writer.store;
  const path = logPath(logDir, log.hash);
  // It may have gone with the last job that named it, after it was packed.
  if (!existsSync(path)) writeLogFile(logDir, bytes);
  writer.logFolders.add(dirname(path));
  // What broke off after its last byte may come again whole.
  const known = await sql.get<{ id: number }>(
    `${HOLD_LOG}, truncated = truncated * ? WHERE hash = ? RETURNING id`,
    truncated ? 1 : 0,
    log.hash,
  );
  if (known) return known.id;
  const row = await sql.get<{ id: number }>(
    'INSERT INTO log (hash, bytes, line_count, truncated, lines) VALUES (?, ?, ?, ?, ?) RETURNING id',
    log.hash,
    log.bytes,
    log.lineCount,
    truncated ? 1 : 0,
    packLogIndex(log.index),
  );
  if (!row) throw new Error('a log was not stored');
  return row.id;
}

async function insertRow(writer: Writer, row: Row): Promise<number> {
  const names = Object.keys(row);
  const found = await writer.store.sql.get<{ id: number }>(
    `INSERT INTO job (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) RETURNING id`,
    ...Object.values(row),
  );
  if (!found) throw new Error('a job was not stored');
  return found.id;
}

async function updateRow(writer: Writer, id: number, row: Row): Promise<number> {
  const set = Object.keys(row).map((name) => `${name} = ?`);
  await writer.store.sql.run(
    `UPDATE job SET ${set.join(', ')}, revision = revision + 1 WHERE id = ?`,
    ...Object.values(row),
    id,
  );
  return id;
}

function stored(text: string | null): string | null {
  return text === null ? null : toStored(text);
}
