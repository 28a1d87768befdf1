import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { operationAt } from '../../frontend/features/explorer/operation.ts';
import { readVariables } from '../../frontend/features/explorer/variables.ts';
import { curlOf } from '../../frontend/ui/curl.ts';
import { explorerPath, readFragment } from '../../frontend/ui/explorer-address.ts';

test('the operation that is run is the one that the cursor is in, else the first', () => {
  const text = 'fragment F on Query { a } query One { a } mutation Two { b }';
  expect(operationAt(text, text.indexOf('b }'))).toMatchObject({ kind: 'mutation', name: 'Two' });
  expect(operationAt(text, text.indexOf('One'))).toMatchObject({ kind: 'query', name: 'One' });
  expect(operationAt(text, 0)).toMatchObject({ kind: 'query', name: 'One' });
  expect(operationAt('{ a }', 0)).toMatchObject({ kind: 'query', name: undefined });
  for (const none of ['', '{ a', 'fragment F on Query { a }']) expect(operationAt(none, 0)).toBeNull();
});

test('only what the contract has is asked for its cost', () => {
  const schema = buildSchema('type Query { a: Int }');
  expect(operationAt('{ a }', 0)?.isValid(schema)).toBe(true);
  expect(operationAt('{ b }', 0)?.isValid(schema)).toBe(false);
});

test('variables are a JSON object or nothing', () => {
  expect(readVariables(' ')).toEqual({ values: {} });
  expect(readVariables('{"a": [1]}')).toEqual({ values: { a: [1] } });
  for (const wrong of ['[1]', 'null', '{"a"']) expect(readVariables(wrong).problem, wrong).toBeTruthy();
});

test('a query comes out of an address as it went in, whatever is in it', () => {
  const asked = { query: '# a & b\n{ jobs(after: "x+y=%#") { nodes { id } } }', variables: '{"ü": "\\"&"}' };
  const { pathname, search, hash } = new URL(explorerPath(asked), 'http://basalt.example');
  expect([pathname, search]).toEqual(['/explorer', '']);
  expect(readFragment(hash)).toEqual(asked);
  expect(readFragment('#query={a}')).toEqual({ query: '{a}', variables: '{}' });
  for (const other of ['', '#main']) expect(readFragment(other)).toBeNull();
});

test('a command line survives quotes', () => {
  expect(curlOf('{ a(b: "it\'s") }', {})).toContain(`"query":"{ a(b: \\"it'\\''s\\") }"`);
});
