/** Into which groups a split would put the failures of a group, before it is saved: of the jobs in sight. */
import { fingerprintOfFault, GROUP_KINDS } from '#analysis/failure-fingerprint.ts';
import { type CompiledSplit, LOOKED_AT, namedPart, partFor, type SplitPlace } from '#analysis/group-split.ts';
import type { Viewer } from '#schema/viewer.ts';
import { type EnvironmentRow, listEnvironments } from './environment.ts';
import { parseFacts } from './failure-facts.ts';
import { findGroup } from './group-merge.ts';
import type { SplitPart } from './group-split.ts';
import { countInSight, readMerges } from './merged-groups.ts';
import type { Store } from './store.ts';
import { fromStored } from './text.ts';
import { triagerOf } from './visibility.ts';
import { textForSplit, textOfFault } from './write-failures.ts';

export type SplitTrial = {
  /** The most jobs first. */
  parts: SplitPart[];
  /** Jobs that would stay. */
  left: number;
  looked: number;
  /** Older jobs were not looked at. */
  moreJobs: boolean;
  /** Jobs that people merged into the group, which the split leaves where they are. */
  merged: number;
};

/** Jobs whose messages are looked at, the newest. */
const JOBS = 5_000;
/** Characters of a stored text that hold LOOKED_AT of it, each perhaps written as five. */
const STORED = 5 * LOOKED_AT;

const KERNEL_FAULT = GROUP_KINDS.indexOf('KERNEL_FAULT');

type Sample = { place: SplitPlace; jobs: number };

/** @throws Forbidden unless a triager asks. @throws NotFound where the viewer sees no job of the group. */
export async function trySplit(
  store: Store,
  viewer: Viewer,
  fingerprint: string,
  split: CompiledSplit,
  most = JOBS,
): Promise<SplitTrial> {
  triagerOf(viewer);
  const group = { ...(await findGroup(store, viewer, fingerprint)), fingerprint };
  const environments = await listEnvironments(store, viewer, {});
  const samples =
    split.by === 'MESSAGE'
      ? await byMessage(store, environments, group, most)
      : await byEnvironment(store, environments, group.id);
  const jobsOf = new Map<string | null, number>();
  for (const { place, jobs } of samples) {
    const part = partFor(split, place);
    jobsOf.set(part, (jobsOf.get(part) ?? 0) + jobs);
  }
  const parts = [...jobsOf].flatMap(([part, count]) => {
    if (part === null) return [];
    const { title, fingerprint: of } = namedPart(group, split, part);
    return [{ fingerprint: of, title, count }];
  });
  const looked = samples.reduce((n, { jobs }) => n + jobs, 0);
  const counts = await countInSight(store, viewer, (await readMerges(store, viewer)).membersOf(group.id));
  const own = counts.get(group.id) ?? 0;
  return {
    parts: parts.sort((a, b) => b.count - a.count || (a.title < b.title ? -1 : 1)),
    left: jobsOf.get(null) ?? 0,
    looked,
    moreJobs: looked < own,
    merged: [...counts.values()].reduce((n, count) => n + count, 0) - own,
  };
}

async function byEnvironment({ sql }: Store, environments: EnvironmentRow[], groupId: number): Promise<Sample[]> {
  const rows = await sql.all<{ envId: number; jobs: number }>(
    `SELECT o.env_id AS "envId", count(*) AS jobs FROM failure_occurrence o
     WHERE o.group_id = ? AND o.env_id IN (${marksOf(environments)}) GROUP BY o.env_id`,
    ...[groupId, ...environments.map(({ id }) => id)],
  );
  const byId = new Map(environments.map((one) => [one.id, one]));
  return rows.flatMap(({ envId, jobs }) => {
    const place = byId.get(envId);
    return place ? [{ place: { source: place.slug, deviceType: place.deviceType, text: null }, jobs }] : [];
  });
}

async function byMessage(
  { sql }: Store,
  environments: EnvironmentRow[],
  group: { id: number; kind: number; fingerprint: string },
  most: number,
): Promise<Sample[]> {
  const isFault = group.kind === KERNEL_FAULT;
  const newest = `SELECT o.job_id, o.env_id FROM failure_occurrence o
    WHERE o.group_id = ? AND o.env_id IN (${marksOf(environments)}) ORDER BY o.at DESC, o.job_id DESC LIMIT ${most}`;
  const text = isFault
    ? `SELECT f.facts AS text FROM (${newest}) n LEFT JOIN job_failure f ON f.job_id = n.job_id AND f.env_id = n.env_id`
    : `SELECT substr(j.error_message, 1, ${STORED}) AS text FROM (${newest}) n
       JOIN job j ON j.id = n.job_id AND j.env_id = n.env_id`;
  const rows = await sql.all<{ text: string | null; jobs: number }>(
    `SELECT q.text, count(*) AS jobs FROM (${text}) q GROUP BY q.text`,
    ...[group.id, ...environments.map(({ id }) => id)],
  );
  const [ofGroup] = group.fingerprint.split('~');
  const said = (stored: string | null) => {
    if (!isFault) return stored === null ? null : fromStored(stored);
    const fault = parseFacts(stored).faults.find((one) => fingerprintOfFault(one) === ofGroup);
    return fault ? textOfFault(fault) : null;
  };
  return rows.map((row) => ({
    place: { source: '', deviceType: '', text: textForSplit(said(row.text)) },
    jobs: row.jobs,
  }));
}

const marksOf = (environments: readonly EnvironmentRow[]) => environments.map(() => '?').join(', ');
