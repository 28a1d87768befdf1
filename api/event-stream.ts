/** Subscriptions as server-sent events, one a request: "distinct connections" of the GraphQL over SSE protocol. */
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError, subscribe } from 'graphql';
import { present, report } from './graphql-error.ts';
import type { ReadParams } from './params.ts';
import { retryAfterOf } from './rate-limit.ts';
import { type Opened, type Standing, TooManyOpen } from './standing.ts';
import type { PrepareSubscription } from './subscribe.ts';

const TYPE = 'text/event-stream';
const KEEP_ALIVE_MS = 12_000;
const RETRY_SECONDS = 30;

type Options = { standing: Standing; prepare: PrepareSubscription; readParams: ReadParams };

export function addEventStream(app: FastifyInstance, { standing, prepare, readParams }: Options): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    exposeHeadRoute: false,
    async handler(request, reply) {
      if (!/text\/event-stream|\*\/\*/.test(request.headers.accept ?? '*/*')) {
        const errors = [{ message: `Events are told as ${TYPE}: accept that.`, extensions: { code: 'BAD_REQUEST' } }];
        return reply.code(406).send({ errors });
      }
      const { url, method, headers, body } = request;
      const params = await readParams({ url, method, headers, body: body as string, raw: null, context: null });
      if (!('query' in params)) return reply.code(params[1].status).send();
      const prepared = prepare(params, request);
      const seconds = Array.isArray(prepared) && prepared[0] ? retryAfterOf(prepared[0]) : 0;
      if (seconds > 0) return reply.code(429).header('retry-after', seconds).send({ errors: prepared });
      const results = Array.isArray(prepared) ? { errors: prepared } : await subscribe(prepared);
      // What comes is written as fast as it is read: the next event is made when the one before has left.
      const send = (events: AsyncIterable<string>) =>
        reply
          .type(`${TYPE}; charset=utf-8`)
          // Proxies must not wait for the end.
          .headers({ 'cache-control': 'private, no-store', 'x-accel-buffering': 'no' })
          .send(Readable.from(events, { highWaterMark: 1 }));
      if (!(Symbol.asyncIterator in results)) return send(refusal(request, results));
      const stream: Stream = { results, closedFor: null };
      try {
        stream.opened = standing.open({ viewer: request.viewer, ip: request.ip }, (reason) => {
          stream.closedFor = reason;
          void results.return(undefined);
        });
      } catch (cause) {
        await results.return(undefined);
        if (!(cause instanceof TooManyOpen)) throw cause;
        const errors = [{ message: cause.message, extensions: { code: 'TOO_MANY_OPEN' } }];
        return reply.code(429).header('retry-after', RETRY_SECONDS).send({ errors });
      }
      reply.raw.once('close', () => {
        stream.opened?.leave();
        void results.return(undefined);
      });
      return send(eventsOf(request, stream));
    },
  });
}

type Stream = {
  results: AsyncGenerator<ExecutionResult, void, void>;
  opened?: Opened;
  closedFor: string | null;
};

async function* eventsOf(request: FastifyRequest, stream: Stream): AsyncGenerator<string> {
  const { results, opened } = stream;
  yield ':\n\n';
  try {
    for (let next = results.next(); ; ) {
      const got = await orNothing(next);
      if (!got) {
        yield ':\n\n';
        continue;
      }
      if (got.done || !(await opened?.holds())) break;
      yield event(request, got.value);
      next = results.next();
    }
  } catch (cause) {
    yield event(request, {
      errors: [cause instanceof GraphQLError ? cause : new GraphQLError('', { originalError: cause as Error })],
    });
  }
  if (stream.closedFor !== null)
    yield event(request, { errors: [new GraphQLError(stream.closedFor, { extensions: { code: 'FORBIDDEN' } })] });
  yield COMPLETE;
}

async function* refusal(request: FastifyRequest, result: ExecutionResult): AsyncGenerator<string> {
  yield event(request, result);
  yield COMPLETE;
}

/** Null when nothing came for so long that the connection has to be kept alive. */
async function orNothing<Got>(next: Promise<Got>): Promise<Got | null> {
  const patience = new AbortController();
  const nothing = wait(KEEP_ALIVE_MS, null, { signal: patience.signal, ref: false }).catch(() => null);
  try {
    return await Promise.race([next, nothing]);
  } finally {
    patience.abort();
  }
}

const COMPLETE = 'event: complete\ndata:\n\n';

function event(request: FastifyRequest, { errors, ...result }: ExecutionResult): string {
  for (const error of errors ?? []) report(request, error);
  const payload = errors ? { ...result, errors: errors.map((error) => present(error)) } : result;
  return `event: next\ndata: ${JSON.stringify(payload)}\n\n`;
}
