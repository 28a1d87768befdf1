import { errorPatternOf, patternOf } from '#analysis/failure-pattern.ts';
import { InvalidInput } from '#store/error.ts';
import {
  countFailureGroups,
  failureGroupKey,
  type GroupedFault,
  type GroupName,
  type GroupScope,
  type GroupSum,
  getFailureGroup,
  listFailureGroups,
} from '#store/failure-group.ts';
import { groupJobKey, listGroupJobs } from '#store/group-job.ts';
import type { JobRow } from '#store/job.ts';
import { type Connection, MAX_PAGE, readPage, toConnection } from './connection.ts';
import type { Context } from './context.ts';
import { coverageOf, toScope, toSourceFilter } from './coverage.ts';
import { instantOf } from './days.ts';
import type { Resolvers } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

/** A group as far as a scope goes; its sums where they were read with it. */
export type FailureGroupParent = GroupName & { scope: GroupScope; sum: GroupSum | null };
export type FaultParent = GroupedFault;
export type NewestParent = { job: JobRow; line: number | null };
export type FailureGroupList = Connection<FailureGroupParent, number>;

/** Characters of a line of a log. */
const SHOWN = 500;

async function sumOf({ id, scope, sum }: FailureGroupParent, { loaders }: Context): Promise<GroupSum> {
  return sum ?? required((await loaders.groupSum.load({ id, scope })) ?? undefined, 'jobs of a failure group');
}

/** The job of a group that ended last, of those in sight and in scope. */
async function newestOf({ id, scope }: FailureGroupParent, { loaders }: Context): Promise<NewestParent> {
  const { jobId, line } = required((await loaders.groupNewest.load({ id, scope })) ?? undefined, 'newest job');
  return { job: required(await loaders.job.load(jobId), 'newest job'), line };
}

async function textOf({ job, line }: NewestParent, { loaders }: Context): Promise<string | null> {
  return line === null ? null : loaders.logLine.load({ jobId: job.id, line });
}

export const failureGroup: Pick<
  Resolvers,
  'Query' | 'FailureGroup' | 'FailureGroupConnection' | 'FailureGroupJob' | 'Job'
> = {
  Query: {
    async failureGroups(_, { filter, orderBy, ...args }, { store, viewer }) {
      const minCount = filter?.minCount ?? 1;
      if (minCount < 1) throw new InvalidInput(`"minCount" is ${minCount}: a group has at least one job.`);
      const scope = toScope(filter?.scope);
      const begins = [scope.since, filter?.since].filter((at) => at != null);
      const wanted = {
        scope: { ...scope, since: begins.length > 0 ? Math.max(...begins) : undefined },
        class: filter?.class,
        kind: filter?.kind,
        minCount,
        triaged: filter?.triaged,
        triage: filter?.triage,
      };
      const order = orderBy ?? 'JOBS';
      const page = await listFailureGroups(store, viewer, wanted, readPage(args, ['number', 'id']), order);
      const connection = toConnection(page, failureGroupKey, toSourceFilter(filter?.scope), () =>
        countFailureGroups(store, viewer, wanted),
      );
      const edges = connection.edges.map(({ cursor, node }) => ({
        cursor,
        node: { ...node, scope: wanted.scope, sum: node },
      }));
      return { ...connection, edges };
    },
    async failureGroup(_, { fingerprint, scope }, { store, viewer }) {
      const within = toScope(scope);
      const found = await getFailureGroup(store, viewer, fingerprint, within);
      return found && { ...found, scope: within, sum: found };
    },
  },
  FailureGroup: {
    id: ({ fingerprint }) => toNodeId('FailureGroup', fingerprint),
    class: ({ failureClass }) => failureClass,
    count: async (group, _, context) => (await sumOf(group, context)).count,
    firstSeen: async (group, _, context) => (await sumOf(group, context)).firstSeen,
    lastSeen: async (group, _, context) => (await sumOf(group, context)).lastSeen,
    async sources({ id, scope }, _, { loaders }) {
      const found = await loaders.source.loadMany(await loaders.groupSources.load({ id, scope }));
      return found.map((one) => required(one instanceof Error ? undefined : one, 'source'));
    },
    async devices({ id, scope }, { first }, { loaders }) {
      const ids = (await loaders.groupDevices.load({ id, scope })).slice(0, Math.max(0, first ?? MAX_PAGE));
      const found = await loaders.device.loadMany(ids);
      return found.flatMap((one) => (one && !(one instanceof Error) ? [one] : []));
    },
    deviceCount: async ({ id, scope }, _, { loaders }) => (await loaders.groupDevices.load({ id, scope })).length,
    async days({ id, scope }, _, { loaders }) {
      return (await loaders.groupDays.load({ id, scope })).map(({ day, jobs }) => ({ at: instantOf(day), jobs }));
    },
    buildCount: ({ id, scope }, _, { loaders }) => loaders.groupBuilds.load({ id, scope }),
    newest: (group, _, context) => newestOf(group, context),
    async errorPattern(group, _, context) {
      if (group.kind !== 'JOB') return null;
      const { job } = await newestOf(group, context);
      const device = job.deviceId === null ? undefined : await context.loaders.device.load(job.deviceId);
      return job.errorMessage === null ? null : errorPatternOf(job.errorMessage, device ? [device.hostname] : []);
    },
    async logPattern(group, _, context) {
      if (group.kind !== 'KERNEL_FAULT') return null;
      const newest = await newestOf(group, context);
      const [faults, text] = [await context.loaders.kernelFaults.load(newest.job.id), await textOf(newest, context)];
      const fault = faults?.find(({ firstLine }) => firstLine === newest.line);
      return fault && text !== null ? patternOf(fault.summary, text) : null;
    },
    async triage(group, _, context) {
      const found = await context.loaders.groupTriage.load(group.id);
      if (!found) return null;
      const { state, at, comment, login: by, issue: knownIssue } = found;
      const fixedAt = knownIssue?.fixedAt ?? null;
      const isRecurring = fixedAt !== null && (await sumOf(group, context)).lastSeen > fixedAt;
      return { state, at, comment, by, knownIssue, isRecurring };
    },
    async jobs(group, args, context) {
      const page = readPage(args, ['number', 'id']);
      const found = await listGroupJobs(context.store, context.viewer, group.id, group.scope, page);
      const connection = toConnection(found, groupJobKey, group.scope.sources ?? {}, async () => ({
        count: (await sumOf(group, context)).count,
        isExact: true,
      }));
      return { ...connection, edges: connection.edges.map(({ cursor, node }) => ({ cursor, node: node.job })) };
    },
  },
  FailureGroupJob: {
    async text(newest, _, context) {
      const text = await textOf(newest, context);
      return text && [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join('');
    },
  },
  FailureGroupConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  Job: {
    async failureGroups({ id }, _, { loaders }) {
      const groups = (await loaders.jobGroups.load(id)) ?? [];
      return groups.map(({ line, group }) => ({ line, group: { ...group, scope: {}, sum: null } }));
    },
    kernelFaults: async ({ id }, _, { loaders }) => [...((await loaders.kernelFaults.load(id)) ?? [])],
  },
};
