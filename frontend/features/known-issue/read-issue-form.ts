/** The form as the address has it, the trial that it asks for, and what is wrong with it. */
import { ask } from '@/api-client.ts';
import { TryIssueDocument } from '@/graphql/graphql.ts';
import type { SearchParams } from '@/ui/filter.ts';
import { type IssueForm, readForm, toRule } from './issue-form.ts';

const WRONG: Record<string, string> = {
  title: 'Write a title of at most 200 characters.',
  url: 'Write an address that begins with http:// or https://.',
  source: 'There is no such lab here.',
};
const NOT_SAVED = 'It was not saved. See what is said above, or whether you may still change it.';

export async function readIssueForm(params: SearchParams, saved: IssueForm | null, mayChange: boolean) {
  const of = (key: string) => [params[key]].flat()[0];
  const isGiven = of('try') !== undefined || of('wrong') !== undefined;
  const form = isGiven || !saved ? readForm(of) : saved;
  const trial = isGiven && mayChange ? (await ask(TryIssueDocument, { rule: toRule(form) })).tryKnownIssue : null;
  const wrong = of('wrong')?.split(',') ?? [];
  const problems = [
    ...(trial?.userErrors ?? []),
    ...wrong.flatMap((field) => (WRONG[field] ? [{ field, message: WRONG[field] }] : [])),
  ];
  if (wrong.length > 0 && problems.length === 0) problems.push({ field: null, message: NOT_SAVED });
  return { form, problems, trial: trial && trial.userErrors.length === 0 ? trial : null };
}
