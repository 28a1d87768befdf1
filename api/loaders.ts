/** Batches of one request: one query a kind and level, however many rows ask. */
import DataLoader from 'dataloader';
import type { RunVerdict } from '#analysis/run-verdict.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type AddedSource, getAddedById } from '#store/added-source.ts';
import { type AttributionRow, type Failure, getAttributions } from '#store/attribution.ts';
import { getCaseIds } from '#store/attribution-case.ts';
import { type AuditRow, getAudits } from '#store/audit.ts';
import {
  type BuildRow,
  type BuildTotals,
  getBuildsById,
  getBuildTotals,
  getProjectsById,
  type ProjectRow,
} from '#store/build.ts';
import { type CasePlace, getCasesAt, getMeasurements, type Measurement } from '#store/case-place.ts';
import { type DeliveryRow, listDeliveries } from '#store/delivery.ts';
import {
  type GroupedFault,
  type GroupScope,
  type GroupSum,
  getGroupsOfJobs,
  getKernelFaults,
  type JobGroup,
} from '#store/failure-group.ts';
import {
  type DeviceRow,
  type DeviceTypeFacts,
  type DeviceTypeRow,
  getDevicesById,
  getDeviceTypeFacts,
  getDeviceTypesById,
  getInfraRates,
  getWorkerLoads,
  getWorkersById,
  listDeviceHealth,
  type WorkerLoad,
  type WorkerRow,
} from '#store/fleet.ts';
import {
  type GroupDay,
  getGroupBuilds,
  getGroupDays,
  getGroupDevices,
  getGroupSources,
  getGroupSums,
  getNewestJobs,
  type NewestJob,
} from '#store/group-job.ts';
import { type GroupMerge, getGroupMerges } from '#store/group-merge.ts';
import { getGroupSplits, type SplitsOfGroup } from '#store/group-split.ts';
import { type GroupTriage, getTriages } from '#store/group-triage.ts';
import {
  type FailingIn,
  type GroupIssue,
  getIssuesOfGroups,
  getIssuesOfJobs,
  getIssuesOfTests,
  type JobMatch,
} from '#store/issue-match.ts';
import { getJobsById, getJobTexts, type JobRow } from '#store/job.ts';
import type { JobText } from '#store/job-text.ts';
import { getIssueSums, type IssueRow, type IssueSum } from '#store/known-issue.ts';
import { getLogLines, type LinePlace } from '#store/log-line.ts';
import { getMailAddresses } from '#store/mail-address.ts';
import type { MatrixScope } from '#store/matrix.ts';
import { listMatrixOnce, type OnceRow } from '#store/matrix-once.ts';
import { getNewestResults } from '#store/newest-result.ts';
import { getNotes, type NoteRow } from '#store/note.ts';
import { getOmissions, type Omission } from '#store/omission.ts';
import { getRawBytes } from '#store/quarantined.ts';
import { type AskedSince, getAsked } from '#store/request-slot.ts';
import { getSourcesById, getSourceTotals, type SourceRow, type SourceTotals } from '#store/source.ts';
import { getSourceQueues, type QueueRow } from '#store/source-queue.ts';
import type { Store } from '#store/store.ts';
import { getCasesByNumber, listSuites, type SuiteRow, type TestCaseRow } from '#store/test-case.ts';
import { MAX_PAGE } from './connection.ts';

/** Requests of the last hours. */
type AskedOf = { id: number; hours: number };
type GroupOf = { id: number; scope: GroupScope };
type OnceOf = { build: BuildRow; scope: MatrixScope; verdict: RunVerdict };
/** A case of a job by its number on the master. */
type CaseNumber = { jobId: number; number: number };
type RawOf = { id: number; from: number; size: number };
type Health = Awaited<ReturnType<typeof listDeviceHealth>>[number];
type ById<Row> = DataLoader<number, Row | undefined>;
type ByPlace<Row> = DataLoader<CasePlace, Row | null, string>;

export type Loaders = {
  source: ById<SourceRow>;
  sourceTotals: ById<SourceTotals>;
  addedSource: ById<AddedSource>;
  sourceQueue: ById<QueueRow>;
  audit: ById<AuditRow>;
  asked: DataLoader<AskedOf, AskedSince | null, string>;
  rawBytes: DataLoader<RawOf, Buffer, string>;
  worker: ById<WorkerRow>;
  workerLoad: ById<WorkerLoad>;
  workerInfraRate: ById<number>;
  device: ById<DeviceRow>;
  deviceInfraRate: ById<number>;
  deviceHealth: ById<Health[]>;
  deviceType: ById<DeviceTypeRow>;
  deviceTypeFacts: ById<DeviceTypeFacts>;
  job: ById<JobRow>;
  jobText: ById<JobText>;
  suites: ById<SuiteRow[]>;
  jobGroups: ById<JobGroup[]>;
  omissions: ById<Omission[]>;
  notes: ById<NoteRow[]>;
  kernelFaults: ById<readonly GroupedFault[]>;
  jobIssues: ById<JobMatch[]>;
  issueSum: ById<IssueSum>;
  testIssue: DataLoader<FailingIn, IssueRow | null, string>;
  groupIssues: DataLoader<GroupOf, GroupIssue[], string>;
  groupSum: DataLoader<GroupOf, GroupSum | null, string>;
  groupDays: DataLoader<GroupOf, GroupDay[], string>;
  groupSources: DataLoader<GroupOf, number[], string>;
  groupDevices: DataLoader<GroupOf, number[], string>;
  groupBuilds: DataLoader<GroupOf, number, string>;
  groupNewest: DataLoader<GroupOf, NewestJob | null, string>;
  logLine: DataLoader<LinePlace, string | null, string>;
  mail: ById<string>;
  /** Of a subscription that the viewer may see. */
  deliveries: DataLoader<string, DeliveryRow[]>;
  groupTriage: ById<GroupTriage>;
  groupMerges: ById<GroupMerge[]>;
  groupSplits: ById<SplitsOfGroup>;
  project: ById<ProjectRow>;
  build: ById<BuildRow>;
  buildTotals: ById<BuildTotals>;
  matrixOnce: DataLoader<OnceOf, OnceRow[], string>;
  newestResult: ById<TestCaseRow>;
  caseByNumber: DataLoader<CaseNumber, TestCaseRow | null, string>;
  caseAt: ByPlace<TestCaseRow>;
  measurementAt: ByPlace<Measurement>;
  caseIdAt: ByPlace<number>;
  attribution: DataLoader<Failure, AttributionRow | null, string>;
};

const WEEK = 7;
const DAY = 86_400_000_000;
const HOUR = 3_600_000_000;

/** `live`: for a connection that lasts, whose answers must not age in a cache. */
export function createLoaders(store: Store, viewer: Viewer, now: number, live: boolean): Loaders {
  const by = <Row>(
    load: (ids: readonly number[]) => Promise<Map<number, Row>>,
    maxBatchSize = Number.POSITIVE_INFINITY,
  ): ById<Row> =>
    new DataLoader(
      async (ids) => {
        const rows = await load(ids);
        return ids.map((id) => rows.get(id));
      },
      { cache: !live, maxBatchSize },
    );
  const byPlace = <Row>(load: (places: readonly CasePlace[]) => Promise<(Row | null)[]>): ByPlace<Row> =>
    new DataLoader(load, {
      cache: !live,
      cacheKeyFn: ({ jobId, ord, position }) => `${jobId}/${ord}/${position}`,
    });
  /** One query for all that want the same of their rows. */
  const alike = <Key extends { id: number }, Row>(
    keyOf: (key: Key) => string,
    load: (ids: readonly number[], like: Key) => Promise<Map<number, Row>>,
    absent: Row,
  ) =>
    new DataLoader<Key, Row, string>(
      async (keys) => {
        const rows = new Map<Key, Row>();
        for (const group of Map.groupBy(keys, keyOf).values()) {
          const [like] = group;
          if (!like) continue;
          const found = await load(
            group.map(({ id }) => id),
            like,
          );
          for (const key of group) rows.set(key, found.get(key.id) ?? absent);
        }
        return keys.map((key) => rows.get(key) ?? absent);
      },
      { cache: !live, cacheKeyFn: (key) => `${key.id} ${keyOf(key)}` },
    );
  const ofGroup = <Row>(load: (ids: readonly number[], like: GroupOf) => Promise<Map<number, Row>>, absent: Row) =>
    alike<GroupOf, Row>(({ scope }) => JSON.stringify(scope), load, absent);
  const weekAgo = Math.floor(now / DAY) - WEEK;
  return {
    source: by((ids) => getSourcesById(store, viewer, ids)),
    sourceTotals: by((ids) => getSourceTotals(store, viewer, ids)),
    addedSource: by((ids) => getAddedById(store, viewer, ids)),
    sourceQueue: by((ids) => getSourceQueues(store, viewer, ids)),
    audit: by((ids) => getAudits(store, viewer, ids)),
    asked: alike<AskedOf, AskedSince | null>(
      ({ hours }) => String(hours),
      (ids, { hours }) => getAsked(store, viewer, ids, now - hours * HOUR),
      null,
    ),
    rawBytes: alike<RawOf, Buffer>(
      ({ from, size }) => `${from} ${size}`,
      (ids, { from, size }) => getRawBytes(store, viewer, ids, from, size),
      Buffer.alloc(0),
    ),
    worker: by((ids) => getWorkersById(store, viewer, ids)),
    workerLoad: by((ids) => getWorkerLoads(store, viewer, ids)),
    workerInfraRate: by((ids) => getInfraRates(store, viewer, 'worker', ids, weekAgo)),
    device: by((ids) => getDevicesById(store, viewer, ids)),
    deviceInfraRate: by((ids) => getInfraRates(store, viewer, 'device', ids, weekAgo)),
    deviceHealth: by(async (ids) => Map.groupBy(await listDeviceHealth(store, viewer, ids), (row) => row.deviceId)),
    deviceType: by((ids) => getDeviceTypesById(store, viewer, ids)),
    deviceTypeFacts: by((ids) => getDeviceTypeFacts(store, viewer, ids)),
    job: by((ids) => getJobsById(store, viewer, ids)),
    jobText: by((ids) => getJobTexts(store, viewer, ids)),
    suites: by((ids) => listSuites(store, viewer, ids)),
    omissions: by((ids) => getOmissions(store, viewer, ids)),
    notes: by((ids) => getNotes(store, viewer, ids)),
    jobGroups: by((ids) => getGroupsOfJobs(store, viewer, ids)),
    kernelFaults: by((ids) => getKernelFaults(store, viewer, ids)),
    jobIssues: by((ids) => getIssuesOfJobs(store, viewer, ids, now)),
    issueSum: by((ids) => getIssueSums(store, viewer, ids, now)),
    testIssue: new DataLoader((tests) => getIssuesOfTests(store, viewer, tests, now), {
      cache: !live,
      cacheKeyFn: (test) => JSON.stringify(test),
    }),
    groupIssues: ofGroup((ids, { scope }) => getIssuesOfGroups(store, viewer, ids, scope, now), []),
    groupSum: ofGroup<GroupSum | null>((ids, { scope }) => getGroupSums(store, viewer, ids, scope), null),
    groupDays: ofGroup((ids, { scope }) => getGroupDays(store, viewer, ids, scope), []),
    groupSources: ofGroup((ids, { scope }) => getGroupSources(store, viewer, ids, scope), []),
    groupDevices: ofGroup((ids, { scope }) => getGroupDevices(store, viewer, ids, scope), []),
    groupBuilds: ofGroup((ids, { scope }) => getGroupBuilds(store, viewer, ids, scope), 0),
    groupNewest: ofGroup<NewestJob | null>((ids, { scope }) => getNewestJobs(store, viewer, ids, scope), null),
    logLine: new DataLoader((places) => getLogLines(store, viewer, places), {
      cache: !live,
      cacheKeyFn: ({ jobId, line }) => `${jobId}/${line}`,
    }),
    mail: by((ids) => getMailAddresses(store, viewer, ids)),
    deliveries: new DataLoader(
      async (keys) => {
        const found = await listDeliveries(store, keys);
        return keys.map((key) => found.get(key) ?? []);
      },
      { cache: !live },
    ),
    groupTriage: by((ids) => getTriages(store, viewer, ids)),
    groupMerges: by((ids) => getGroupMerges(store, viewer, ids)),
    groupSplits: by((ids) => getGroupSplits(store, viewer, ids)),
    project: by((ids) => getProjectsById(store, viewer, ids)),
    build: by((ids) => getBuildsById(store, viewer, ids)),
    buildTotals: by((ids) => getBuildTotals(store, viewer, ids)),
    matrixOnce: new DataLoader(
      (wanted) =>
        Promise.all(wanted.map(({ build, scope, verdict }) => listMatrixOnce(store, viewer, [build], scope, verdict))),
      { cache: !live, cacheKeyFn: ({ build, scope, verdict }) => JSON.stringify([build.id, scope, verdict]) },
    ),
    newestResult: by((ids) => getNewestResults(store, viewer, ids), MAX_PAGE),
    caseByNumber: new DataLoader(
      async (wanted) => {
        const found = new Map<string, TestCaseRow>();
        for (const [jobId, of] of Map.groupBy(wanted, (one) => one.jobId)) {
          const numbers = of.map(({ number }) => number);
          for (const row of await getCasesByNumber(store, viewer, jobId, numbers))
            found.set(`${jobId}/${row.externalId}`, row);
        }
        return wanted.map(({ jobId, number }) => found.get(`${jobId}/${number}`) ?? null);
      },
      { cache: !live, cacheKeyFn: ({ jobId, number }) => `${jobId}/${number}` },
    ),
    caseAt: byPlace((places) => getCasesAt(store, viewer, places)),
    measurementAt: byPlace((places) => getMeasurements(store, viewer, places)),
    caseIdAt: byPlace((places) => getCaseIds(store, viewer, places)),
    attribution: new DataLoader((failures) => getAttributions(store, viewer, failures), {
      cache: !live,
      cacheKeyFn: ({ jobId, caseId }) => `${jobId}/${caseId}`,
    }),
  };
}
