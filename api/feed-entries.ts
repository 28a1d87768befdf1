/** What is in a feed: the newest of what a page of the same name lists, by the same filters. */
import { z } from 'zod';
import type { FeedName } from '#schema/push.ts';
import { FailureClass } from '#schema/records.ts';
import { getBuildsById, getBuildTotals, getProject, listBuilds } from '#store/build.ts';
import { InvalidInput } from '#store/error.ts';
import { listFailureGroups } from '#store/failure-group.ts';
import { listRegressions } from '#store/regression.ts';
import { BASELINE, type RegressionRow } from '#store/regression-row.ts';
import type { SourceFilter } from '#store/source.ts';
import type { Context } from './context.ts';
import type { Entry } from './feed-format.ts';
import { toNodeId } from './node-id.ts';
import { buildAddress, failureAddress, testAddress } from './page-address.ts';
import { many, one, readQuery, text } from './query.ts';
import { readFilter } from './regression.ts';
import { required } from './required.ts';

export type FeedContext = Pick<Context, 'store' | 'viewer' | 'now'> & {
  /** Entries at most. */
  newest?: number;
};
export type Given = Readonly<Record<string, unknown>>;

export type Found = { title: string; scope: SourceFilter; entries: Entry[] };

const page = (limit = 50) => ({ limit, after: null, before: null, backward: false });
const DAY = 86_400_000_000;

const Builds = z.strictObject({ project: one(text), branch: one(text) });

/** A project that is not in sight has no builds. */
async function newBuilds({ store, viewer, newest }: FeedContext, given: Given): Promise<Found> {
  const { project, branch } = readQuery(Builds, given);
  if (project === undefined) throw new InvalidInput('"project" is missing: a feed has the builds of one project.');
  const title = `Builds of ${project}${branch ? ` on ${branch}` : ''}`;
  const found = await getProject(store, viewer, project);
  if (!found) return { title, scope: {}, entries: [] };
  const { rows } = await listBuilds(store, viewer, { projectId: found.id, branch }, page(newest));
  const totals = await getBuildTotals(
    store,
    viewer,
    rows.map(({ id }) => id),
  );
  const entries = rows.map(({ id, projectSlug, branch, version, createdAt }) => {
    const { pass = 0, fail = 0, skip = 0, unknown = 0, infrastructure = 0 } = totals.get(id) ?? {};
    const lost = infrastructure > 0 ? `; jobs that a lab lost: ${infrastructure}` : '';
    return {
      event: 'build.created' as const,
      id: toNodeId('Build', projectSlug, branch, version),
      path: buildAddress(projectSlug, version),
      title: `${projectSlug} ${version}`,
      text: `Pass: ${pass}, fail: ${fail}, skip: ${skip}, unknown: ${unknown}${lost}.`,
      publishedAt: createdAt,
      updatedAt: createdAt,
    };
  });
  return { title, scope: {}, entries };
}

const KINDS = { Kernel: 'KERNEL_FAULT', Job: 'JOB' } as const;
const failureClass = text.transform((given, context) => {
  const found = FailureClass.safeParse(given.toUpperCase());
  if (found.success) return found.data;
  context.addIssue({ code: 'custom', message: `"${given}" is no error type` });
  return z.NEVER;
});
const Failures = z.strictObject({
  lab: many(text),
  type: many(text),
  class: many(failureClass),
  kind: many(z.enum(['Kernel', 'Job']).transform((given) => KINDS[given])),
});

/** Groups whose first job ended last: over all that is stored, so that an old one is never new again. */
async function newFailures({ store, viewer, newest }: FeedContext, given: Given): Promise<Found> {
  const { lab, type, class: classes, kind } = readQuery(Failures, given);
  const scope = { sources: { slugs: lab }, deviceTypes: type };
  const wanted = { scope, class: classes, kind, minCount: 1 };
  const { rows } = await listFailureGroups(store, viewer, wanted, page(newest), 'FIRST_SEEN');
  const entries = rows.map(({ fingerprint, title, why, failureClass, firstSeen }) => ({
    event: 'failure.first-seen' as const,
    id: toNodeId('FailureGroup', fingerprint),
    path: failureAddress(fingerprint),
    title,
    text: `${failureClass}: ${why}`,
    publishedAt: firstSeen,
    updatedAt: firstSeen,
  }));
  return { title: 'New failures', scope: scope.sources, entries };
}

const Regressions = z.strictObject({
  project: one(text),
  branch: one(text),
  lab: many(text),
  type: many(text),
  state: many(z.enum(['open', 'fixed'])),
  days: one(z.coerce.number().int().min(1).max(90)),
});

async function newRegressions({ store, viewer, now, newest }: FeedContext, given: Given): Promise<Found> {
  const { project, branch, lab, type, state, days } = readQuery(Regressions, given);
  const open = state?.length === 1 ? state[0] === 'open' : undefined;
  const since = now() - (days ?? 7) * DAY;
  const scope = { sources: lab, deviceTypes: type };
  const filter = readFilter({ project, branch, open, since, scope }, now());
  const { rows } = await listRegressions(store, viewer, filter, BASELINE, page(newest));
  const ids = rows.flatMap(({ lastGoodId, firstBadId, fixedInId }) => [lastGoodId, firstBadId, fixedInId ?? []].flat());
  const builds = await getBuildsById(store, viewer, [...new Set(ids)]);
  const buildOf = (id: number) => required(builds.get(id), 'build');
  const entries = rows.map((row) => {
    const [lastGood, firstBad] = [buildOf(row.lastGoodId), buildOf(row.firstBadId)];
    const fixedIn = row.fixedInId === null ? null : buildOf(row.fixedInId);
    const test = `${row.suite}/${row.set === null ? '' : `${row.set}/`}${row.name}`;
    const where = `${row.project}${row.branch ? ` ${row.branch}` : ''}, ${row.deviceType || 'no type'}`;
    const fixed = fixedIn ? `, fixed in ${fixedIn.version}` : '';
    return {
      event: fixedIn ? ('regression.fixed' as const) : ('regression.began' as const),
      id: toNodeId('Regression', ...keyOf(row)),
      path: testAddress(row),
      title: `${test} fails since ${firstBad.version}${fixed} (${where})`,
      text: `It passed in ${lastGood.version}; builds that fail: ${row.failingBuilds}${fixed}.`,
      publishedAt: row.at * 1_000_000,
      updatedAt: Math.max(row.at * 1_000_000, fixedIn?.createdAt ?? 0),
    };
  });
  return { title: 'Regressions', scope: { slugs: lab }, entries };
}

/** As a node of the API, whatever labs the feed is narrowed to. */
function keyOf({ project, branch, at, suite, name, set, deviceType }: RegressionRow): (string | number)[] {
  return [project, branch, at, suite, name, set === null ? 0 : 1, set ?? '', deviceType, BASELINE.baseDays, 0];
}

export const FEEDS: Readonly<Record<FeedName, (context: FeedContext, given: Given) => Promise<Found>>> = {
  builds: newBuilds,
  failures: newFailures,
  regressions: newRegressions,
};
