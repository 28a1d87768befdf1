/** What is compiled answers as what is not: data, errors and where they are. */
import { buildSchema, type DocumentNode, type GraphQLObjectType, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createExecute } from '#api/execute.ts';
import { InvalidInput } from '#store/error.ts';

const schema = buildSchema(`
  type Query { list(first: Int): [Item!]! broken: String wrong: Item! maybe: Item }
  type Item { name: String! size(times: Int = 1): Int same: Item late: String }
`);
const item = { name: 'a' };
const fields = {
  Query: {
    list: (_: unknown, { first = 2 }: { first?: number }) => Array.from({ length: first }, () => item),
    broken: () => {
      throw new InvalidInput('not so');
    },
    wrong: async () => ({ name: null }),
    maybe: () => null,
  },
  Item: {
    size: (_: unknown, { times }: { times: number }) => times * 2,
    same: (parent: unknown) => parent,
    late: async () => 'later',
  },
};
for (const [type, resolvers] of Object.entries(fields)) {
  const known = (schema.getType(type) as GraphQLObjectType).getFields();
  for (const [name, resolve] of Object.entries(resolvers)) Object.assign(known[name] ?? {}, { resolve });
}

async function answer(
  document: DocumentNode,
  variableValues: Record<string, unknown>,
  cost: number,
  operationName?: string,
) {
  const { data, errors } = await createExecute()({ schema, document, variableValues, operationName }, cost);
  return JSON.parse(
    JSON.stringify({ data, errors, originals: errors?.map(({ originalError }) => originalError?.name ?? null) }),
  );
}

test.each<[string, Record<string, unknown>?, string?]>([
  ['{ list { name size } }'],
  [
    '{ list(first: 3) { ...F } } fragment F on Item { a: name b: size(times: 4) same { ...G } } fragment G on Item { late }',
  ],
  [
    'query ($n: Int!, $no: Boolean!) { list(first: $n) { name size @skip(if: $no) late @include(if: $no) } }',
    { n: 1, no: true },
  ],
  ['query ($n: Int = 1) { list(first: $n) { __typename } }', {}],
  ['query A { maybe { name } } query B { list { name } }', {}, 'B'],
  ['{ maybe { name } }'],
  ['{\n  list { name }\n\n  broken }'],
  ['{ list { name } wrong { name } }'],
  ['query ($n: Int!) { list(first: $n) { name } }', { n: 'many' }],
  ['query ($n: Int!) { list(first: $n) { name } }', {}],
])('%s', async (query, variables = {}, operationName) => {
  const document = parse(query);
  const [plain, compiled] = [
    await answer(document, variables, 0, operationName),
    await answer(document, variables, 1_000_000, operationName),
  ];

  expect(compiled.data).toEqual(plain.data);
  expect(compiled.originals).toEqual(plain.originals);
  const told = (errors: { path?: unknown; locations?: unknown }[] | undefined) =>
    errors?.map(({ path, locations }) => ({ path, locations }));
  expect(told(compiled.errors)).toEqual(told(plain.errors));
});

test('a query that comes again is not compiled again, whatever its variables', async () => {
  const run = createExecute();
  const text = 'query ($n: Int!) { list(first: $n) { name } }';
  const results = [];
  for (const n of [1, 3]) results.push(await run({ schema, document: parse(text), variableValues: { n } }, 1_000_000));

  expect(results.map(({ data }) => JSON.stringify(data))).toEqual(
    [1, 3].map((n) => JSON.stringify({ list: new Array(n).fill({ name: 'a' }) })),
  );
});
