/** Rules by which jobs belong to builds: read, tried and kept. */
import { z } from 'zod';
import { DEFAULT_RULES, type MappingRule as Rule, ruleProblem } from '#analysis/build-mapping.ts';
import { getRulesProgress } from '#store/apply-rules.ts';
import { MappingRule } from '#store/mapping-rule.ts';
import { getKeptRules, inForce, saveKeptRules } from '#store/mapping-rules.ts';
import { tryMapping } from '#store/mapping-trial.ts';
import { allSources } from '#store/source.ts';
import type { Store } from '#store/store.ts';
import { adminOf, isAdmin } from '#store/visibility.ts';
import { attempt, errorOf, type Refusal } from './attempt.ts';
import type { Context } from './context.ts';
import type {
  MappingRuleInput,
  MappingRuleOrigin,
  MappingRule as MappingRuleShown,
  MappingRules,
  Resolvers,
} from './graphql/types.ts';
import { check } from './source-input.ts';

const MAX_RULES = 100;
const MAX_JOBS = 100_000;
const USUAL_JOBS = 10_000;
const LISTED = 20;

const RuleList = z.array(MappingRule).max(MAX_RULES, `at most ${MAX_RULES} rules are kept`);
const Jobs = z.int().min(1, 'look at a job at least').max(MAX_JOBS, `look at ${MAX_JOBS} jobs at most`);

const toRule = ({ project, sources, conditions, build, branch, commit }: MappingRuleInput) => ({
  ...{ project, build },
  match: Object.fromEntries(conditions.map(({ key, value, regex }) => [key, regex ? { regex } : (value ?? '*')])),
  ...(sources && { sources }),
  ...(branch && { branch }),
  ...(commit && { commit }),
});

const toShown =
  (origin: MappingRuleOrigin) =>
  ({ project, sources, match, build, branch, commit }: Rule): MappingRuleShown => ({
    problem: ruleProblem({ match }),
    ...{ origin, project, build, sources: sources ?? null, branch: branch ?? null, commit: commit ?? null },
    conditions: Object.entries(match).map(([key, wanted]) => ({
      key,
      value: typeof wanted === 'string' && wanted !== '*' ? wanted : null,
      regex: typeof wanted === 'string' ? null : wanted.regex,
    })),
  });

/** As it is in this store, which may be newer than the one that is read. */
async function mappingOf({ rules: ofFile, viewer }: Context, store: Store): Promise<MappingRules> {
  const { revision, rules, change } = await getKeptRules(store, viewer);
  const all = [...ofFile.map(toShown('FILE')), ...rules.map(toShown('KEPT')), ...DEFAULT_RULES.map(toShown('KNOWN'))];
  const progress = await getRulesProgress(store, viewer);
  return {
    revision,
    rules: all,
    lastChange: change && { ...change, before: change.before.map(toShown('KEPT')) },
    progress,
  };
}

/** What is given twice, what is no rule, and sources that there are not. */
async function read({ store, viewer }: Context, given: readonly MappingRuleInput[]): Promise<Rule[] | Refusal> {
  const twice = given.flatMap(({ conditions }, i) => {
    const again = conditions.find(({ key }, k) => conditions.findIndex((one) => one.key === key) !== k);
    return again
      ? [errorOf('INVALID', `"${again.key}" has two conditions: write one.`, `${i}.match.${again.key}`)]
      : [];
  });
  if (twice.length > 0) return twice;
  const checked = check(RuleList, given.map(toRule));
  if (!checked.ok) return checked.userErrors;
  const slugs = new Set((await allSources(store, viewer)).map(({ slug }) => slug));
  const unknown = checked.value.flatMap(({ sources = [] }, i) =>
    sources
      .filter((slug) => !slugs.has(slug))
      .map((slug) => errorOf('INVALID', `No source is called "${slug}".`, `${i}.sources`)),
  );
  return unknown.length > 0 ? unknown : checked.value;
}

const isRefusal = (rules: Rule[] | Refusal): rules is Refusal => rules.some((one) => 'code' in one);

export const mapping: Pick<Resolvers, 'Query' | 'Mutation'> = {
  Query: {
    mappingRules: (_, __, context) => (isAdmin(context.viewer) ? mappingOf(context, context.store) : null),
    async tryMapping(_, { input: { rules: given, jobs } }, context) {
      const { done, userErrors } = await attempt(
        context,
        adminOf,
        async ({ store }) => {
          const limit = check(Jobs, jobs ?? USUAL_JOBS);
          if (!limit.ok) return limit.userErrors.map((error) => ({ ...error, field: 'jobs' }));
          const rules = await read(context, given);
          if (isRefusal(rules)) return rules;
          return { trial: await tryMapping(store, context.viewer, inForce(context.rules, rules), limit.value) };
        },
        'rules',
      );
      if (!done) return { trial: null, userErrors };
      const { unmatched, projects, appearing, vanishing, ...counts } = done.trial;
      return {
        trial: {
          ...counts,
          unmatched: unmatched.slice(0, LISTED),
          projects: projects.slice(0, LISTED),
          appearingCount: appearing.length,
          appearing: appearing.slice(0, LISTED),
          vanishingCount: vanishing.length,
          vanishing: vanishing.slice(0, LISTED),
        },
        userErrors,
      };
    },
  },
  Mutation: {
    async saveMapping(_, { input: { revision, rules: given } }, context) {
      const { done, userErrors } = await attempt(
        context,
        adminOf,
        async ({ store, at }) => {
          const rules = await read(context, given);
          if (isRefusal(rules)) return rules;
          await saveKeptRules(store, context.viewer, { revision, rules }, at);
          return { mapping: await mappingOf(context, store) };
        },
        'revision',
      );
      return { mapping: done?.mapping ?? null, userErrors };
    },
  },
};
