/** A mapping rule in a form: the fields of the form are the keys of the address, so that a draft can be tried without script. */
import type { MappingRuleInput, MappingRulePartsFragment } from '@/graphql/graphql.ts';
import { conditionLines, readConditions } from './conditions.ts';

/** `rule`: its place among the rules kept here, or "new". */
export type Draft = {
  rule: string;
  project: string;
  lab: string[];
  if: string;
  build: string;
  branch: string;
  commit: string;
};

type Given = { get(key: string): unknown; getAll(key: string): unknown[] };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function readDraft(given: Given): Draft {
  const of = (key: string) => text(given.get(key)).trim();
  const lab = given
    .getAll('lab')
    .map(text)
    .filter((slug) => slug !== '');
  return {
    rule: of('rule'),
    project: of('project'),
    lab,
    if: of('if'),
    build: of('build'),
    branch: of('branch'),
    commit: of('commit'),
  };
}

export function draftOf(rule: string, of: MappingRulePartsFragment | null): Draft {
  return {
    rule,
    project: of?.project ?? '',
    lab: [...(of?.sources ?? [])],
    if: conditionLines(of?.conditions ?? []),
    build: of?.build ?? '',
    branch: of?.branch ?? '',
    commit: of?.commit ?? '',
  };
}

export function toRuleInput({ project, lab, if: lines, build, branch, commit }: Draft): MappingRuleInput {
  return {
    ...{ project, build, conditions: readConditions(lines) },
    ...(lab.length > 0 && { sources: lab }),
    ...(branch && { branch }),
    ...(commit && { commit }),
  };
}

/** A rule as it was answered, for another question. */
export function asInput({
  origin: _,
  problem: __,
  sources,
  conditions,
  ...rule
}: MappingRulePartsFragment): MappingRuleInput {
  return { ...rule, sources: sources && [...sources], conditions: conditions.map((one) => ({ ...one })) };
}

export function draftHref(draft: Draft): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(draft))
    for (const one of [value].flat()) if (one !== '') params.append(key, one);
  return `/mapping?${params}#draft`;
}
