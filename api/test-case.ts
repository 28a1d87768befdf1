import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { countTestCases, listTestCases, type ScanFilter } from '#store/case-scan.ts';
import { metadataOf } from '#store/detail.ts';
import type { SourceFilter } from '#store/source.ts';
import { goingOnAt, MAX_PAGE, type PageArguments, readPage, type TestCaseList, toConnection } from './connection.ts';
import type { Context } from './context.ts';
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

/** Results over many jobs: where the scan stopped early, the cursor to go on with is where it stopped. */
export async function listOverJobs(
  { store, viewer }: Context,
  filter: ScanFilter,
  args: PageArguments,
  scope: SourceFilter,
  most: number,
): Promise<TestCaseList> {
  const request = readPage(args, ['number', 'id', 'number', 'number'], most);
  const page = await listTestCases(store, viewer, filter, request);
  const connection = toConnection(
    page,
    (row) => [row.submitAt, row.jobId, row.ord, row.position],
    scope,
    () => countTestCases(store, viewer, filter),
  );
  return goingOnAt(connection, page.stoppedAt, args);
}

export const testCase: Pick<Resolvers, 'Query' | 'TestCase' | 'TestCaseConnection'> = {
  Query: {
    testCases(_, { filter: { job, ...filter }, ...args }, context) {
      const wanted = toJobFilter(job);
      return listOverJobs(context, { ...filter, job: wanted }, args, wanted.sources ?? {}, MAX_PAGE);
    },
  },
  TestCase: {
    id: ({ slug, epoch, jobExternalId, externalId }) => toNodeId('TestCase', slug, epoch, jobExternalId, externalId),
    job: async ({ jobId }, _, { loaders }) => required(await loaders.job.load(jobId), 'job'),
    metadata: (row) => parsed(metadataOf(row)),
    metadataText: (row) => metadataOf(row),
  },
  TestCaseConnection: {
    nodes: ({ edges }) => edges.map(({ node }) => node),
    totalCount: ({ count }) => count(),
    coverage: ({ scope }, _, context) => coverageOf(scope, context),
  },
};
