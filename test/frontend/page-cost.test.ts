/** Every page asks less than a query may cost; what is read off a row counts a tenth here, whatever it takes to resolve. */
import { buildSchema, Kind, type OperationDefinitionNode, parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { MAX_COST, measure } from '#api/limits.ts';
import { readSdl } from '#api/sdl.ts';
import * as documents from '../../frontend/graphql/graphql.ts';

/** The longest page of each that asks for more or less than fifty rows. */
const ROWS: Record<string, number> = {
  BuildPageDocument: 20,
  PeriodsPageDocument: 10,
  HistoryPageDocument: 200,
  TestPageDocument: 200,
};
const FIFTY = 50;

const schema = buildSchema(readSdl());
const queries = Object.entries(documents).flatMap(([name, document]) =>
  typeof document === 'object' && name.endsWith('Document') ? [[name, String(document)] as const] : [],
);

test.each(queries)('%s', (name, text) => {
  const { definitions } = parse(text);
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION) as
    | OperationDefinitionNode
    | undefined;
  if (!operation) return;
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const variables = Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, type }) =>
      /^Int!?$/.test(print(type)) ? [[variable.name.value, ROWS[name] ?? FIFTY] as const] : [],
    ),
  );
  const { cost } = measure(
    operation,
    { getSchema: () => schema, getFragment: (wanted) => fragments.get(wanted) },
    variables,
  );
  expect(cost).toBeLessThanOrEqual(MAX_COST);
});
