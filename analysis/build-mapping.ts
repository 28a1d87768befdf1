/**
 * Which build a job tests, from its metadata. Rules are tried in order; the first whose keys match and whose build
 * template can be filled wins.
 */
export type MappingRule = {
  /** Template of the project's slug: "linux-mainline" or "{git-tree}". */
  project: string;
  /** Metadata the job must have; "*" accepts any value. */
  match: Record<string, string>;
  /** Slugs of the sources the rule is for; absent: all. */
  sources?: string[];
  build: string;
  branch?: string;
  commit?: string;
};

/** Characters of a name: names are found by an index, and no index takes a longer one. */
const LONGEST = 256;

export type BuildKey = { project: string; build: string; branch: string; commit: string | null };

/** The conventions of KernelCI and LKFT, used after the rules of the configuration. */
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

export function deriveBuild(
  rules: readonly MappingRule[],
  source: string,
  metadata: Readonly<Record<string, string>>,
): BuildKey | null {
  for (const rule of rules) {
    if (rule.sources && !rule.sources.includes(source)) continue;
    const matches = Object.entries(rule.match).every(([key, wanted]) => {
      const value = metadata[key];
      return value !== undefined && value !== '' && (wanted === '*' || wanted === value);
    });
    if (!matches) continue;
    const project = fill(rule.project, metadata);
    const build = fill(rule.build, metadata);
    if (project === null || build === null) continue;
    return {
      project,
      build,
      branch: (rule.branch && fill(rule.branch, metadata)) || '',
      commit: (rule.commit && fill(rule.commit, metadata)) || null,
    };
  }
  return null;
}

/** The template with its {keys} replaced, or null when one is missing or it would be too long for a name. `{key:basename}` is the last part of a path. */
function fill(template: string, metadata: Readonly<Record<string, string>>): string | null {
  let complete = true;
  const text = template.replace(/\{([^{}]+?)(:basename)?\}/g, (_, name: string, basename?: string) => {
    const value = metadata[name.replace(/^metadata\./, '')];
    if (!value) {
      complete = false;
      return '';
    }
    return basename
      ? value
          .replace(/\/+$/, '')
          .replace(/^.*\//, '')
          .replace(/\.git$/, '')
      : value;
  });
  return complete && text !== '' && text.length <= LONGEST ? text : null;
}
