/** What a query may cost, said with numbers. Cost: one a field, lists multiply what is in them by their page size. */
import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { DEFAULT_PAGE } from './connection.ts';

export const MAX_DEPTH = 12;
export const MAX_COST = 50_000;
export const MAX_ALIASES = 30;

type Variables = Readonly<Record<string, unknown>>;

export type Measure = { depth: number; cost: number; aliases: number };

/** Lists whose size no argument gives: what they usually hold. */
const TYPICAL: Readonly<Record<string, number>> = {
  suites: 5,
  matrix: 50,
  labs: 3,
  metadata: 1,
  lines: 1,
  healthTimeline: 5,
  activity: 1,
  nodes: 1,
  edges: 1,
  sources: 3,
};

export function measure(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): Measure {
  const visiting = new Set<string>();
  const walk = (set: SelectionSetNode): Measure => {
    const total: Measure = { depth: 0, cost: 0, aliases: 0 };
    const add = (part: Measure, times = 1) => {
      total.depth = Math.max(total.depth, part.depth);
      total.cost += part.cost * times;
      total.aliases += part.aliases;
    };
    for (const selection of set.selections) {
      if (!included(selection.directives, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value.startsWith('__')) continue;
        const inner = selection.selectionSet ? walk(selection.selectionSet) : { depth: 0, cost: 0, aliases: 0 };
        const size = selection.selectionSet ? pageSize(selection, variables) : 1;
        add({
          depth: inner.depth + 1,
          cost: 1 + inner.cost * size,
          aliases: inner.aliases + (selection.alias ? 1 : 0),
        });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) add(walk(selection.selectionSet));
      else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (!fragment || visiting.has(name)) continue;
        visiting.add(name);
        add(walk(fragment.selectionSet));
        visiting.delete(name);
      }
    }
    return total;
  };
  return walk(selectionSet);
}

function pageSize(field: FieldNode, variables: Variables): number {
  let asked: number | null = null;
  let takesPages = false;
  for (const { name, value } of field.arguments ?? []) {
    if (!['first', 'last', 'limit', 'days', 'ids'].includes(name.value)) continue;
    takesPages = true;
    const given =
      value.kind === Kind.VARIABLE ? variables[value.name.value] : value.kind === Kind.INT ? Number(value.value) : null;
    if (value.kind === Kind.LIST) asked = value.values.length;
    else if (Array.isArray(given)) asked = given.length;
    else if (typeof given === 'number') asked = given;
  }
  if (asked !== null) return Math.max(1, asked);
  const isConnection = field.selectionSet?.selections.some(
    (s) => s.kind === Kind.FIELD && ['edges', 'nodes', 'pageInfo'].includes(s.name.value),
  );
  if (takesPages || isConnection) return DEFAULT_PAGE;
  return TYPICAL[field.name.value] ?? 1;
}

type Directives = FieldNode['directives'];

function included(directives: Directives, variables: Variables): boolean {
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value !== 'include' && name.value !== 'skip') continue;
    const value = args?.find((argument) => argument.name.value === 'if')?.value;
    const truth =
      value?.kind === Kind.BOOLEAN
        ? value.value
        : value?.kind === Kind.VARIABLE
          ? variables[value.name.value] === true
          : true;
    if (truth === (name.value === 'skip')) return false;
  }
  return true;
}

/** A rule that refuses what is too deep, too dear or too crowded; `told` hears the cost of what passes. */
export function limitRule(variables: Variables, told: (cost: number) => void = () => undefined): ValidationRule {
  return (context: ValidationContext): ASTVisitor => ({
    OperationDefinition(operation) {
      const fragments = new Map(
        context
          .getDocument()
          .definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
      );
      const { depth, cost, aliases } = measure(operation.selectionSet, fragments, variables);
      const refuse = (message: string, code: string) =>
        context.reportError(new GraphQLError(message, { nodes: operation, extensions: { code } }));
      if (depth > MAX_DEPTH) refuse(`The query is ${depth} levels deep; ${MAX_DEPTH} are allowed.`, 'QUERY_TOO_DEEP');
      if (aliases > MAX_ALIASES)
        refuse(`The query has ${aliases} aliases; ${MAX_ALIASES} are allowed.`, 'TOO_MANY_ALIASES');
      if (cost > MAX_COST)
        refuse(
          `The query costs ${cost}; ${MAX_COST} are allowed. Ask for smaller pages or fewer fields.`,
          'QUERY_TOO_COSTLY',
        );
      told(cost);
    },
  });
}
