/**
 * Conditions of a mapping rule, a line each: "git.branch" has any value, "git.branch = master" this one,
 * "git.branch ~ ^linux-" one in which RE2 finds it.
 */
export type Condition = { key: string; value: string | null; regex: string | null };

export function readConditions(lines: string): Condition[] {
  return lines
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, key, sign, rest] = /^(.+?)\s+([=~])\s+(.*)$/.exec(line) ?? [];
      if (key === undefined || rest === undefined) return { key: line, value: null, regex: null };
      return sign === '~' ? { key, value: null, regex: rest } : { key, value: rest, regex: null };
    });
}

export function conditionLines(conditions: readonly Condition[]): string {
  return conditions.map(conditionInWords).join('\n');
}

export function conditionInWords({ key, value, regex }: Condition): string {
  return regex !== null ? `${key} ~ ${regex}` : value !== null ? `${key} = ${value}` : key;
}
