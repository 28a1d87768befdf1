/** Subscriptions over graphql-ws. Who asks is known from the upgrade, or from `authorization` of connection_init. */
import type { FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket';
import type { Viewer } from '#schema/viewer.ts';
import { present, report } from './graphql-error.ts';
import { type Opened, type Standing, TooManyOpen } from './standing.ts';
import type { PrepareSubscription } from './subscribe.ts';
import { isUnavailable, UNAVAILABLE } from './unavailable.ts';
import { UnknownToken, type ViewerOf } from './viewer.ts';

const KEEP_ALIVE_MS = 12_000;
/** Subscriptions of one socket. */
const MOST_SUBSCRIPTIONS = 20;
/** WebSocket: try again later. */
const TRY_LATER = 1013;

type State = { viewer?: Viewer; opened?: Opened };

export function createSocketHandler(standing: Standing, viewerOf: ViewerOf, prepare: PrepareSubscription) {
  const formatted = (request: FastifyRequest, errors: readonly GraphQLError[]) =>
    errors.map((error) => {
      report(request, error);
      return present(error).toJSON();
    });
  return makeHandler<Record<string, unknown>, State>(
    {
      async onConnect({ connectionParams, extra }) {
        const { request, socket } = extra;
        try {
          const viewer = await viewerNow(request, connectionParams?.authorization, viewerOf);
          if (socket.readyState !== socket.OPEN) return false;
          extra.viewer = viewer;
          extra.opened = standing.open({ viewer, ip: request.ip }, (reason) =>
            socket.close(CloseCode.Forbidden, reason),
          );
          return true;
        } catch (cause) {
          if (cause instanceof UnknownToken) socket.close(CloseCode.Forbidden, cause.message);
          else if (cause instanceof TooManyOpen || isUnavailable(cause)) socket.close(TRY_LATER, messageOf(cause));
          else throw cause;
          return false;
        }
      },
      onSubscribe({ subscriptions, extra }, _id, { query, operationName, variables }) {
        if (Object.keys(subscriptions).length > MOST_SUBSCRIPTIONS) {
          const message = `A socket carries ${MOST_SUBSCRIPTIONS} subscriptions at once; open another for more.`;
          return [new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } })];
        }
        if (!extra.viewer) throw new Error('a socket that subscribes has no viewer');
        const { ip, isPage } = extra.request;
        return prepare({ query, operationName, variables }, { viewer: extra.viewer, ip, isPage });
      },
      async onNext({ extra }, _id, _payload, _args, { errors, ...result }) {
        if (!(await extra.opened?.holds())) return { data: null };
        return errors ? { ...result, errors: formatted(extra.request, errors) } : result;
      },
      onError({ extra }, _id, _payload, errors) {
        // The client comes again and subscribes anew.
        if (errors.some(isUnavailable)) extra.socket.close(TRY_LATER, UNAVAILABLE);
        return formatted(
          extra.request,
          errors.map((error) => (error instanceof GraphQLError ? error : new GraphQLError(String(error)))),
        );
      },
      onClose: ({ extra }) => extra.opened?.leave(),
    },
    KEEP_ALIVE_MS,
  );
}

/** A token that is handed over comes before what the browser sent along. */
async function viewerNow(request: FastifyRequest, given: unknown, viewerOf: ViewerOf): Promise<Viewer> {
  if (given === undefined) return request.viewer;
  if (typeof given !== 'string') throw new UnknownToken('"authorization" of connection_init is no text.');
  return await viewerOf(given);
}

const messageOf = (cause: unknown) => (cause instanceof TooManyOpen ? cause.message : UNAVAILABLE);

export type { Extra };
