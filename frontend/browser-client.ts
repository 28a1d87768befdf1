/** The way from the browser to the API: same origin, the visitor's own cookies. The query is text that the server handed over. */
export async function askFromBrowser<Result>(query: string, variables: object, signal?: AbortSignal): Promise<Result> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const { data, errors }: { data?: Result | null; errors?: { message: string }[] } = await response.json();
  if (errors?.length) throw new Error(errors.map(({ message }) => message).join('\n'));
  if (!data) throw new Error(`The API answered ${response.status} without data.`);
  return data;
}
