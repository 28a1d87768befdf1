/** A rule with its patterns made ready, or what is wrong with them. */

import type { CompiledRule, IssueRule } from './known-issue.ts';
import { compilePattern } from './linear-pattern.ts';

export type RuleProblem = { field: keyof IssueRule; message: string };

const SAYS = ['source', 'project', 'deviceType', 'suite', 'name', 'errorPattern', 'logPattern'] as const;

export function compileRule(rule: IssueRule): { rule: CompiledRule | null; problems: RuleProblem[] } {
  const problems: RuleProblem[] = [];
  const ready = (field: 'errorPattern' | 'logPattern') => {
    const text = rule[field];
    const compiled = text === null ? null : compilePattern(text);
    if (compiled && !compiled.ok) problems.push({ field, message: `This is no pattern: ${compiled.problem}.` });
    return compiled?.ok ? compiled.pattern : null;
  };
  const [error, log] = [ready('errorPattern'), ready('logPattern')];
  if (SAYS.every((part) => rule[part] === null))
    problems.push({ field: 'errorPattern', message: 'Say at least one part: it would explain every failed job.' });
  return { rule: problems.length === 0 ? { ...rule, error, log } : null, problems };
}
