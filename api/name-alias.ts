/** Names of device types and submitters that mean the same. */
import { z } from 'zod';
import { suggestAliases, tryAlias } from '#store/alias-trial.ts';
import { addAlias, listAliases, obstacleOf, removeAlias } from '#store/name-alias.ts';
import { allSources } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import { adminOf, isAdmin } from '#store/visibility.ts';
import { attempt, type Change, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type { NameAliases, Resolvers } from './graphql/types.ts';
import { check } from './source-input.ts';

const Name = z.string().trim().min(1, 'Write a name.').max(256, 'A name has at most 256 characters.');
const Key = z.object({
  kind: z.enum(['DEVICE_TYPE', 'SUBMITTER']),
  source: z
    .string()
    .nullish()
    .transform((slug) => slug ?? ''),
  name: Name,
});
const Input = Key.extend({ alias: Name }).refine(({ name, alias }) => name !== alias, {
  path: ['alias'],
  error: 'That is the name it has: write another one.',
});

async function aliasesOf({ viewer }: Context, store: Store): Promise<NameAliases> {
  const given = await listAliases(store, viewer);
  return {
    given: given.map((row) => ({ ...row, source: row.source || null })),
    suggested: await suggestAliases(store, viewer),
  };
}

/** What is wrong with the input, or what comes of the work. */
async function checked<Out extends { source: string }, T>(
  context: Context,
  schema: z.ZodType<Out>,
  input: unknown,
  work: (given: Out, change: Change) => Promise<T | Refusal>,
) {
  return attempt<T>(
    context,
    adminOf,
    async (change) => {
      const parsed = check(schema, input);
      if (!parsed.ok) return parsed.userErrors;
      const { source } = parsed.value;
      const isKnown =
        source === '' || (await allSources(context.store, context.viewer)).some((row) => row.slug === source);
      if (!isKnown) return [errorOf('INVALID', `No source is called "${source}".`, 'source')];
      return work(parsed.value, change);
    },
    'name',
  );
}

async function changed<Out extends { source: string }>(
  context: Context,
  schema: z.ZodType<Out>,
  input: unknown,
  work: (given: Out, change: Change) => Promise<void>,
) {
  const { done, userErrors } = await checked(context, schema, input, async (given, change) => {
    await work(given, change);
    return aliasesOf(context, change.store);
  });
  return { aliases: done, userErrors };
}

export const nameAlias: Pick<Resolvers, 'Query' | 'Mutation'> = {
  Query: {
    nameAliases: (_, __, context) => (isAdmin(context.viewer) ? aliasesOf(context, context.store) : null),
    async tryAlias(_, { input }, context) {
      const { done, userErrors } = await checked(context, Input, input, async (given, { store }) => {
        const obstacle = await obstacleOf(store.sql, given);
        return obstacle ? [errorOf('CONFLICT', `${obstacle}.`, 'name')] : tryAlias(store, context.viewer, given);
      });
      return { trial: done, userErrors };
    },
  },
  Mutation: {
    addAlias: (_, { input }, context) =>
      changed(context, Input, input, (given, { store, at }) => addAlias(store, context.viewer, given, at)),
    removeAlias: (_, { input }, context) =>
      changed(context, Key, input, (given, { store, at }) => removeAlias(store, context.viewer, given, at)),
  },
};
