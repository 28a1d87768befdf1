import { createHash } from 'node:crypto';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { FIRST, given, NO_CURSOR, numbersOf, remembering, type Seen, type Sent } from './client.ts';
import { FinishedDocument, JobHealthDocument, JobsOfApolloDocument } from './graphql/graphql.ts';

export async function seenByApollo(url: string, sent: Sent[]): Promise<Seen> {
  const client = new ApolloClient({
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { jobs: relayStylePagination() } } } }),
    link: new PersistedQueryLink({
      sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
    }).concat(new HttpLink({ uri: `${url}/graphql`, fetch: remembering(sent) })),
  });
  const jobs = async (after?: string | null) => {
    const variables = { first: FIRST, after };
    const { data } = await client.query({ query: JobsOfApolloDocument, variables, fetchPolicy: 'network-only' });
    return given(data, 'data').jobs;
  };
  const one = await jobs();
  await jobs(one.pageInfo.endCursor);
  const merged = given(
    client.readQuery({ query: JobsOfApolloDocument, variables: { first: FIRST } }),
    'merged list',
  ).jobs;
  const id = given(one.edges[0], 'job').node.id;
  const { data } = await client.query({ query: JobHealthDocument, variables: { id } });
  const refused = await jobs(NO_CURSOR).catch((cause: unknown) => cause);
  if (!CombinedGraphQLErrors.is(refused)) throw new Error('Apollo took an error for an answer');
  client.stop();
  const numbers = numbersOf(merged.edges);
  return {
    pages: [numbersOf(one.edges), numbers.slice(one.edges.length)],
    health: data?.node?.__typename === 'Job' ? data.node.health : undefined,
    codes: refused.errors.map(({ extensions }) => extensions?.code),
  };
}

/** Numbers of the jobs that Apollo is told of over graphql-ws, into `told`; gives what ends it. */
export function toldToApollo(url: string, told: string[]): () => Promise<void> {
  const socket = createClient({ url: `${url.replace('http', 'ws')}/graphql` });
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(socket) });
  const heard = client
    .subscribe({ query: FinishedDocument })
    .subscribe(({ data }) => told.push(given(data, 'event').jobFinished.externalId));
  return async () => {
    heard.unsubscribe();
    client.stop();
    await socket.dispose();
  };
}
