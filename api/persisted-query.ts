/** Automatic persisted queries: a query that was sent once with its SHA-256 is named by that alone from then on. */
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Request } from 'graphql-http';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { BadRequest } from './bad-request.ts';

/** Characters of all queries that are remembered. */
const MOST_KEPT = 4_000_000;

const Persisted = z.object({
  persistedQuery: z.object({ version: z.literal(1), sha256Hash: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
});

type AnyRequest = Request<unknown, unknown>;
type Sent = { query: unknown; extensions: unknown; with(query: string): AnyRequest };

/**
 * The request with the query that it names.
 * @throws BadRequest when it names one in another way than by version 1 and a SHA-256 in hex.
 * @throws GraphQLError when none of the hash is remembered, or the query that is sent along has another.
 */
export function createPersisted(): (request: AnyRequest) => AnyRequest {
  const kept = new LRUCache<string, string>({ maxSize: MOST_KEPT, sizeCalculation: (query) => query.length + 64 });
  return (request) => {
    const sent = sentBy(request);
    if (!sent?.extensions) return request;
    const read = Persisted.safeParse(sent.extensions);
    if (!read.success)
      throw new BadRequest('"extensions.persistedQuery" is { "version": 1, "sha256Hash": 64 digits of 0-9a-f }.');
    const hash = read.data.persistedQuery?.sha256Hash;
    if (hash === undefined) return request;
    if (typeof sent.query === 'string') {
      if (createHash('sha256').update(sent.query).digest('hex') !== hash)
        throw refusal('The query has another SHA-256 than "sha256Hash" says.', 'PERSISTED_QUERY_MISMATCH');
      kept.set(hash, sent.query);
      return request;
    }
    const query = kept.get(hash);
    // In the words of the protocol: clients answer to them by sending the query along.
    if (query === undefined) throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND');
    return sent.with(query);
  };
}

const refusal = (message: string, code: string) => new GraphQLError(message, { extensions: { code } });

/** Null where there is nothing that could name a query; what else is wrong with it is said by who reads it next. */
function sentBy(request: AnyRequest): Sent | null {
  if (request.method !== 'GET') {
    const { body } = request;
    if (typeof body !== 'object' || body === null) return null;
    const { query, extensions } = body as Record<string, unknown>;
    return { query, extensions, with: (text) => ({ ...request, body: { ...body, query: text } }) };
  }
  const [path, search] = request.url.split('?');
  const params = new URLSearchParams(search);
  const text = params.get('extensions');
  if (!text) return null;
  return {
    query: params.get('query') ?? undefined,
    extensions: objectOf(text),
    with(query) {
      params.set('query', query);
      return { ...request, url: `${path}?${params}` };
    },
  };
}

function objectOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadRequest('"extensions" is no JSON.', { cause });
  }
}
