import {
  countBuilds,
  countProjects,
  getBuild,
  getPreviousBuild,
  getProject,
  listBranches,
  listBuildSources,
  listBuilds,
  listProjects,
} from '#store/build.ts';
import { type FailingTestLab, failingTestKey, listFailingTests } from '#store/failing-test.ts';
import { listKnownFailing } from '#store/known-failure.ts';
import { countJobsWithoutResults } from '#store/removed-job.ts';
import type { SourceRow } from '#store/source.ts';
import { goingOnAt, MAX_CASES, readPage, toConnection } from './connection.ts';
import { coverageOf, toSourceFilter } from './coverage.ts';
import { environmentOf } from './environment.ts';
import type { Resolvers } from './graphql/types.ts';
import { toJobFilter } from './job.ts';
import { jobListOf } from './job-list.ts';
import { matrixOf, matrixScope, suitesOf, sumResults } from './matrix.ts';
import { missingOfBuild } from './missing.ts';
import { toNodeId } from './node-id.ts';
import { once } from './once.ts';
import { required } from './required.ts';
import { listOverJobs } from './test-case.ts';
import { verdictOfBuild } from './verdict.ts';

const MAX_BRANCHES = 500;

export type FailingTestLabParent = FailingTestLab & { source: SourceRow };

export const build: Pick<
  Resolvers,
  | 'Query'
  | 'Project'
  | 'Build'
  | 'FailingTest'
  | 'FailingTestLab'
  | 'ProjectConnection'
  | 'BuildConnection'
  | 'FailingTestConnection'
> = {
  Query: {
    project: (_, { slug }, { store, viewer }) => getProject(store, viewer, slug),
    async projects(_, args, { store, viewer }) {
      const page = await listProjects(store, viewer, readPage(args, ['text']));
      return toConnection(
        page,
        (row) => [row.slug],
        {},
        () => countProjects(store, viewer),
      );
    },
    build: (_, { project, version }, { store, viewer }) => getBuild(store, viewer, project, version),
  },
  Project: {
    id: ({ slug }) => toNodeId('Project', slug),
    branches: ({ id }, _, { store, viewer }) => listBranches(store, viewer, id, MAX_BRANCHES),
    async builds({ id: projectId }, { branch, ...args }, { store, viewer }) {
      const filter = { projectId, branch };
      const page = await listBuilds(store, viewer, filter, readPage(args, ['number', 'id']));
      return toConnection(
        page,
        (row) => [row.createdAt, row.id],
        {},
        once(() => countBuilds(store, viewer, filter)),
      );
    },
  },
  Build: {
    id: ({ projectSlug, branch, version }) => toNodeId('Build', projectSlug, branch, version),
    project: async ({ projectId }, _, { loaders }) => required(await loaders.project.load(projectId), 'project'),
    branch: ({ branch }) => branch || null,
    pin: ({ pinnedAt, pinnedBecause }) => (pinnedAt === null ? null : { at: pinnedAt, because: pinnedBecause }),
    jobsWithoutResults: ({ id }, _, { store, viewer }) => countJobsWithoutResults(store, viewer, id),
    previous: (row, _, { store, viewer }) => getPreviousBuild(store, viewer, row),
    async counts(build, { verdict }, { loaders }) {
      if (verdict) return sumResults(await loaders.matrixOnce.load({ build, scope: matrixScope(null), verdict }));
      const { pass = 0, fail = 0, skip = 0, unknown = 0 } = (await loaders.buildTotals.load(build.id)) ?? {};
      return { pass, fail, skip, unknown, total: pass + fail + skip + unknown };
    },
    async jobCounts({ id }, _, { loaders }) {
      const {
        complete = 0,
        incomplete = 0,
        canceled = 0,
        running = 0,
        infrastructure = 0,
      } = (await loaders.buildTotals.load(id)) ?? {};
      return { complete, incomplete, canceled, running, infrastructure };
    },
    async sources({ id }, _, { store, viewer, loaders }) {
      const ids = await listBuildSources(store, viewer, id);
      const sources = await Promise.all(ids.map((sourceId) => loaders.source.load(sourceId)));
      return sources.map((row) => required(row, 'source')).sort((a, b) => (a.slug < b.slug ? -1 : 1));
    },
    matrix: (build, { scope, verdict }, context) => matrixOf(build, { scope, verdict }, context),
    suites: (build, args, context) => suitesOf(build, args, context),
    ...missingOfBuild,
    ...verdictOfBuild,
    async failingTests(build, { scope, verdict, known, knownIssue, ...args }, { store, viewer, now }) {
      const within = matrixScope(scope);
      const asked = readPage(args, ['text', 'text', 'number', 'text', 'text']);
      const page =
        known || knownIssue != null
          ? await listKnownFailing(store, viewer, build, within, asked, knownIssue ?? null, now())
          : await listFailingTests(store, viewer, build, within, asked, verdict ?? 'LAST');
      const connection = toConnection(page, failingTestKey, toSourceFilter(scope), async () => null);
      return goingOnAt(connection, page.stoppedAt, args);
    },
    jobs: ({ id: buildId }, { filter, ...args }, context) =>
      jobListOf({ ...toJobFilter(filter), buildId }, toSourceFilter(filter?.scope), args, context),
    testCases({ id: buildId }, { result, suite, ...args }, context) {
      const job = { buildId, includeHealthChecks: true };
      return listOverJobs(context, { job, result, suite }, args, {}, MAX_CASES);
    },
    coverage: (_, __, context) => coverageOf({}, context),
  },
  ProjectConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  FailingTest: {
    environment: ({ deviceType }) => environmentOf(deviceType),
    async labs({ labs }, _, { loaders }) {
      const sources = await Promise.all(labs.map(({ sourceId }) => loaders.source.load(sourceId)));
      return labs
        .map((lab, i) => ({ ...lab, source: required(sources[i], 'source') }))
        .sort((a, b) => (a.source.slug < b.source.slug ? -1 : 1));
    },
  },
  FailingTestLab: {
    job: async ({ jobId }, _, { loaders }) => required(await loaders.job.load(jobId), 'job'),
  },
  FailingTestConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
  BuildConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()).count,
    totalIsExact: async ({ count }) => (await count()).isExact,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
