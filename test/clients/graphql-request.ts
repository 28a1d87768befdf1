import { ClientError, GraphQLClient } from 'graphql-request';
import { FIRST, given, NO_CURSOR, numbersOf, type Seen } from './client.ts';
import { JobHealthDocument, JobsDocument } from './graphql/graphql.ts';

export async function seenByGraphqlRequest(url: string): Promise<Seen> {
  const client = new GraphQLClient(`${url}/graphql`);
  const one = await client.request(JobsDocument, { first: FIRST });
  const two = await client.request(JobsDocument, { first: FIRST, after: one.jobs.pageInfo.endCursor });
  const { node } = await client.request(JobHealthDocument, { id: given(one.jobs.edges[0], 'job').node.id });
  const refused = await client
    .request(JobsDocument, { first: FIRST, after: NO_CURSOR })
    .catch((cause: unknown) => cause);
  if (!(refused instanceof ClientError)) throw new Error('graphql-request took an error for an answer');
  return {
    pages: [one, two].map(({ jobs }) => numbersOf(jobs.edges)),
    health: node?.__typename === 'Job' ? node.health : undefined,
    codes: given(refused.response.errors, 'errors').map(({ extensions }) => extensions.code),
  };
}
