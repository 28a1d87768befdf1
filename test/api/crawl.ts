/** Asks for everything that the schema has: each field of each type, in queries that each cost no more than one may. */
import {
  buildSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
  validate,
} from 'graphql';
import { limitRule, MAX_COST, MAX_TOKENS } from '#api/limits.ts';
import { fromNodeId } from '#api/node-id.ts';
import { readSdl } from '#api/sdl.ts';

export const SCHEMA: GraphQLSchema = buildSchema(readSdl());

/** Of fields inside, where something must be said. */
const INSIDE: Readonly<Record<string, string>> = { 'Source.deadLetter': '(number: 1)' };
const ROWS = 8;
/** Objects in objects; a thing that has an id is asked for itself by that. */
const DEPTH = 4;

type Part = { name: string; text: string };

function argsOf(parent: string, field: GraphQLField<unknown, unknown>): string {
  const said = INSIDE[`${parent}.${field.name}`];
  if (said) return said;
  if (field.args.some(isRequiredArgument)) throw new Error(`say what ${parent}.${field.name} is asked with`);
  const size = field.args.find(({ name }) => name === 'first' || name === 'limit');
  return size ? `(${size.name}: ${ROWS})` : '';
}

function objectOf(type: GraphQLOutputType | undefined): GraphQLObjectType | null {
  const of = getNamedType(type);
  return isObjectType(of) ? of : null;
}

const isNode = (type: GraphQLObjectType) => type.getInterfaces().some(({ name }) => name === 'Node');

function partsOf(type: GraphQLObjectType, depth: number, around: readonly string[] = []): Part[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const name = field.name + argsOf(type.name, field);
    const of = objectOf(field.type);
    if (of === null) return isLeafType(getNamedType(field.type)) ? [{ name: field.name, text: name }] : [];
    // A list is asked for by its edges, which have the nodes.
    if (around.includes(of.name) || (name === 'nodes' && type.getFields().edges)) return [];
    const less = type.name.endsWith('Edge') || of.name.endsWith('Edge') ? depth : depth - 1;
    if (less < 0) return [];
    const inner = isNode(of) ? partsOfNode(of, less) : partsOf(of, less, [...around, type.name]);
    return inner.length > 0 ? [{ name: field.name, text: `${name} { ${textOf(inner)} }` }] : [];
  });
}

/** By its id it is asked for everything; here, where nothing is to be dear, for that. */
function partsOfNode(type: GraphQLObjectType, depth: number): Part[] {
  return depth > 0 ? partsOf(type, 0) : [{ name: 'id', text: 'id' }];
}

const textOf = (parts: readonly Part[]) => parts.map(({ text }) => text).join(' ');

/** Without the resolvers the cost is told a little too low. */
const ENOUGH = 0.6 * MAX_COST;

function fits(query: string): boolean {
  try {
    let cost = 0;
    const rule = limitRule({}, (found) => {
      cost = found;
    });
    return validate(SCHEMA, parse(query, { maxTokens: MAX_TOKENS }), [rule]).length === 0 && cost < ENOUGH;
  } catch {
    return false;
  }
}

/** All that is asked of a type, in as few queries as may be; what is too much in one is asked less deep. */
function queriesFor(type: GraphQLObjectType, wrap: (selection: string) => string): string[] {
  const split = (parts: readonly Part[], depth: number): string[] => {
    const query = wrap(textOf(parts));
    if (fits(query)) return [query];
    const half = Math.ceil(parts.length / 2);
    if (parts.length > 1) return [parts.slice(0, half), parts.slice(half)].flatMap((some) => split(some, depth));
    const less = partsOf(type, depth - 1).filter(({ name }) => name === parts[0]?.name);
    if (less.length === 0) throw new Error(`cannot be asked: ${query.slice(0, 300)}`);
    return split(less, depth - 1);
  };
  return split(partsOf(type, DEPTH), DEPTH);
}

/** What a field of Query gives: one thing, or the rows of a list. */
function answerOf(name: string) {
  const type = objectOf(SCHEMA.getQueryType()?.getFields()[name]?.type);
  if (!type) throw new Error(`Query.${name} gives no object`);
  const edge = type.name.endsWith('Connection') ? objectOf(type.getFields().edges?.type) : null;
  return { type, row: objectOf(edge?.getFields().node?.type) };
}

/** Everything that a field of Query gives when it is asked with these arguments. */
export function queriesOf(name: string, args: string): string[] {
  const { type, row } = answerOf(name);
  const asked = name + (args && `(${args})`);
  if (!row) return queriesFor(type, (selection) => `{ ${asked} { ${selection} } }`);
  // Of a list what its rows have is divided, not the list.
  return [
    `{ ${asked} { ${aroundRows(type)} } }`,
    ...queriesFor(row, (selection) => `{ ${asked} { edges { cursor node { ${selection} } } } }`),
  ];
}

const aroundRows = (list: GraphQLObjectType) => textOf(partsOf(list, 1).filter((part) => part.name !== 'edges'));

/** Which things there are and how many; null of what has no id. */
export function glanceOf(name: string, args: string): string[] | null {
  const { type, row } = answerOf(name);
  if (!isNode(row ?? type)) return null;
  return [`{ ${name}(${args}) { ${row ? `edges { cursor node { id } } ${aroundRows(type)}` : 'id'} } }`];
}

/** By ids of one kind. */
export function nodeQueriesOf(ids: readonly string[]): string[] {
  const kind = fromNodeId(ids[0] ?? '')?.kind ?? '';
  const type = SCHEMA.getType(kind);
  if (!isObjectType(type)) throw new Error(`${kind} is no type`);
  const asked = JSON.stringify(ids);
  return queriesFor(type, (selection) => `{ nodes(ids: ${asked}) { ... on ${kind} { ${selection} } } }`);
}

/** Values of the fields of that name, wherever they are in a text of JSON. */
export function valuesOf(text: string, field: string): string[] {
  return Array.from(text.matchAll(new RegExp(`"${field}":"([^"]+)"`, 'g')), ([, value = '']) => value);
}
