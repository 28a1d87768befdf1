import { pageOf } from '#store/page.ts';
import { listProjectSuites } from '#store/project-suite.ts';
import { readPage, toConnection } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';

/** Newest builds whose suites are listed. */
const BUILDS = 10;

export const projectSuite: Pick<Resolvers, 'Project' | 'ProjectSuite' | 'ProjectSuiteConnection'> = {
  Project: {
    async suites({ id }, { name, ...args }, { store, viewer }) {
      const request = readPage(args, ['text']);
      const wanted = name?.toLowerCase() ?? '';
      const all = await listProjectSuites(store, viewer, id, BUILDS);
      const found = all.filter((suite) => suite.name.toLowerCase().includes(wanted));
      return toConnection(
        pageOf(found, (suite) => suite.name, request),
        (suite) => [suite.name],
        {},
        async () => found.length,
      );
    },
  },
  ProjectSuite: {
    counts: ({ pass, fail, skip, unknown }) => ({ pass, fail, skip, unknown, total: pass + fail + skip + unknown }),
    infrastructureFailures: ({ infrastructure }) => infrastructure,
  },
  ProjectSuiteConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
