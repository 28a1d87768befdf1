/** For relay-compiler alone: it makes artifacts of these tags, and nothing imports this file. */
import { graphql } from 'relay-runtime';

export const query = graphql`
  query jobsQuery($first: Int!) {
    ...jobs_page @arguments(first: $first)
  }
`;

export const page = graphql`
  fragment jobs_page on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "jobsPageQuery") {
    jobs(first: $first, after: $after) @connection(key: "jobs_jobs") {
      edges {
        node {
          id
          externalId
          ...jobs_job
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`;

export const job = graphql`
  fragment jobs_job on Job @refetchable(queryName: "jobsJobQuery") {
    health
  }
`;
