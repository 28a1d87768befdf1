/**
 * What a query may cost, said with numbers. Cost: one a field, a tenth a field that is only read off what its parent
 * brought, fifty a connection, and what a row costs as often as a page has rows. A unit is 1 to 4 us of CPU.
 */
import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { DEFAULT_PAGE } from './connection.ts';

export const MAX_DEPTH = 12;
export const MAX_COST = 50_000;
export const MAX_ALIASES = 30;
export const MAX_TOKENS = 2000;
/** Values of one list and characters of one text: what a filter may hold. */
export const MAX_VALUES = 100;
export const MAX_TEXT = 2000;
export const MAX_LOG_LINES = 5000;
export const MAX_ACTIVITY_DAYS = 400;

type Variables = Readonly<Record<string, unknown>>;

export type Measure = {
  depth: number;
  cost: number;
  /** Of one row of the connection that the fields are of. */
  row: number;
  aliases: number;
};

/** Lists whose size no argument gives: what they usually hold. */
const TYPICAL: Readonly<Record<string, number>> = {
  suites: 5,
  matrix: 50,
  cells: 10,
  labs: 3,
  baseLabs: 3,
  targetLabs: 3,
  differencesBySource: 6,
  pairs: 6,
  sideBySide: 500,
  healthTimeline: 5,
  sources: 3,
  failingSources: 3,
  omitted: 5,
  notes: 3,
  /** Of one build. */
  points: 10,
  buckets: 500,
  syncTimeline: 48,
  kinds: 8,
  probabilities: 5,
  evidence: 12,
  attempts: 3,
  windows: 3,
  periods: 3,
  sides: 4,
  testCases: 4,
  weights: 5,
  feedSubscriptions: 10,
  deliveries: 20,
  tries: 3,
};

/** Fields of a connection that there are as many of as rows. */
const ROWS = ['nodes', 'edges'];

/** Arguments that say how many things a field that is no connection gives. */
const COUNTS = ['limit', 'days', 'ids', 'builds', 'first'];

/** Fields that read much for one answer, however little is asked of it. */
const DEAR: Readonly<Record<string, number>> = {
  'TestCase.attribution': 650,
  'FailingTest.attribution': 650,
  'Regression.attribution': 650,
  'Job.attribution': 650,
  'Job.omitted': 100,
  'Note.testCase': 30,
  'Job.attempts': 650,
  'Build.verdict': 3_000,
  'Build.missing': 1_000,
  'Build.missingCount': 1_000,
  'Query.jobChanges': 100,
  'Query.compare': 5_000,
  'Query.compareMany': 15_000,
  'Query.comparePeriods': 15_000,
  'PeriodTest.measurement': 2_000,
  'Query.compareJobs': 2_000,
  'Query.compareLogs': 8_000,
  'Query.labAgreement': 8_000,
  'Query.regressions': 8_000,
  // They read the feed, which may be of regressions.
  'Mutation.subscribe': 8_000,
  'Mutation.resumeSubscription': 8_000,
  'Query.historyGrid': 8_000,
  'Query.flakyTests': 5_000,
  'Query.failureGroups': 2_000,
  'Query.tryKnownIssue': 20_000,
  'Query.trySplit': 10_000,
  'Query.knownIssues': 500,
  'Regression.knownIssue': 20,
  'Query.tryMapping': 20_000,
  'FailureGroup.newest': 20,
  'FailureGroup.errorPattern': 20,
  'FailureGroup.logPattern': 300,
  'FailureGroupJob.text': 300,
};

/** Fields that read much when they are given an argument: single verdicts, or all that fails for the few that are known. */
const DEAR_WITH: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'Build.counts': { verdict: 1_000 },
  'Build.matrix': { verdict: 1_000 },
  'Build.suites': { verdict: 3_000 },
  'Build.failingTests': { known: 20_000, knownIssue: 20_000 },
};

const READ_OFF = 0.1;
const CONNECTION = 50;

const NOTHING: Measure = { depth: 0, cost: 0, row: 0, aliases: 0 };

export function measure(
  operation: OperationDefinitionNode,
  context: Pick<ValidationContext, 'getSchema' | 'getFragment'>,
  variables: Variables,
): Measure {
  const known = withDefaults(operation, variables);
  const schema = context.getSchema();
  const done = new Map<FragmentDefinitionNode, Measure>();
  const walk = (set: SelectionSetNode, parent: GraphQLNamedType | null | undefined): Measure => {
    const total = { ...NOTHING };
    const add = (part: Measure) => {
      total.depth = Math.max(total.depth, part.depth);
      total.cost += part.cost;
      total.row += part.row;
      total.aliases += part.aliases;
    };
    for (const selection of set.selections) {
      if (!included(selection.directives, known)) continue;
      if (selection.kind === Kind.FIELD) {
        if (!selection.name.value.startsWith('__')) add(field(selection, parent));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition;
        add(walk(selection.selectionSet, on ? schema.getType(on.name.value) : parent));
      } else add(spread(context.getFragment(selection.name.value)));
    }
    return total;
  };
  const field = (node: FieldNode, parent: GraphQLNamedType | null | undefined): Measure => {
    const aliases = node.alias ? 1 : 0;
    const type = isObjectType(parent) || isInterfaceType(parent) ? parent : undefined;
    const definition = type?.getFields()[node.name.value];
    const place = `${type?.name}.${node.name.value}`;
    const given = Object.entries(DEAR_WITH[place] ?? {}).filter(([name]) => isGiven(node, name, known));
    const dear = Math.max(DEAR[place] ?? 0, ...given.map(([, cost]) => cost));
    if (!node.selectionSet)
      return { depth: 1, cost: dear || (definition && !definition.resolve ? READ_OFF : 1), row: 0, aliases };
    const inner = walk(node.selectionSet, definition && getNamedType(definition.type));
    const size = definition ? sizeOf(node, definition, known) : 1;
    const cost =
      definition && isConnection(definition.type)
        ? CONNECTION + dear + inner.cost + inner.row * size
        : (dear || 1) + inner.cost * size;
    const isRow = type && isConnection(type) && ROWS.includes(node.name.value);
    return {
      depth: inner.depth + 1,
      cost: isRow ? 0 : cost,
      row: isRow ? cost : 0,
      aliases: inner.aliases + aliases,
    };
  };
  // Each fragment is measured once: spreads of spreads would else take time that doubles with every one.
  const spread = (fragment: FragmentDefinitionNode | null | undefined): Measure => {
    if (!fragment) return NOTHING;
    const before = done.get(fragment);
    if (before) return before;
    done.set(fragment, NOTHING);
    const found = walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    done.set(fragment, found);
    return found;
  };
  return walk(operation.selectionSet, schema.getRootType(operation.operation));
}

/** An argument that is there and not null. */
function isGiven(node: FieldNode, name: string, known: Variables): boolean {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && valueFromASTUntyped(value, known) != null;
}

function isConnection(type: GraphQLOutputType): boolean {
  return getNamedType(type).name.endsWith('Connection');
}

function withDefaults(operation: OperationDefinitionNode, given: Variables): Variables {
  const values: Record<string, unknown> = { ...given };
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (values[name] === undefined && defaultValue) values[name] = valueFromASTUntyped(defaultValue);
  }
  return values;
}

function sizeOf(node: FieldNode, { name, type, args }: GraphQLField<unknown, unknown>, known: Variables): number {
  const given = (wanted: string): unknown => {
    const value = node.arguments?.find((argument) => argument.name.value === wanted)?.value;
    // A variable that is left out, or null, leaves the field its default.
    return (
      (value && valueFromASTUntyped(value, known)) ?? args.find((argument) => argument.name === wanted)?.defaultValue
    );
  };
  if (isConnection(type)) {
    const size = given('first') ?? given('last');
    return typeof size === 'number' ? Math.max(1, size) : DEFAULT_PAGE;
  }
  for (const wanted of COUNTS) {
    const size = given(wanted);
    if (typeof size === 'number') return Math.max(1, size);
    if (Array.isArray(size)) return Math.max(1, size.length);
  }
  return TYPICAL[name] ?? 1;
}

function included(directives: FieldNode['directives'], known: Variables): boolean {
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value !== 'include' && name.value !== 'skip') continue;
    const value = args?.find((argument) => argument.name.value === 'if')?.value;
    if (!value) continue;
    if (valueFromASTUntyped(value, known) === (name.value === 'skip')) return false;
  }
  return true;
}

/** What is too long in a value, in words; null when all of it may pass. */
function tooLong(value: unknown): string | null {
  if (typeof value === 'string')
    return value.length > MAX_TEXT ? `A text has ${value.length} characters; ${MAX_TEXT} are allowed.` : null;
  if (typeof value !== 'object' || value === null) return null;
  const parts: unknown[] = Object.values(value);
  if (parts.length > MAX_VALUES) return `A list has ${parts.length} values; ${MAX_VALUES} are allowed.`;
  for (const part of parts) {
    const found = tooLong(part);
    if (found) return found;
  }
  return null;
}

/** A rule that refuses what is too deep, too dear or too crowded; `told` hears the cost of what passes. */
export function limitRule(variables: Variables, told: (cost: number) => void = () => undefined): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const refuse = (nodes: OperationDefinitionNode | ValueNode, message: string, code: string) =>
      context.reportError(new GraphQLError(message, { nodes, extensions: { code } }));
    const value = (node: ValueNode) => {
      const problem = tooLong(node.kind === Kind.LIST ? node.values.map(() => null) : valueFromASTUntyped(node));
      if (problem) refuse(node, problem, 'TOO_MANY_VALUES');
    };
    return {
      ListValue: value,
      StringValue: value,
      OperationDefinition(operation) {
        const { depth, aliases, ...measured } = measure(operation, context, variables);
        const cost = Math.ceil(Number(measured.cost.toFixed(1)));
        if (depth > MAX_DEPTH)
          refuse(operation, `The query is ${depth} levels deep; ${MAX_DEPTH} are allowed.`, 'QUERY_TOO_DEEP');
        if (aliases > MAX_ALIASES)
          refuse(operation, `The query has ${aliases} aliases; ${MAX_ALIASES} are allowed.`, 'TOO_MANY_ALIASES');
        if (cost > MAX_COST)
          refuse(
            operation,
            `The query costs ${cost}; ${MAX_COST} are allowed. Ask for smaller pages or fewer fields.`,
            'QUERY_TOO_COSTLY',
          );
        const problem = tooLong(variables);
        if (problem) refuse(operation, problem, 'TOO_MANY_VALUES');
        told(cost);
      },
    };
  };
}
