/**
 * The way from a page to the API: the visitor's own rights, nothing kept. The server has made the cookie of who signed in
 * into `Authorization` before a page is drawn (api/cookie.ts).
 */
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { apiUrl, pageKey } from './config.ts';
import type { TypedDocumentString } from './graphql/graphql.ts';

type Answer<Result> = {
  data?: Result | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
};

/** The API refused or failed; `code` is its own word for why. */
export class ApiError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}

const visitor = cache(async (): Promise<{ authorization: string } | undefined> => {
  const authorization = (await headers()).get('authorization');
  return authorization ? { authorization } : undefined;
});

/** Asks the API. Any GraphQL error becomes one Error that names the query. */
export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${apiUrl()}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'x-basalt-page': pageKey(),
      ...(await visitor()),
    },
    body: JSON.stringify({ query: document.toString(), variables }),
    cache: 'no-store',
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.headers.get('content-type')?.includes('json'))
    throw new ApiError(`The API answered ${response.status} without JSON: ${text.slice(0, 200)}`);
  const { data, errors }: Answer<Result> = JSON.parse(text);
  if (errors?.length)
    throw new ApiError(
      errors.map(({ message, path }) => (path ? `${path.join('.')}: ${message}` : message)).join('\n'),
      errors[0]?.extensions?.code,
    );
  if (!data) throw new ApiError(`The API answered ${response.status} without data.`);
  return data;
}

/** Asks for the place in a list that the address names. A cursor that is none leads to `start`, the list's beginning. */
export async function askAt<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  { isPlaced, start }: { isPlaced: boolean; start: string },
): Promise<Result> {
  try {
    return await ask(document, variables);
  } catch (error) {
    if (isPlaced && error instanceof ApiError && error.code === 'BAD_USER_INPUT') redirect(start);
    throw error;
  }
}
