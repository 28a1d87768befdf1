/** A query as a command line; `server` is an address, or the name of a variable that holds one. */
export function curlOf(query: string, variables: object, server = '$BASALT'): string {
  const body = JSON.stringify({ query, variables });
  return `curl -s "${server}/graphql" -H 'content-type: application/json' \\\n  -d '${body.replaceAll("'", "'\\''")}'`;
}
