/** One job into the store, atomically: row, texts, suite runs, details, histories, rollups. */
import { deriveBuild } from '#analysis/build-mapping.ts';
import { failureClass, isInfrastructure } from '#analysis/failure-class.ts';
import { FailureClass, type JobChange, JobHealth, type JobRecord, JobState, type Micros } from '#schema/records.ts';
import { digest } from './codec.ts';
import { compressDetail, packDetail } from './detail.ts';
import { Conflict } from './error.ts';
import { insertRun, removeRun } from './history.ts';
import { packJobText, unpackJobText } from './job-text.ts';
import { type PackedLog, packLog, writeLogFile } from './log-file.ts';
import { packLogIndex } from './log-index.ts';
import { applyShare, type Share } from './rollup.ts';
import { insertRuns, type PackedSuite, packSuite, type RunRow, readRuns } from './suite-run.ts';
import { toStored } from './text.ts';
import { createWriter as createBytes, createReader } from './varint.ts';
import type { Writer } from './writer.ts';

export type SourceKey = { id: number; slug: string; epoch: number; url: string };

export type WriteOutcome = 'written' | 'unchanged';

/** A job packed outside the transaction: hashing, compressing and the log's file take no lock. */
export type PackedJob = {
  change: JobChange;
  log: PackedLog | null;
  suites: readonly PackedSuite[];
  detail: Buffer;
  digest: Buffer;
};

/** Packs the job and puts its log on disk. */
export function packJob(writer: Writer, change: JobChange): PackedJob {
  const results = change.results;
  const log = results?.log ? packLog(results.log.bytes) : null;
  if (log) writeLogFile(writer.store.logDir, log);
  const detail = packDetail(results?.suites ?? []);
  const suites = (results?.suites ?? []).map(packSuite);
  const said = [
    JSON.stringify([change.job, log?.hash.toString('hex') ?? null, results?.log?.truncated ?? false]),
    ...suites.flatMap(({ suite, shapeHash, verdicts }) => [
      JSON.stringify([suite.externalId, suite.name, suite.isSteps]),
      shapeHash,
      verdicts,
    ]),
    detail,
  ];
  return { change, log, suites, detail, digest: digest(Buffer.concat(said.map((part) => Buffer.from(part)))) };
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
  const old = await sql.get<JobRow>(
    `${SELECT_JOB} WHERE source_id = ? AND epoch = ? AND external_id = ?`,
    source.id,
    source.epoch,
    job.externalId,
  );
  if (old) {
    if (old.submitAt !== job.submitAt) {
      throw new Conflict(`${source.slug}: job ${job.externalId} was submitted at another time than the stored one`);
    }
    if (old.state === FINISHED && job.state !== 'FINISHED') return 'unchanged';
    if (Buffer.compare(old.digest, packed.digest) === 0) {
      if (old.settled === (settled ? 1 : 0)) return 'unchanged';
      await sql.run('UPDATE job SET settled = ?, changed_at = ? WHERE id = ?', settled ? 1 : 0, at, old.id);
      return 'written';
    }
    await retract(writer, old);
  }

  const { dictionary } = writer;
  const deviceTypeId = await dictionary.id('deviceType', job.deviceType ?? '');
  const envId = await dictionary.id('env', deviceTypeId, source.id, job.isPublic ? 1 : 0);
  const build = await placeInBuild(writer, source.slug, job);
  const deviceId =
    job.device === null ? null : await dictionary.device(source.id, job.device, deviceTypeId, job.isPublic);
  const workerId = old?.workerId ?? (deviceId === null ? null : await workerOf(writer, deviceId));
  const failure = failureClass(job);
  const { suites } = packed;
  const totals = { pass: 0, fail: 0, skip: 0, unknown: 0, steps: 0 };
  for (const { suite, counts } of suites) {
    if (suite.isSteps) totals.steps += suite.cases.length;
    else for (const key of ['pass', 'fail', 'skip', 'unknown'] as const) totals[key] += counts[key];
  }
  const lostSuites = isInfrastructure(failure) ? await lost(writer, job, suites) : [];
  const row: Row = {
    env_id: envId,
    source_id: source.id,
    epoch: source.epoch,
    external_id: job.externalId,
    project_id: build?.projectId ?? null,
    branch_id: build?.branchId ?? null,
    build_id: build?.buildId ?? null,
    device_id: deviceId,
    worker_id: workerId,
    submitter_id: job.submitter === null ? null : await dictionary.id('submitter', job.submitter),
    submit_at: job.submitAt,
    start_at: job.startAt,
    end_at: job.endAt,
    state: JobState.options.indexOf(job.state),
    health: JobHealth.options.indexOf(job.health),
    failure_class: FailureClass.options.indexOf(failure),
    error_type: stored(job.errorType),
    error_message: stored(job.errorMessage),
    failure_comment: stored(job.failureComment),
    description: stored(job.description),
    priority: job.priority,
    health_check: job.healthCheck ? 1 : 0,
    tags: JSON.stringify(job.tags),
    multinode_group: stored(job.multinodeGroup),
    role: stored(job.role),
    url: job.url?.startsWith(source.url) ? job.url.slice(source.url.length) : job.url,
    is_public: job.isPublic ? 1 : 0,
    ...totals,
    lost_suites: lostSuites.length === 0 ? null : packIds(lostSuites),
    log_id: packed.log ? await ensureLog(writer, packed.log, results?.log?.truncated ?? false) : null,
    digest: packed.digest,
    changed_at: at,
    settled: settled ? 1 : 0,
  };
  const jobId = old
    ? await updateRow(writer, old.id, row)
    : await insertRow(writer, { ...row, first_seen_at: at, via });
  await sql.run(
    'INSERT INTO job_text (job_id, body) VALUES (?, ?) ON CONFLICT (job_id) DO UPDATE SET body = excluded.body',
    jobId,
    packJobText({ definition: job.definition, metadata: job.metadata, plannedSuites: job.plannedSuites }),
  );
  for (const [key, value] of Object.entries(job.metadata)) {
    await sql.run(
      'INSERT INTO job_label (label_id, job_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      await dictionary.label(key, value),
      jobId,
    );
  }
  const runs = await insertRuns(writer, { jobId, envId }, suites);
  if (suites.length > 0) {
    const { codec, body } = compressDetail(packed.detail);
    await sql.run('INSERT INTO job_detail (job_id, codec, body) VALUES (?, ?, ?)', jobId, codec, body);
  }
  if (build) for (const run of runs) await insertRun(sql, writer.shapes, place(run, build.branchId, job.submitAt));
  const share = shareOf(
    {
      ...totals,
      envId,
      projectId: build?.projectId ?? null,
      buildId: build?.buildId ?? null,
      deviceId,
      state: JobState.options.indexOf(job.state),
      health: JobHealth.options.indexOf(job.health),
      failureClass: FailureClass.options.indexOf(failure),
      submitAt: job.submitAt,
      startAt: job.startAt,
      endAt: job.endAt,
    },
    runs,
    lostSuites,
  );
  await applyShare(sql, share, 1);
  return 'written';
}

type Row = Record<string, string | number | Uint8Array | null>;

type JobRow = Omit<Share, 'fate' | 'infrastructure' | 'runs' | 'lostSuites'> & {
  id: number;
  branchId: number | null;
  workerId: number | null;
  state: number;
  health: number;
  failureClass: number;
  lostSuites: Buffer | null;
  digest: Buffer;
  settled: number;
};

const SELECT_JOB = `SELECT id, env_id AS envId, project_id AS projectId, branch_id AS branchId, build_id AS buildId,
  device_id AS deviceId, worker_id AS workerId, submit_at AS submitAt, start_at AS startAt, end_at AS endAt, state,
  health, failure_class AS failureClass, pass, fail, skip, unknown, steps, lost_suites AS lostSuites, digest, settled FROM job`;
const FINISHED = JobState.options.indexOf('FINISHED');

/** Takes back all that the stored form of the job added elsewhere; the row itself stays. */
async function retract(writer: Writer, old: JobRow): Promise<void> {
  const { sql } = writer.store;
  const runs = await readRuns(sql, old.envId, old.id);
  const { branchId } = old;
  if (branchId !== null) {
    for (const run of runs.filter((r) => !r.isSteps).reverse())
      await removeRun(sql, writer.shapes, place(run, branchId, old.submitAt));
  }
  await applyShare(
    sql,
    shareOf(
      old,
      runs.filter((r) => !r.isSteps),
      old.lostSuites ? unpackIds(old.lostSuites) : [],
    ),
    -1,
  );
  await sql.run('DELETE FROM suite_run WHERE env_id = ? AND job_id = ?', old.envId, old.id);
  await sql.run('DELETE FROM job_detail WHERE job_id = ?', old.id);
  const text = await sql.get<{ body: Buffer }>('SELECT body FROM job_text WHERE job_id = ?', old.id);
  if (text) {
    const { metadata } = unpackJobText(text.body);
    for (const [key, value] of Object.entries(metadata)) {
      await sql.run(
        'DELETE FROM job_label WHERE label_id = ? AND job_id = ?',
        await writer.dictionary.label(key, value),
        old.id,
      );
    }
  }
}

function place(run: RunRow, branchId: number, submitAt: Micros) {
  return { ...run, branchId, at: Math.floor(submitAt / 1_000_000) };
}

function shareOf(
  job: Omit<Share, 'fate' | 'infrastructure' | 'runs' | 'lostSuites'> & {
    state: number;
    health: number;
    failureClass: number;
  },
  runs: RunRow[],
  lostSuites: number[],
): Share {
  const health = JobHealth.options[job.health];
  const fate =
    job.state !== FINISHED || health === 'UNKNOWN' || health === undefined
      ? 'running'
      : ({ COMPLETE: 'complete', INCOMPLETE: 'incomplete', CANCELED: 'canceled' } as const)[health];
  return {
    ...job,
    fate,
    infrastructure: isInfrastructure(FailureClass.options[job.failureClass] ?? 'NONE'),
    runs,
    lostSuites,
  };
}

async function placeInBuild(writer: Writer, source: string, job: JobRecord) {
  const key = deriveBuild(writer.rules, source, job.metadata);
  if (!key) return null;
  const { dictionary, store } = writer;
  const projectId = await dictionary.id('project', key.project);
  const branchId = await dictionary.id('branch', projectId, key.branch);
  const buildId = await dictionary.id('build', projectId, branchId, key.build);
  if (key.commit !== null) {
    await store.sql.run(
      'UPDATE build SET "commit" = ? WHERE id = ? AND ("commit" IS NULL OR "commit" > ?)',
      key.commit,
      buildId,
      key.commit,
    );
  }
  return { projectId, branchId, buildId };
}

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

async function ensureLog(writer: Writer, log: PackedLog, truncated: boolean): Promise<number> {
  const { sql } = writer.store;
  const known = await sql.get<{ id: number }>('SELECT id FROM log WHERE hash = ?', log.hash);
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

function packIds(ids: readonly number[]): Buffer {
  const bytes = createBytes();
  for (const id of ids) bytes.uint(id);
  return Buffer.from(bytes.finish());
}

function unpackIds(packed: Uint8Array): number[] {
  const reader = createReader(packed);
  const ids: number[] = [];
  while (!reader.done) ids.push(reader.uint());
  return ids;
}
