/** Which operation of a document is meant, and whether it can be asked. */
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';

export type Operation = {
  kind: 'query' | 'mutation' | 'subscription';
  name: string | undefined;
  isValid(schema: GraphQLSchema): boolean;
};

/** The one that the cursor is in, else the first. Null where the text cannot be read, or holds none. */
export function operationAt(text: string, cursor: number): Operation | null {
  const document = read(text);
  const operations = (document?.definitions ?? []).filter(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  const isIn = ({ loc }: OperationDefinitionNode) => loc && loc.start <= cursor && cursor <= loc.end;
  const found = operations.find(isIn) ?? operations[0];
  if (!document || !found) return null;
  return {
    kind: found.operation,
    name: found.name?.value,
    isValid: (schema) => validate(schema, document).length === 0,
  };
}

function read(text: string): DocumentNode | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}
