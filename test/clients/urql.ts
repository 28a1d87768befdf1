import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { FIRST, given, NO_CURSOR, numbersOf, remembering, type Seen, type Sent } from './client.ts';
import { JobHealthDocument, JobsDocument } from './graphql/graphql.ts';

export async function seenByUrql(url: string, sent: Sent[]): Promise<Seen> {
  const client = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetch: remembering(sent),
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
  });
  const jobs = async (after?: string | null) => {
    const { data, error } = await client.query(JobsDocument, { first: FIRST, after }).toPromise();
    if (error) throw error;
    return given(data, 'data').jobs;
  };
  const one = await jobs();
  const two = await jobs(one.pageInfo.endCursor);
  const id = given(one.edges[0], 'job').node.id;
  const { data } = await client.query(JobHealthDocument, { id }).toPromise();
  const { error } = await client.query(JobsDocument, { first: FIRST, after: NO_CURSOR }).toPromise();
  return {
    pages: [one, two].map(({ edges }) => numbersOf(edges)),
    health: data?.node?.__typename === 'Job' ? data.node.health : undefined,
    codes: given(error, 'error').graphQLErrors.map(({ extensions }) => extensions.code),
  };
}
