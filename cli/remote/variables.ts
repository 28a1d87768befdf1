/** `--var name=value`, by what the query says of the variable. */
import { type DocumentNode, Kind, type TypeNode } from 'graphql';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

const IN_JSON = ['Int', 'Float', 'Boolean'];

/** Numbers, flags, lists and objects are JSON; everything else is text as it stands. @throws CommandFailure */
export function variablesOf(document: DocumentNode, terms: readonly string[]): Record<string, unknown> {
  const types = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? (definition.variableDefinitions ?? []).map(({ variable, type }) => [variable.name.value, type] as const)
        : [],
    ),
  );
  const found: Record<string, unknown> = {};
  for (const term of terms) {
    const equals = term.indexOf('=');
    if (equals < 1) throw new CommandFailure(EXIT.usage, `--var "${term}" is no NAME=VALUE`);
    const [name, value] = [term.slice(0, equals), term.slice(equals + 1)];
    const type = types.get(name);
    if (!type) {
      const known = [...types.keys()].map((one) => `$${one}`).join(', ') || 'none';
      throw new CommandFailure(EXIT.usage, `the query declares no variable $${name}; it declares ${known}`);
    }
    found[name] = readAs(name, value, type);
  }
  return found;
}

function readAs(name: string, value: string, type: TypeNode): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return readAs(name, value, type.type);
  if (type.kind === Kind.LIST_TYPE) return /^\s*\[/.test(value) ? json(name, value) : [readAs(name, value, type.type)];
  return IN_JSON.includes(type.name.value) || /^\s*[[{]/.test(value) || value === 'null' ? json(name, value) : value;
}

function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new CommandFailure(EXIT.usage, `--var ${name}: ${value} is not JSON, which its type in the query needs`);
  }
}
