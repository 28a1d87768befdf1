/** Running a query: what is dear is compiled, once for as long as it is asked. */
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';

/** From this cost on running costs more than compiling. */
const DEAR = 2_000;
const KEPT = 100;

export type Execute = (args: ExecutionArgs, cost: number) => ExecutionResult | Promise<ExecutionResult>;

/** `cost` as api/limits.ts measures it. */
export function createExecute(): Execute {
  const compiled = new LRUCache<string, CompiledQuery>({ max: KEPT });
  return async (args, cost) => {
    const { schema, document, operationName, rootValue, contextValue, variableValues } = args;
    if (cost < DEAR) return execute(args);
    const key = JSON.stringify([operationName ?? null, document.loc?.source.body]);
    let query = compiled.get(key);
    if (!query) {
      const made = compileQuery(schema, document, operationName ?? undefined);
      if (!isCompiledQuery(made)) return made;
      query = made;
      compiled.set(key, query);
    }
    const { errors, ...result } = await query.query(rootValue, contextValue, variableValues);
    // A variable is not what it should be: nothing has run.
    if (errors?.some(({ path }) => !path)) return execute(args);
    return errors ? { ...result, errors: errors.map((error) => located(error, document)) } : result;
  };
}

/** As graphql would say it: with positions in the source, and with an original error where a null came that may not be. */
function located({ message, path, locations, originalError }: GraphQLError, { loc }: DocumentNode): GraphQLError {
  const breaks = [...(loc?.source.body ?? '').matchAll(/\r\n|[\n\r]/g)];
  const positions = locations?.map(({ line, column }) => {
    const before = breaks[line - 2];
    return (before ? before.index + before[0].length : 0) + column - 1;
  });
  return new GraphQLError(message, {
    ...{ source: loc?.source, positions, path },
    originalError: originalError ?? new Error(message),
  });
}
