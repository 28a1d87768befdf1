import {
  countBuilds,
  countProjects,
  getBuild,
  getPreviousBuild,
  getProject,
  listBranches,
  listBuilds,
  listProjects,
} from '#store/build.ts';
import { countJobs, jobKey, listJobs } from '#store/job.ts';
import { countJobsWithoutResults } from '#store/removed-job.ts';
import { MAX_CASES, readPage, toConnection } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { toJobFilter } from './job.ts';
import { matrixOf } from './matrix.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';
import { listOverJobs } from './test-case.ts';

export const build: Pick<Resolvers, 'Query' | 'Project' | 'Build' | 'ProjectConnection' | 'BuildConnection'> = {
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
    branches: ({ id }, _, { store, viewer }) => listBranches(store, viewer, id),
    async builds({ id: projectId }, { branch, ...args }, { store, viewer }) {
      const filter = { projectId, branch };
      const page = await listBuilds(store, viewer, filter, readPage(args, ['number', 'id']));
      return toConnection(
        page,
        (row) => [row.createdAt, row.id],
        {},
        () => countBuilds(store, viewer, filter),
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
    async counts({ id }, _, { loaders }) {
      const { pass = 0, fail = 0, skip = 0, unknown = 0 } = (await loaders.buildTotals.load(id)) ?? {};
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
    matrix: ({ id }, { scope }, context) => matrixOf(id, scope, context),
    async jobs({ id: buildId }, { filter, ...args }, { store, viewer }) {
      const wanted = { ...toJobFilter(filter), buildId };
      const page = await listJobs(store, viewer, wanted, readPage(args, ['number', 'id']));
      return toConnection(
        page,
        (row) => jobKey(row),
        wanted.sources ?? {},
        () => countJobs(store, viewer, wanted),
      );
    },
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
  BuildConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: async ({ count }) => (await count()) ?? 0,
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
