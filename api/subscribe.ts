/** What a client subscribes to, read and checked like every query, for whatever carries the events. */
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Viewer } from '#schema/viewer.ts';
import type { Context } from './context.ts';
import { limitRule, MAX_TOKENS } from './limits.ts';
import { refusalOf } from './rate-limit.ts';

type Params = { query: string; operationName?: string | null; variables?: Record<string, unknown> | null };

/** Who subscribes: the request that opened the connection, with the viewer as he is known by now. */
export type Caller = { viewer: Viewer; ip: string; isPage: boolean };

/** What to run, or why not. */
export type PrepareSubscription = (params: Params, caller: Caller) => ExecutionArgs | GraphQLError[];

export function createPrepare(schema: GraphQLSchema, contextOf: (caller: Caller) => Context): PrepareSubscription {
  return ({ query, operationName, variables }, caller) => {
    try {
      let cost = 0;
      const told = (one: number) => {
        cost += one;
      };
      const document = parse(query, { maxTokens: MAX_TOKENS });
      const errors = validate(schema, document, [...specifiedRules, limitRule(variables ?? {}, told)]);
      if (errors.length > 0) return [...errors];
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.SUBSCRIPTION)
        return [new GraphQLError('Here only subscriptions run; send queries and mutations to /graphql by POST.')];
      const context = contextOf(caller);
      const refusal = refusalOf(context, cost);
      if (refusal) return [refusal];
      return { schema, document, operationName, variableValues: variables, contextValue: context };
    } catch (cause) {
      if (cause instanceof GraphQLError) return [cause];
      throw cause;
    }
  };
}
