/** What a request over HTTP asks for, by the GraphQL over HTTP specification. */
import type { Request, RequestParams, Response } from 'graphql-http';
import { parseRequestParams } from 'graphql-http';

/** The request itself is none that can be read. */
export class BadRequest extends Error {
  override name = 'BadRequest';
  readonly statusCode = 400;
}

/** @throws BadRequest */
export async function readParams(request: Request<unknown, unknown>): Promise<RequestParams | Response> {
  try {
    return await parseRequestParams(request);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new BadRequest(
      `${cause.message}: send {"query": "...", "variables": {...}} by POST, or both in the address.`,
      {
        cause,
      },
    );
  }
}
