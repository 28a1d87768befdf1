import {
  createOperationDescriptor,
  Environment,
  type FetchFunction,
  fetchQuery,
  type GraphQLResponse,
  getRequest,
  getSelector,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import { z } from 'zod';
import { FIRST, given, NO_CURSOR, numbersOf, type Seen } from './client.ts';
import jobsJob, { type jobs_job$data } from './relay/__generated__/jobs_job.graphql.ts';
import jobsPage, { type jobs_page$data } from './relay/__generated__/jobs_page.graphql.ts';
import jobQuery, { type jobsJobQuery } from './relay/__generated__/jobsJobQuery.graphql.ts';
import pageQuery, { type jobsPageQuery } from './relay/__generated__/jobsPageQuery.graphql.ts';
import jobsQueryNode, { type jobsQuery } from './relay/__generated__/jobsQuery.graphql.ts';

/** Relay's own types have no extensions of errors. */
const Errors = z.object({ errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).default([]) });

export async function seenByRelay(url: string): Promise<Seen> {
  const codes: unknown[] = [];
  const ask: FetchFunction = async ({ text }, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    const answer = (await response.json()) as GraphQLResponse;
    codes.push(...Errors.parse(answer).errors.map(({ extensions }) => extensions.code));
    return answer;
  };
  const environment = new Environment({ network: Network.create(ask), store: new Store(new RecordSource()) });
  /** The list as components are given it: all pages that were fetched. */
  const read = (operation: ReturnType<typeof createOperationDescriptor>): jobs_page$data => {
    const selector = given(getSelector(jobsPage, environment.lookup(operation.fragment).data), 'fragment');
    if (selector.kind !== 'SingularReaderSelector') throw new Error('the fragment is of one thing');
    return environment.lookup(selector).data as unknown as jobs_page$data;
  };
  const first = createOperationDescriptor(getRequest(jobsQueryNode), { first: FIRST });
  environment.retain(first);
  await fetchQuery<jobsQuery>(environment, jobsQueryNode, { first: FIRST }).toPromise();
  const one = read(first);
  const after = one.jobs.pageInfo.endCursor;
  await fetchQuery<jobsPageQuery>(environment, pageQuery, { first: FIRST, after }).toPromise();
  const both = read(first);

  const { id } = given(one.jobs.edges[0], 'job').node;
  const found = given(await fetchQuery<jobsJobQuery>(environment, jobQuery, { id }).toPromise(), 'job');
  const selector = given(getSelector(jobsJob, found.node), 'fragment');
  if (selector.kind !== 'SingularReaderSelector') throw new Error('the fragment is of one thing');
  const { health } = environment.lookup(selector).data as unknown as jobs_job$data;

  const refused = await fetchQuery<jobsPageQuery>(environment, pageQuery, { first: FIRST, after: NO_CURSOR })
    .toPromise()
    .catch((cause: unknown) => cause);
  if (!(refused instanceof Error)) throw new Error('Relay took an error for an answer');
  return {
    pages: [numbersOf(one.jobs.edges), numbersOf(both.jobs.edges.slice(one.jobs.edges.length))],
    health,
    codes,
  };
}
