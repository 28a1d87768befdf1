import { buildSchema, type GraphQLSchema } from 'graphql';
import { useEffect, useState } from 'react';

/** The contract of this server; null until it is here. */
export function useSchema(): { schema: GraphQLSchema | null; problem: string | null } {
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    readSchema(leaving.signal).then(setSchema, (cause: unknown) => {
      if (!leaving.signal.aborted) setProblem(`The schema could not be read: ${String(cause)}`);
    });
    return () => leaving.abort();
  }, []);
  return { schema, problem };
}

async function readSchema(signal: AbortSignal): Promise<GraphQLSchema> {
  const response = await fetch('/schema.graphql', { signal });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return buildSchema(await response.text(), { assumeValid: true, noLocation: true });
}
