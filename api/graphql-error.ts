/** Errors of GraphQL as a caller is told them. */
import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { Conflict, CursorTooOld, Forbidden, InvalidInput, NotFound } from '#store/error.ts';
import { RateLimited } from './rate-limit.ts';
import { isUnavailable, UNAVAILABLE } from './unavailable.ts';

const TOLD = [
  [InvalidInput, 'BAD_USER_INPUT'],
  [NotFound, 'NOT_FOUND'],
  [CursorTooOld, 'CURSOR_TOO_OLD'],
  [Forbidden, 'FORBIDDEN'],
  [Conflict, 'CONFLICT'],
  [RateLimited, 'RATE_LIMITED'],
] as const;

/** The code of a caller's mistake or of an outage, or null when the fault is ours. */
function codeOf(error: Readonly<Error>): string | null {
  if (isUnavailable(error)) return 'UNAVAILABLE';
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (!original) return error instanceof GraphQLError ? String(error.extensions.code ?? 'BAD_REQUEST') : null;
  if (original instanceof GraphQLError) return 'BAD_USER_INPUT';
  if ('statusCode' in original && Number(original.statusCode) < 500) return 'BAD_REQUEST';
  return TOLD.find(([kind]) => original instanceof kind)?.[1] ?? null;
}

const OURS = 'Basalt failed to answer; the request id is in the header x-request-id.';

/** What a caller is told: his own mistakes in full, ours not. */
export function present(error: Readonly<GraphQLError | Error>): GraphQLError {
  const code = codeOf(error);
  if (code === 'UNAVAILABLE') return new GraphQLError(UNAVAILABLE, { extensions: { code } });
  if (!(error instanceof GraphQLError))
    return new GraphQLError(code ? error.message : OURS, { extensions: { code: code ?? 'INTERNAL' } });
  const { nodes, path, source, positions, message } = error;
  if (!code) return new GraphQLError(OURS, { nodes, path, extensions: { code: 'INTERNAL' } });
  return new GraphQLError(message, { nodes, path, source, positions, extensions: { ...error.extensions, code } });
}

export function report(request: FastifyRequest, error: Readonly<GraphQLError | Error>): void {
  if (codeOf(error) !== null) return;
  const at = error instanceof GraphQLError ? { err: error.originalError ?? error, path: error.path } : { err: error };
  request.log.error(at, 'a resolver failed');
}
