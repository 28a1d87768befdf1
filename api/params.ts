/** What a request over HTTP asks for, by the GraphQL over HTTP specification. */
import type { Request, RequestParams, Response } from 'graphql-http';
import { parseRequestParams } from 'graphql-http';
import { BadRequest } from './bad-request.ts';
import { createPersisted } from './persisted-query.ts';

/** @throws BadRequest @throws GraphQLError */
export type ReadParams = (request: Request<unknown, unknown>) => Promise<RequestParams | Response>;

export function createReadParams(): ReadParams {
  const persisted = createPersisted();
  return async (request) => {
    const whole = persisted(request);
    try {
      return await parseRequestParams(whole);
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      const how = 'send {"query": "...", "variables": {...}} by POST, or both in the address';
      throw new BadRequest(`${cause.message}: ${how}.`, { cause });
    }
  };
}
