import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import type { SourceFilter } from '#store/source.ts';
import { listTestCases, type ScanPage } from '#store/test-case.ts';
import { readPage, type TestCaseList, toConnection, toCursor } from './connection.ts';
import { coverageOf } from './coverage.ts';
import type { Resolvers } from './graphql/types.ts';
import { toJobFilter } from './job.ts';
import { toNodeId } from './node-id.ts';
import { required } from './required.ts';

/** Scalars stay text, as the board wrote them. */
function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return load(text, { schema: FAILSAFE_SCHEMA, json: true }) ?? null;
  } catch {
    return null;
  }
}

/** A page of a scan: when it stopped early, the cursor to go on with is where it stopped. */
export function toCaseConnection(page: ScanPage, scope: SourceFilter, backward: boolean): TestCaseList {
  const connection = toConnection(
    page,
    (row) => [row.submitAt, row.jobId, row.ord, row.position],
    scope,
    async () => null,
  );
  if (!page.stoppedAt) return connection;
  const stopped = { [backward ? 'startCursor' : 'endCursor']: toCursor(page.stoppedAt) };
  return { ...connection, pageInfo: { ...connection.pageInfo, ...stopped } };
}

export const testCase: Pick<Resolvers, 'Query' | 'TestCase' | 'TestCaseConnection'> = {
  Query: {
    async testCases(_, { filter, ...args }, { store, viewer }) {
      const jobFilter = toJobFilter(filter.job);
      const { suite, name, result } = filter;
      const page = await listTestCases(
        store,
        viewer,
        { job: jobFilter, suite, name, result },
        readPage(args, ['number', 'id', 'number', 'number']),
      );
      return toCaseConnection(page, jobFilter.sources ?? {}, args.last != null);
    },
  },
  TestCase: {
    id: ({ slug, epoch, jobExternalId, externalId }) => toNodeId('TestCase', slug, epoch, jobExternalId, externalId),
    externalId: ({ externalId }) => String(externalId),
    job: async ({ jobId }, _, { loaders }) => required(await loaders.job.load(jobId), 'job'),
    units: ({ unit }) => unit,
    metadata: ({ metadata }) => parsed(metadata),
    metadataText: ({ metadata }) => metadata,
  },
  TestCaseConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
