/** What people say of a known issue, checked; problems in words, with the field. */
import { z } from 'zod';
import { compileRule } from '#analysis/compile-rule.ts';
import type { CompiledRule } from '#analysis/known-issue.ts';
import type { IssueFields } from '#store/known-issue.ts';
import { errorOf, type Refusal } from './attempt.ts';
import type { KnownIssueRule, SaveKnownIssueInput } from './graphql/types.ts';
import { check } from './source-input.ts';

const Part = z
  .string()
  .trim()
  .max(500, 'At most 500 characters.')
  .nullish()
  .transform((text) => text || null);
const Instant = z
  .number()
  .nullish()
  .transform((at) => at ?? null);

const RuleInput = z.object({
  ...{ source: Part, project: Part, deviceType: Part, suite: Part, name: Part },
  ...{ errorPattern: Part, logPattern: Part, expiresAt: Instant },
});
const FieldsInput = z.object({
  title: z.string().trim().min(1, 'Write a title.').max(200, 'A title has at most 200 characters.'),
  url: Part.refine(
    (url) => url === null || /^https?:\/\/[^\s]+$/i.test(url),
    'Write an address that begins with http:// or https://.',
  ),
  fixedAt: Instant,
});

type Read<T> = { value: T; userErrors: null } | { value: null; userErrors: Refusal };

export function readRule(input: KnownIssueRule): Read<CompiledRule> {
  const checked = check(RuleInput, input);
  if (!checked.ok) return { value: null, userErrors: checked.userErrors };
  const { rule, problems } = compileRule(checked.value);
  return rule
    ? { value: rule, userErrors: null }
    : { value: null, userErrors: problems.map(({ field, message }) => errorOf('INVALID', message, field)) };
}

export function readFields(input: SaveKnownIssueInput): Read<IssueFields> {
  const rule = readRule(input.rule);
  const fields = check(FieldsInput, input);
  if (!rule.value || !fields.ok) {
    const userErrors = [...(fields.ok ? [] : fields.userErrors), ...(rule.userErrors ?? [])];
    return { value: null, userErrors };
  }
  const { error: _, log: __, ...parts } = rule.value;
  const culprit = input.culprit === 'UNKNOWN' ? null : (input.culprit ?? null);
  return { value: { ...parts, ...fields.value, culprit, intermittent: input.intermittent ?? false }, userErrors: null };
}
