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

type Params = { query: string; operationName?: string | null; variables?: Record<string, unknown> | null };

/** What to run, or why not. */
export type PrepareSubscription = (params: Params, viewer: Viewer) => ExecutionArgs | GraphQLError[];

export function createPrepare(schema: GraphQLSchema, contextOf: (viewer: Viewer) => Context): PrepareSubscription {
  return ({ query, operationName, variables }, viewer) => {
    try {
      const document = parse(query, { maxTokens: MAX_TOKENS });
      const errors = validate(schema, document, [...specifiedRules, limitRule(variables ?? {})]);
      if (errors.length > 0) return [...errors];
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.SUBSCRIPTION)
        return [new GraphQLError('Here only subscriptions run; send queries and mutations to /graphql by POST.')];
      return { schema, document, operationName, variableValues: variables, contextValue: contextOf(viewer) };
    } catch (cause) {
      if (cause instanceof GraphQLError) return [cause];
      throw cause;
    }
  };
}
