/**
 * Which build a job tests, from its metadata. Rules are tried in order; the first whose keys match and whose build
 * template can be filled wins. One that cannot be run is passed over.
 */
import { type CompiledPattern, compilePattern } from './linear-pattern.ts';

/** "*" is any value, any other text the value itself; `regex` is found in it. */
export type Condition = string | { regex: string };

export type MappingRule = {
  /** Template of the project's slug: "linux-mainline" or "{git-tree}". */
  project: string;
  /** Metadata the job must have. */
  match: Record<string, Condition>;
  /** Slugs of the sources the rule is for; absent: all. */
  sources?: string[];
  build: string;
  branch?: string;
  commit?: string;
};

/** Characters of a name: names are found by an index, and no index takes a longer one. */
const LONGEST = 256;

export type BuildKey = { project: string; build: string; branch: string; commit: string | null };

/** The conventions of KernelCI and LKFT, used after all other rules. */
export const DEFAULT_RULES: readonly MappingRule[] = [
  {
    project: '{kernel.tree}',
    match: { 'kernel.tree': '*', 'git.describe': '*' },
    build: '{git.describe}',
    branch: '{git.branch}',
    commit: '{git.commit}',
  },
  {
    project: '{git-tree}',
    match: { 'git-tree': '*', 'git-describe': '*' },
    build: '{git-describe}',
    branch: '{git-branch}',
    commit: '{git-commit}',
  },
  {
    project: '{git-repo:basename}',
    match: { 'git-repo': '*', 'git-describe': '*' },
    build: '{git-describe}',
    branch: '{git-branch}',
    commit: '{git-commit}',
  },
  {
    project: '{git repo:basename}',
    match: { 'git repo': '*', 'git describe': '*' },
    build: '{git describe}',
    branch: '{git branch}',
    commit: '{git commit}',
  },
];

/** `rule`: its place among the rules. `lacks`: what keeps the job from the rule that is nearest to it, in words. */
export type Placing = { rule: number; key: BuildKey } | { rule: null; lacks: string[] };

export function deriveBuild(
  rules: readonly MappingRule[],
  source: string,
  metadata: Readonly<Record<string, string>>,
): BuildKey | null {
  const placing = placeJob(rules, source, metadata);
  return placing.rule === null ? null : placing.key;
}

export function placeJob(
  rules: readonly MappingRule[],
  source: string,
  metadata: Readonly<Record<string, string>>,
): Placing {
  let nearest: string[] | null = null;
  for (const [i, rule] of rules.entries()) {
    if ((rule.sources && !rule.sources.includes(source)) || ruleProblem(rule) !== null) continue;
    const found = tryRule(rule, metadata);
    if (!Array.isArray(found)) return { rule: i, key: found };
    if (nearest === null || found.length < nearest.length) nearest = found;
  }
  return { rule: null, lacks: nearest ?? [`a rule for ${source}`] };
}

const compiled = new WeakMap<object, CompiledPattern>();

/** Each condition is compiled once. */
function patternOf(wanted: { regex: string }): CompiledPattern {
  const known = compiled.get(wanted) ?? compilePattern(wanted.regex);
  compiled.set(wanted, known);
  return known;
}

/** Why it cannot be run, as after another engine refuses a regular expression of it; null where it can. */
export function ruleProblem({ match }: Pick<MappingRule, 'match'>): string | null {
  for (const [key, wanted] of Object.entries(match)) {
    if (typeof wanted === 'string') continue;
    const found = patternOf(wanted);
    if (!found.ok) return `${key}: /${wanted.regex}/ is no regular expression: ${found.problem}`;
  }
  return null;
}

function isMet(wanted: Condition, value: string): boolean {
  if (typeof wanted === 'string') return wanted === '*' || wanted === value;
  const found = patternOf(wanted);
  return found.ok && found.pattern.test(value);
}

/** The build, or what the job lacks. */
function tryRule(rule: MappingRule, metadata: Readonly<Record<string, string>>): BuildKey | string[] {
  const lacks = Object.entries(rule.match).flatMap(([key, wanted]) => {
    const value = metadata[key];
    if (value === undefined || value === '') return [key];
    return isMet(wanted, value) ? [] : [`${key}: ${typeof wanted === 'string' ? wanted : `/${wanted.regex}/`}`];
  });
  const project = fill(rule.project, metadata, lacks);
  const build = fill(rule.build, metadata, lacks);
  if (project === null || build === null || lacks.length > 0) return [...new Set(lacks)];
  return {
    project,
    build,
    branch: (rule.branch && fill(rule.branch, metadata)) || '',
    commit: (rule.commit && fill(rule.commit, metadata)) || null,
  };
}

/** The template with its {keys} replaced, or null when one is missing or it would be too long for a name. `{key:basename}` is the last part of a path. */
function fill(template: string, metadata: Readonly<Record<string, string>>, lacks: string[] = []): string | null {
  let complete = true;
  const text = template.replace(/\{([^{}]+?)(:basename)?\}/g, (_, name: string, basename?: string) => {
    const key = name.replace(/^metadata\./, '');
    const value = metadata[key];
    if (!value) {
      complete = false;
      lacks.push(key);
      return '';
    }
    return basename
      ? value
          .replace(/\/+$/, '')
          .replace(/^.*\//, '')
          .replace(/\.git$/, '')
      : value;
  });
  if (!complete) return null;
  if (text !== '' && text.length <= LONGEST) return text;
  lacks.push(text === '' ? `a name by ${template}` : `a name of at most ${LONGEST} characters by ${template}`);
  return null;
}
