/** Every change that there is, asked for by who may not make it. */
import { type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { expect, test } from 'vitest';
import { settings } from '../store/settings.ts';
import { SCHEMA } from './crawl.ts';
import { startServer } from './server.ts';

const access = [{ login: 'ann', token: 'ann-token', teams: ['kernel'], role: 'viewer' as const }];

/** A value that the schema takes, with what must be said and no more. */
function inputOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return inputOf(type.ofType);
  if (isListType(type)) return [inputOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields()).flatMap((field) =>
        isNonNullType(field.type) && field.defaultValue === undefined ? [[field.name, inputOf(field.type)]] : [],
      ),
    );
  return { Int: 1, Float: 1, Boolean: true, URL: 'http://lab.example/' }[String(type)] ?? 'open';
}

const MUTATIONS = Object.values(SCHEMA.getMutationType()?.getFields() ?? {});

test('S-07: no change is made by a visitor, nor by who may only look', async () => {
  const server = await startServer({ sources: [settings('open', { teams: ['kernel'] })], access });
  const dump = async () =>
    JSON.stringify(
      await Promise.all(
        [
          'audit_event',
          'source',
          'added_source',
          'source_request',
          'known_issue',
          'account',
          'api_token',
          'feed_subscription',
          'delivery',
        ].map((table) => server.store.sql.all(`SELECT * FROM ${table}`)),
      ),
    );
  const before = await dump();
  const codeOf = async (name: string, query: string, variables: object, token?: string) => {
    const { body } = await server.ask(query, { variables, token });
    const payload = (body.data as Record<string, { userErrors: { code: string }[] }> | undefined)?.[name];
    return [name, payload?.userErrors.map(({ code }) => code) ?? JSON.stringify(body.errors)];
  };
  for (const { name, args } of MUTATIONS) {
    const given = Object.fromEntries(args.map((arg) => [arg.name, inputOf(arg.type)]));
    const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
    const query = `mutation (${declared}) { ${name}(${args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')}) { userErrors { code } } }`;
    expect(await codeOf(name, query, given)).toEqual([name, ['UNAUTHORIZED']]);
    expect(await codeOf(name, query, given, 'ann-token')).toEqual([name, ['FORBIDDEN']]);
  }
  expect(MUTATIONS.length).toBeGreaterThan(20);
  expect(await dump()).toBe(before);
});
